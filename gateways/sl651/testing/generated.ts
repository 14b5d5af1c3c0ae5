import fc from 'fast-check'
import { classes, elements, special } from '../fields.ts'
import { control, type Frame } from '../frame.ts'
import type { Item, Message, Part } from '../message.ts'

/** 2000 to 2069, whole minutes in epoch ms. */
const minute = fc.integer({ min: 15_778_080, max: 52_000_000 }).map((minutes) => minutes * 60_000)
const address = fc.stringMatching(/^[0-9A-F]{10}$/)
const oneElement = fc.constantFrom(...elements.values())

/** A number that its bytes and decimals can hold. */
function numbers(bytes: number, decimals: number): fc.Arbitrary<number | null> {
  const positive = fc.integer({ min: 0, max: 10 ** Math.min(12, 2 * bytes) - 1 })
  const lowest = -(10 ** Math.min(12, 2 * bytes - 2) - 1)
  const whole = bytes < 2 ? positive : fc.oneof({ weight: 4, arbitrary: positive }, fc.integer({ min: lowest, max: -1 }))
  return fc.option(
    whole.map((value) => value / 10 ** decimals),
    { nil: null, freq: 8 },
  )
}

const widthOf = oneElement.map(({ id, definition }) => ({ id, bytes: definition >> 3, decimals: definition & 7 }))
const number: fc.Arbitrary<Item> = widthOf.chain(({ id, bytes, decimals }) =>
  numbers(bytes, decimals).map((value) => ({ kind: 'number' as const, id, bytes, decimals, value })),
)
const run: fc.Arbitrary<Item> = widthOf.chain(({ id, bytes, decimals }) =>
  fc
    .array(numbers(bytes, decimals), { minLength: 1, maxLength: 8 })
    .map((values) => ({ kind: 'run' as const, id, bytes, decimals, values })),
)
const slots = (most: number, perUnit: number): fc.Arbitrary<(number | null)[]> =>
  fc.array(
    fc.option(
      fc.nat(most).map((raw) => raw / perUnit),
      { nil: null },
    ),
    { minLength: 12, maxLength: 12 },
  )
const series: fc.Arbitrary<Item> = fc.oneof(
  slots(0xfe, 10).map((values) => ({ kind: 'series' as const, id: special.rain5min, values })),
  fc
    .tuple(fc.integer({ min: special.level5minFirst, max: special.level5minLast }), slots(0xfffe, 100))
    .map(([id, values]) => ({ kind: 'series' as const, id, values })),
)
const status: fc.Arbitrary<Item> = fc.nat(0xffffffff).map((bits) => ({ kind: 'status' as const, bits }))
const step: fc.Arbitrary<Item> = fc
  .tuple(fc.constantFrom('days', 'hours', 'minutes'), fc.integer({ min: 1, max: 59 }))
  .map(([unit, count]) => ({ kind: 'step' as const, days: 0, hours: 0, minutes: 0, [unit]: count }))

const stationClass = fc.constantFrom(...classes.keys())
const part = (items: fc.Arbitrary<Item[]>): fc.Arbitrary<Part> => fc.record({ station: address, stationClass, observedAt: minute, items })

const head = { serial: fc.integer({ min: 1, max: 65_535 }), sentAt: minute.map((at) => at + 7_000) }

/** Several times of one station or several: what differs tells them apart. */
const dataParts = fc
  .array(part(fc.array(fc.oneof(number, series, status), { minLength: 1, maxLength: 5 })), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.filter((each, i) => each.observedAt !== parts[i - 1]?.observedAt))

/** A function code with a message that it may carry. */
export const upload: fc.Arbitrary<{ code: number; message: Message }> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      code: fc.constantFrom(0x30, 0x32, 0x33, 0x34, 0x37, 0x3a),
      message: fc.record({ ...head, parts: dataParts, text: fc.constant(null) }),
    }),
  },
  fc.record({
    code: fc.constantFrom(0x31, 0x38),
    message: fc.record({ ...head, parts: fc.tuple(part(fc.tuple(step, run))), text: fc.constant(null) }),
  }),
  fc.record({
    code: fc.constantFrom(0x35, 0x39),
    message: fc.record({ ...head, parts: fc.constant<Part[]>([]), text: fc.stringMatching(/^[ -~]{1,60}$/) }),
  }),
)

/** The fields of a frame around a body. */
export const envelope = (encoding: Frame['encoding']): fc.Arbitrary<Omit<Frame, 'body' | 'code'>> =>
  fc.record({
    encoding: fc.constant(encoding),
    direction: fc.constantFrom('up', 'down'),
    centre: fc.nat(255),
    station: address,
    password: fc.nat(65_535),
    packet: fc.option(
      fc.integer({ min: 1, max: 4095 }).chain((total) => fc.integer({ min: 1, max: total }).map((number) => ({ total, number }))),
      { nil: null },
    ),
    end: fc.constantFrom(control.ETX, control.ETB, control.ENQ, control.ACK, control.NAK, control.EOT, control.ESC),
  })
