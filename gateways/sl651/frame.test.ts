import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { unknownDevice } from '../../domain/codec.ts'
import { decodeFrame, join, readMessage, writeMessage } from './codec.ts'
import { crc16 } from './crc.ts'
import { elements, functions, special } from './fields.ts'
import { readFrame, writeFrame, type Frame } from './frame.ts'
import { expectSame } from '../../testing/same.ts'
import type { Message, Unreadable } from './message.ts'
import { createScanner, type Scanned } from './scanner.ts'
import { envelope, upload } from './testing/generated.ts'

interface Fixture {
  name: string
  hex: string
  fault?: string
  frame?: Omit<Frame, 'body'>
  message?: unknown
  readings?: unknown[]
  refused?: unknown[]
}

const fixtures = JSON.parse(readFileSync(new URL('testdata/frames.json', import.meta.url), 'utf8')) as Fixture[]
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
const long = process.env.GAUGEKEEPER_LONG === '1'
const numRuns = long ? 100_000 : 2_000

function frameOf(hex: string): Frame {
  const read = readFrame(bytesOf(hex), 0)
  if (typeof read === 'symbol' || !('frame' in read)) throw new Error(`no frame in ${hex}`)
  return read.frame
}

/** A message as it stands in a fixture: bytes as HEX. */
const plain = (message: Message | Unreadable): unknown =>
  JSON.parse(
    JSON.stringify(message, (_, value: unknown) => {
      const isBytes = typeof value === 'object' && value !== null && (value as { type?: string }).type === 'Buffer'
      return isBytes
        ? Buffer.from((value as { data: number[] }).data)
            .toString('hex')
            .toUpperCase()
        : value
    }),
  )

for (const { name, hex, fault, frame, message, readings, refused } of fixtures)
  test(`${name} is read as written in its golden file`, () => {
    const read = readFrame(bytesOf(hex), 0)
    if (fault !== undefined) return expect(read).toMatchObject({ fault })
    const { body: _, ...fields } = frameOf(hex)
    expect(fields).toEqual(frame)
    expect(writeFrame(frameOf(hex)).toString('hex').toUpperCase()).toBe(hex)
    if (frame?.direction === 'down' || frame?.packet !== null) return
    expect(plain(readMessage(frameOf(hex)))).toEqual(message)
    const { groups, rejections } = decodeFrame(frameOf(hex), unknownDevice)
    const shown = groups.map((group) => [
      new Date(group.at ?? 0).toISOString(),
      ...[...group.readings, ...(group.housekeeping ?? [])].map(({ name: key, value, unit }) => [key, value, unit]),
    ])
    expect(shown).toEqual(readings)
    expect(rejections).toEqual(refused)
  })

test("the standard's picture: its 13 packets join to one upload, which holds a JPEG and no readings", () => {
  const frames = fixtures.filter(({ frame }) => frame?.packet != null).map(({ hex }) => frameOf(hex))
  const picture = join(frames)
  const golden = JSON.parse(readFileSync(new URL('testdata/picture.json', import.meta.url), 'utf8')) as unknown
  expect(picture === null ? null : plain(readMessage(picture))).toEqual(golden)
  expect(picture === null ? null : decodeFrame(picture, unknownDevice)).toEqual({ groups: [], items: null, rejections: [] })
  expect(join(frames.slice(1))).toBeNull()
  expect(join([...frames].reverse())).toBeNull()
})

test.each([31, 38].flatMap((code) => ['', '0418000000'].map((step) => [code, step])))(
  'a run without a step is refused whole, as its values would have one time: %dH, step "%s"',
  (code, step) => {
    const levels = (text: string): ReturnType<typeof decodeFrame> =>
      decodeFrame({ ...frameOf(fixtures[1]?.hex ?? ''), code: parseInt(String(code), 16), body: bytesOf(text) }, unknownDevice)
    const head = '0001261119120016F1F1001234567848F0F02611191200'
    const { groups, rejections } = levels(`${head}${step}392300003420FFFFFFFF00003440`)
    expect(groups).toEqual([])
    expect(rejections).toEqual([expect.objectContaining({ reason: 'bad-time', values: 3, item: 0 })])
    expect(rejections[0]?.detail).toMatch(/^a run without a step: 3 values of element 39 /)
    expect(levels(`${head}${step}392300003420`)).toMatchObject({ groups: [{ readings: [{ value: 3.42 }] }], rejections: [] })
    const spaced = levels(`${head}0418000005392300003420FFFFFFFF00003440`).groups
    expect(spaced.map(({ at }) => (at ?? 0) - (spaced[0]?.at ?? 0))).toEqual([0, 300_000, 600_000])
  },
)

const captures = new URL('../../../shared/data/device-frames-hj212-sl651/sl651_frames.csv', import.meta.url)
const beside = existsSync(captures) ? test : test.skip

beside('recorded frames (skipped without ../shared/data): all with a good CRC are read, the picture joins from its 13 packets', () => {
  const rows = readFileSync(captures, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
  const packets: Frame[] = []
  for (const row of rows) {
    const [hex = '', code = '', isRight] = [row[2], row[3], row[11]]
    const [found, ...others] = createScanner().push(bytesOf(hex))
    expect(others).toEqual([])
    if (isRight === '0') expect(found?.fault).toBe('bad-crc')
    else if (found?.fault === undefined && found !== undefined) {
      expect(found.frame).toMatchObject({ station: row[6], password: parseInt(row[7] ?? '', 16), code: parseInt(code, 16) })
      if (code === '36') packets.push(found.frame)
      else expect(readMessage(found.frame)).not.toHaveProperty('problem')
    } else throw new Error(`${hex} was not read`)
  }
  const picture = join(packets)
  const message = picture === null ? { problem: 'not joined' } : readMessage(picture)
  const bytes = 'parts' in message ? message.parts[0]?.items[0] : undefined
  const jpeg = bytes?.kind === 'raw' ? Buffer.from(bytes.bytes) : Buffer.alloc(0)
  // 284 + 11 x 259 + 244 bytes of the packets, without 13 packet fields of 3, and 25 before the picture
  expect([jpeg.length, jpeg.subarray(0, 4).toString('hex')]).toEqual([3_313, 'ffd8ffe0'])
})

test('the CRC is that of Modbus', () => expect(crc16(Buffer.from('123456789'))).toBe(0x4b37))

test('the tables hold the elements and function codes of the standard', () => {
  expect(elements.size).toBe(114)
  // with what is no plain number, the 131 of annex C: steps, states, guides, series (F5 to FC) and bulk
  const { level5minFirst, level5minLast, own: _, ...others } = special
  const known = [...elements.keys(), ...Object.values(others)]
  for (let id: number = level5minFirst; id <= level5minLast; id++) known.push(id)
  expect([new Set(known).size, known.length]).toEqual([131, 131])
  expect([...functions.keys()].sort((a, b) => a - b)).toEqual([
    ...Array.from({ length: 0x3a - 0x2f + 1 }, (_, i) => 0x2f + i),
    ...Array.from({ length: 0x51 - 0x40 + 1 }, (_, i) => 0x40 + i),
  ])
})

for (const encoding of ['hex', 'ascii'] as const) {
  test(`decode of encode is the same, ${encoding}`, () => {
    fc.assert(
      fc.property(envelope(encoding), upload, (fields, { code, message }) => {
        const frame: Frame = { ...fields, code, body: writeMessage(encoding, message) }
        const written = writeFrame(frame)
        const read = readFrame(written, 0)
        expectSame(read, { frame: { ...frame, body: Buffer.from(frame.body) }, length: written.length })
        expectSame(readMessage(frame), message)
      }),
      { numRuns },
    )
  }, 600_000)
}

const good = fixtures.filter(({ fault }) => fault === undefined).map(({ hex }) => bytesOf(hex))
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
    fc.constantFrom(
      Buffer.from('7e7e'),
      Buffer.from('7e7e', 'hex'),
      Buffer.of(1),
      Buffer.from('\x0101001234567812', 'latin1'),
      Buffer.alloc(0),
    ),
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
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = [bytesOf(fixtures[2]?.hex ?? ''), bytesOf(fixtures[1]?.hex ?? '')]
  const spoilt = (change: (bytes: Buffer) => void, reasons: string[]): void => {
    const bytes = Buffer.from(first)
    change(bytes)
    const scanner = createScanner()
    const found = scanner.push(Buffer.concat([bytes, second]))
    expect(framesIn(found)).toEqual([second.toString('hex')])
    expect(found.flatMap(({ fault }) => fault ?? [])).toEqual(reasons)
  }
  spoilt((bytes) => (bytes[20] = (bytes[20] ?? 0) ^ 1), ['bad-crc'])
  spoilt((bytes) => (bytes[0] = 0), ['junk'])
  spoilt((bytes) => (bytes[12] = (bytes[12] ?? 0) - 4), ['bad-end', 'junk'])
  spoilt((bytes) => (bytes[13] = 0x55), ['junk'])
  spoilt((bytes) => (bytes[11] = 0x0f), ['truncated'])
})

test('nothing but a head is kept, at most a frame', () => {
  const scanner = createScanner()
  scanner.push(Buffer.alloc(1_000_000, 0x55))
  expect(scanner.pending()).toBe(0)
  scanner.push(Buffer.from('7E7E05001122334403E8320FFF02', 'hex'))
  for (let i = 0; i < 100; i++) scanner.push(Buffer.alloc(997, 0x30))
  expect(scanner.pending()).toBeLessThan(5_100)
})
