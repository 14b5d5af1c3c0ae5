import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { unknownDevice, type Decoded } from '../../domain/codec.ts'
import { findParameter } from '../../domain/parameters.ts'
import type { Szy206Settings } from '../../domain/network.ts'
import { expectSame } from '../../testing/same.ts'
import { szy206, topicOf } from './codec.ts'
import { kinds, layouts } from './fields.ts'
import { createScanner, crc8, readFrame, writeFrame, type Frame, type Scanned } from './frame.ts'
import { momentOf, readBcd, readReport, writeBcd, writeReport, type Report } from './report.ts'

interface Fixture {
  name: string
  hex: string
  frame: object
  report: object
  readings: string[]
  refused: string[]
}

const fixtures = JSON.parse(readFileSync(new URL('testdata/frames.json', import.meta.url), 'utf8')) as Fixture[]
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
/** The tenth of August 2026, noon in Beijing. */
const receivedAt = Date.UTC(2026, 7, 10, 4)

function frameOf(bytes: Buffer): Frame {
  const read = readFrame(bytes, 0)
  if (typeof read === 'symbol' || !('frame' in read)) throw new Error(`no frame in ${bytes.toString('hex')}`)
  return read.frame
}

const settings: Szy206Settings = { address: '5303810D00', confirm: null, levelDecimals: null, missingAA: false }
const decode = (bytes: Buffer, declared: Partial<Szy206Settings> = {}, at = receivedAt): Decoded =>
  szy206.decode(bytes, { ...unknownDevice, szy206: { ...settings, ...declared } }, at)

const linesOf = ({ groups }: Decoded): string[] =>
  groups.flatMap(({ at, readings, housekeeping = [] }) => {
    const time = `${new Date((at ?? 0) + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`
    return [
      ...readings.map(({ name, value }) => `${time} ${name} = ${value}`),
      ...housekeeping.map((one) => `${time} (${one.name} = ${one.value})`),
    ]
  })
const refusedIn = ({ rejections }: Decoded): string[] => rejections.map(({ reason, detail }) => `${reason}: ${detail}`)

for (const { name, hex, frame, report, readings, refused } of fixtures)
  test(`${name} is read as written in its golden file`, () => {
    const { data, ...fields } = frameOf(bytesOf(hex))
    expect(fields).toEqual(frame)
    expect(
      writeFrame({ ...frameOf(bytesOf(hex)), data })
        .toString('hex')
        .toUpperCase(),
    ).toBe(hex)
    const read = readReport(frameOf(bytesOf(hex)))
    if ('problem' in read) throw new Error(read.problem)
    const values = Object.fromEntries(read.values.map(({ field, bytes }) => [field.name, Buffer.from(bytes).toString('hex').toUpperCase()]))
    expect({ ...read, values }).toEqual(report)
    expect(linesOf(decode(bytesOf(hex)))).toEqual(readings)
    expect(refusedIn(decode(bytesOf(hex)))).toEqual(refused)
  })

test('AA bytes are a missing value for a device that declares it', () => {
  const decoded = decode(bytesOf(fixtures[0]?.hex ?? ''), { missingAA: true })
  expect(linesOf(decoded)[0]).toBe('2026-08-01T00:00:00+08:00 flow = null')
  expect(decoded.rejections).toEqual([])
})

const report = (kind: number, data: string, more: Partial<Frame> = {}): Buffer =>
  writeFrame({
    direction: 'up',
    count: 0,
    kind,
    split: null,
    station: '5303810D00',
    code: 0xc0,
    data: bytesOf(`${data}000000000030080900`),
    ...more,
  })

test('rain has a decimal, levels only those that the device declares, and signs are not guessed', () => {
  expect(linesOf(decode(report(1, '250100')))[0]).toBe('2026-08-09T08:30:00+08:00 rain = 12.5')
  const level = report(2, '45230100')
  expect(refusedIn(decode(level))[0]).toMatch(/^unknown-parameter: level is 45230100: its decimals are not verified/)
  expect(linesOf(decode(level, { levelDecimals: 3 }))[0]).toBe('2026-08-09T08:30:00+08:00 level = 12.345')
  expect(refusedIn(decode(report(2, '452301f0'), { levelDecimals: 3 }))[0]).toMatch(/^not-finite: level is 452301F0, no number in BCD/)
  expect(refusedIn(decode(report(2, '45230110'), { levelDecimals: 3 }))[0]).toMatch(/whose sign digit is not 0/)
})

test('what is not described is refused by its name, and kept', () => {
  const refused = (bytes: Buffer, sentence: string): void => {
    const { groups, rejections } = decode(bytes)
    expect(groups).toEqual([])
    expect(rejections).toEqual([expect.objectContaining({ detail: expect.stringContaining(sentence) as unknown, item: null })])
  }
  refused(report(10, '0000'), 'how values of data type 10 (quality) are written is not described')
  refused(report(3, '00'), 'a report of data type 3 (flow and volume) with 10 bytes of data is not described')
  refused(report(1, '250100', { split: 2 }), 'a packet of a split report (2 to come)')
  refused(report(1, '', { code: 0xb1 }), 'AFN B1 (answer with history)')
  refused(report(1, '', { code: 0x33 }), 'AFN 33 (reserved)')
  refused(Buffer.from('hello'), 'not a frame of SZY 206')
  refused(Buffer.concat([report(1, '250100'), Buffer.of(0)]), 'not a frame of SZY 206')
})

test('a link check holds nothing', () => {
  expect(decode(report(3, '', { code: 0x02, data: Buffer.of(0xf2) }))).toEqual({ groups: [], items: null, rejections: [] })
})

test('a topic names the AFN, and no name of a value is a parameter: only a channel says its series', () => {
  expect([topicOf(0xc0), szy206.reads('szy206/C0'), szy206.reads('sl651/32')]).toEqual(['szy206/C0', true, false])
  for (const fields of [...layouts.values()].flat(2)) expect([fields.name, findParameter(fields.name)]).toEqual([fields.name, null])
  expect(kinds).toHaveLength(16)
})

test('a day belongs to the latest month that is at most a day ahead', () => {
  const moment = (day: string, received: string): string => {
    const found = momentOf({ day, hour: '23', minute: '59', second: '00', delay: 0 }, Date.parse(received), '+08:00')
    return 'at' in found ? new Date(found.at + 8 * 3_600_000).toISOString().slice(0, 16) : found.reason
  }
  expect(moment('09', '2026-08-10T00:00:00+08:00')).toBe('2026-08-09T23:59')
  expect(moment('31', '2026-09-01T00:01:00+08:00')).toBe('2026-08-31T23:59')
  expect(moment('31', '2027-01-01T00:01:00+08:00')).toBe('2026-12-31T23:59')
  expect(moment('01', '2026-08-31T23:58:00+08:00')).toBe('2026-08-01T23:59')
  expect(moment('01', '2026-09-01T06:00:00+08:00')).toBe('2026-09-01T23:59')
  expect(moment('31', '2026-03-01T12:00:00+08:00')).toBe('2026-01-31T23:59')
  expect(moment('29', '2028-03-01T12:00:00+08:00')).toBe('2028-02-29T23:59')
  expect(moment('00', '2026-08-10T00:00:00+08:00')).toBe('bad-time')
  expect(moment('AA', '2026-08-10T00:00:00+08:00')).toBe('bad-time')
})

test('BCD is written low byte first', () => {
  expect(writeBcd(106_182, 5).toString('hex')).toBe('8261100000')
  expect(readBcd(bytesOf('8261100000'))).toBe('0000106182')
  expect(readBcd(bytesOf('0a'))).toBeNull()
  expect(() => writeBcd(1000, 1)).toThrow('does not fit')
  expect(() => writeBcd(-1, 1)).toThrow('does not fit')
})

/** GAUGEKEEPER_LONG=1 runs 100,000 frames instead of the 2,000 of CI. */
const long = process.env.GAUGEKEEPER_LONG === '1'
const address = fc.uint8Array({ minLength: 5, maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase())
const byte = fc.nat(255)
const frames = fc.record({
  direction: fc.constantFrom('up', 'down'),
  count: fc.nat(3),
  kind: fc.nat(15),
  split: fc.option(byte, { nil: null }),
  station: address,
  code: byte,
  data: fc.uint8Array({ maxLength: 247 }).map((bytes) => Buffer.from(bytes)),
}) as fc.Arbitrary<Frame>

const two = (most: number): fc.Arbitrary<string> => fc.nat(most).map((number) => String(number).padStart(2, '0'))
const layout = fc.constantFrom(...[...layouts].flatMap(([kind, all]) => all.map((fields) => ({ kind, fields }))))
const reports = layout.chain(({ kind, fields }) =>
  fc.record({
    kind: fc.constant(kind),
    numbers: fc.tuple(...fields.map(({ bytes, isSigned }) => fc.nat(10 ** (2 * bytes - (isSigned ? 1 : 0)) - 1))),
    fields: fc.constant(fields),
    alarm: fc.nat(0xffff),
    state: fc.nat(0xffff),
    tp: fc.record({
      day: fc.integer({ min: 1, max: 28 }).map((day) => String(day).padStart(2, '0')),
      hour: two(23),
      minute: two(59),
      second: two(59),
      delay: byte,
    }),
  }),
)

test('decode of encode is the same, frames of any kind', () => {
  fc.assert(
    fc.property(frames, (frame) => {
      const written = writeFrame(frame)
      expectSame(readFrame(written, 0), { frame, length: written.length })
    }),
    { numRuns: long ? 100_000 : 2_000 },
  )
}, 600_000)

test('decode of encode is the same, reports with their values', () => {
  const head = fc.record({ station: address, count: fc.nat(3) })
  fc.assert(
    fc.property(head, reports, (named, { kind, numbers, fields, ...rest }) => {
      const values = fields.map((field, i) => ({ field, bytes: writeBcd(numbers[i] ?? 0, field.bytes) }))
      const made: Report = { values, ...rest }
      const frame: Frame = { ...named, direction: 'up', kind, split: null, code: 0xc0, data: writeReport(made) }
      const bytes = writeFrame(frame)
      expectSame(readReport(frameOf(bytes)), made)
      const read = decode(bytes, { levelDecimals: 3 }).groups.flatMap(({ readings }) => readings.map(({ name, value }) => [name, value]))
      expectSame(
        read,
        fields.map(({ name, decimals }, i) => [name, (numbers[i] ?? 0) / 10 ** (decimals ?? 3)]),
      )
    }),
    { numRuns: long ? 100_000 : 2_000 },
  )
}, 600_000)

const good = fixtures.map(({ hex }) => bytesOf(hex))
const framesIn = (found: readonly Scanned[]): string[] =>
  found.flatMap((each) => (each.fault === undefined ? [each.bytes.toString('hex')] : []))

test('every frame cut at every byte is found', () => {
  for (const frame of good)
    for (let at = 1; at < frame.length; at++) {
      const scanner = createScanner()
      const found = [...scanner.push(frame.subarray(0, at)), ...scanner.push(frame.subarray(at))]
      expect(framesIn(found)).toEqual([frame.toString('hex')])
      expect(scanner.pending()).toBe(0)
    }
})

test('frames joined, cut anywhere and among junk are all found', () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(...['', '68', '6815', '68FF68', '680168', '680068', '16', '6868'].map(bytesOf)),
    fc.constantFrom(...good).chain((frame) => fc.nat(frame.length - 1).map((cut) => frame.subarray(0, cut))),
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(junk, fc.constantFrom(...good)), { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
      (pieces, cuts) => {
        const stream = Buffer.concat(pieces.flat())
        const scanner = createScanner()
        const found: Scanned[] = []
        for (let at = 0; at < stream.length;) {
          const next = at + (cuts.next().value ?? 1)
          found.push(...scanner.push(stream.subarray(at, next)))
          at = next
        }
        const wanted = pieces.map(([, frame]) => frame.toString('hex'))
        expect(framesIn(found).filter((hex) => wanted.includes(hex)).length).toBeGreaterThanOrEqual(wanted.length)
      },
    ),
    { numRuns: long ? 20_000 : 500 },
  )
}, 600_000)

test('a frame that was spoilt is refused with its reason, and the next one is found', () => {
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = [good[1], good[0]]
  const spoilt = (change: (bytes: Buffer) => void, reason: string): void => {
    const bytes = Buffer.from(first)
    change(bytes)
    const scanner = createScanner()
    const found = scanner.push(Buffer.concat([bytes, second]))
    expect(framesIn(found)).toEqual([second.toString('hex')])
    expect(found.flatMap(({ fault }) => fault ?? [])[0]).toBe(reason)
  }
  spoilt((bytes) => (bytes[12] = (bytes[12] ?? 0) ^ 1), 'bad-crc')
  spoilt((bytes) => (bytes[1] = (bytes[1] ?? 0) - 1), 'bad-end')
  spoilt((bytes) => (bytes[1] = 0xff), 'truncated')
  spoilt((bytes) => (bytes[1] = 3), 'bad-length')
  spoilt((bytes) => (bytes[1] = 1), 'picture')
  spoilt((bytes) => (bytes[0] = 0), 'junk')
})

test('the check byte is CRC-8 with polynomial E5', () => {
  expect(crc8(Buffer.alloc(0))).toBe(0)
  expect(crc8(Buffer.of(1))).toBe(0xe5)
  expect(crc8(bytesOf('B34406070001C0AAAAAAAAAA004040000000000101'))).toBe(0xe5)
})

test('nothing but a frame is kept', () => {
  const scanner = createScanner()
  scanner.push(Buffer.alloc(1_000_000, 0x55))
  expect(scanner.pending()).toBe(0)
  for (let i = 0; i < 1000; i++) scanner.push(Buffer.from('68FF6800', 'hex'))
  expect(scanner.pending()).toBeLessThan(600)
})

test('a frame holds what its length can say', () => {
  const frame = frameOf(good[1] ?? Buffer.alloc(0))
  expect(() => writeFrame({ ...frame, data: Buffer.alloc(249) })).toThrow('holds 248 bytes')
  expect(() => writeFrame({ ...frame, split: 1, data: Buffer.alloc(248) })).toThrow('holds 247 bytes')
})
