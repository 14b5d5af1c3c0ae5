import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readingTopics } from '../../domain/delivery.ts'
import type { DeviceClock } from '../../domain/network.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import { mostValues, unknownDevice, type Codec, type CodecDevice, type Decoded } from '../../domain/codec.ts'
import { readJson } from './json-text.ts'
import { encodeNative, encodeNativeArray } from './native-encode.ts'
import { nativeJson } from './native-json.ts'
import { createCodecOf, codecs } from './registry.ts'
import { parseStrict } from './strict-json.ts'
import { senml } from './senml.ts'
import { thingsboard } from './thingsboard.ts'

interface Fixture {
  name: string
  payload: string | { hex: string } | { repeat: [string, number, string, number] }
  clock?: DeviceClock
  expected: Decoded
}

const wall: DeviceClock = { zone: null, none: false }
const deviceWith = (clock: DeviceClock): CodecDevice => ({ ...unknownDevice, clock })
const receivedAt = Date.UTC(2026, 10, 19, 4)
const fixtures = (file: string): Fixture[] => JSON.parse(readFileSync(new URL(`../testdata/${file}`, import.meta.url), 'utf8')) as Fixture[]

function bytesOf(payload: Fixture['payload']): Uint8Array {
  if (typeof payload === 'string') return Buffer.from(payload)
  if ('hex' in payload) return Buffer.from(payload.hex, 'hex')
  const [head, heads, tail, tails] = payload.repeat
  return Buffer.from(head.repeat(heads) + tail.repeat(tails))
}

const decode = (text: string, clock = wall): Decoded => nativeJson.decode(Buffer.from(text), deviceWith(clock), receivedAt)

for (const [codec, file] of [
  [nativeJson, 'native-json.json'],
  [thingsboard, 'thingsboard.json'],
] as const)
  for (const { name, payload, clock, expected } of fixtures(file))
    test(`${codec.name}: ${name}`, () => expect(codec.decode(bytesOf(payload), deviceWith(clock ?? wall), receivedAt)).toEqual(expected))

test('a topic leads to its codec, a known message, or nothing', () => {
  const leads = (topic: string, to: Codec | 'message' | null): void => expect(createCodecOf([])(topic)).toBe(to)
  leads('devices/rtu-17/readings', nativeJson)
  leads('devices/rtu-17/senml', senml)
  leads('v1/devices/me/telemetry', thingsboard)
  leads('devices/rtu-17/status', 'message')
  leads('devices/rtu-17/commands/c1/reply', 'message')
  for (const topic of ['devices//readings', 'devices/a/b/readings', 'devices/readings', 'devices/a/b/senml', '', 'v1/devices/me'])
    leads(topic, null)
})

test('the native codec reads the topics that the contract names', () => {
  const level = fc.constantFrom('devices', 'a', 'readings', '', '设备', 'v1')
  fc.assert(
    fc.property(fc.array(level, { maxLength: 5 }), (levels) => {
      const topic = levels.join('/')
      expect(nativeJson.reads(topic)).toBe(readingTopics.native.test(topic))
    }),
  )
})

test('every codec file is registered', () => {
  const folder = readdirSync(new URL('.', import.meta.url)).filter((file) => !file.endsWith('.test.ts'))
  const named = folder.filter((file) => /: Codec =/.test(readFileSync(new URL(file, import.meta.url), 'utf8')))
  expect(named.length).toBe(codecs.length)
})

const name = fc.oneof(fc.constantFrom('ph', '水位', '💧', '__proto__', 'constructor', 'toString'), fc.string({ unit: 'grapheme' }))
const isIndex = (text: string): boolean => String(Number(text) >>> 0) === text
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value))
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value, { nil: null })

const readingsOf = (station: string | null): fc.Arbitrary<Reading[]> =>
  fc.uniqueArray(
    fc.record({
      name: name.filter((text) => !isIndex(text)),
      number: maybe(fc.integer({ min: 1, max: 9999 })),
      station: fc.constant(station),
      value: maybe(number),
      unit: maybe(fc.string()),
      sourceQuality: maybe(fc.string()),
    }),
    { selector: (reading) => reading.name, minLength: 1, maxLength: 12 },
  )

const double = (most: number) => fc.double({ min: -most, max: most, noNaN: true })

const group: fc.Arbitrary<ReadingGroup> = maybe(fc.string({ minLength: 1 })).chain((station) =>
  fc
    .record({
      at: fc.integer({ min: 946_684_800_000, max: 4_102_444_800_000 }),
      seq: maybe(fc.nat()),
      position: maybe(fc.oneof(fc.tuple(double(180), double(90)), fc.tuple(double(180), double(90), double(9_000)))),
      readings: readingsOf(station),
      battery: maybe(number),
    })
    .map(({ battery, ...given }): ReadingGroup => {
      const position = given.position === null ? null : (given.position.map((number) => number + 0) as [number, number, number?])
      const own: Reading = { name: 'battery', number: null, station, value: battery, unit: 'V', sourceQuality: null }
      return battery === null ? { ...given, position } : { ...given, position, housekeeping: [own] }
    }),
)

test('decode of encode is the same group', () => {
  fc.assert(
    fc.property(group, (given) => expect(decode(encodeNative(given))).toEqual({ groups: [given], items: null, rejections: [] })),
    { numRuns: 500 },
  )
})

test('decode of an encoded array is the same groups', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 5 }), (given) =>
      expect(decode(encodeNativeArray(given))).toEqual({ groups: given, items: given.map((_, i) => i), rejections: [] }),
    ),
  )
})

test('what one object cannot hold is not written', () => {
  const reading: Reading = { name: 'ph', number: null, station: null, value: 7, unit: null, sourceQuality: null }
  const refused = (readings: Reading[], housekeeping: Reading[] = []): void =>
    expect(() => encodeNative({ at: 0, seq: null, position: null, readings, housekeeping })).toThrow('writing readings')
  refused([])
  refused([reading, { ...reading, number: 2 }])
  refused([reading, { ...reading, name: 'orp', station: 'qingxi' }])
  refused([reading], [{ ...reading, name: 'mood' }])
})

test('the strict reader agrees with JSON.parse on every JSON text', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6, noUnicodeString: false }), (text) => {
      const read = parseStrict(text)
      expect(read.problem).toBeUndefined()
      expect(JSON.stringify('root' in read ? read.root : null)).toBe(JSON.stringify(JSON.parse(text)))
    }),
    { numRuns: 500 },
  )
})

test('a repeated name is seen wherever it stands, and none is seen where there is none', () => {
  const text = fc.constantFrom('a', 'b', 'c:d', 'é')
  const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('1', 'null', '"x:y"'),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      fc
        .array(fc.tuple(text, tie('value')), { maxLength: 3 })
        .map((pairs) => `{${pairs.map(([key, held]) => `"${key}":${held}`).join(',')}}`),
    ),
  })).value
  fc.assert(
    fc.property(value, (given) => {
      const fast = readJson(Buffer.from(given))
      const strict = parseStrict(given)
      if (fast.refused !== undefined || strict.problem !== undefined) return
      expect([...fast.repeated.values()]).toEqual([...strict.repeated.values()])
      expect(JSON.stringify(fast.root)).toBe(JSON.stringify(strict.root))
    }),
    { numRuns: 1000 },
  )
})

test('no bytes make a codec throw, and every delivery is at least one value', () => {
  const valid = encodeNative({
    at: 1_795_060_800_000,
    seq: 7,
    position: null,
    readings: [{ name: 'ph', number: null, station: null, value: 7, unit: null, sourceQuality: null }],
  })
  const broken = fc
    .tuple(fc.nat(valid.length), fc.nat(5), fc.string())
    .map(([at, cut, put]) => valid.slice(0, at) + put + valid.slice(at + cut))
  const payload = fc.oneof(
    fc.uint8Array(),
    broken.map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(payload, fc.constantFrom(...codecs), (bytes, codec) => {
      const { groups, rejections } = codec.decode(bytes, deviceWith(wall), receivedAt)
      const values = groups.reduce((sum, { readings, housekeeping = [] }) => sum + readings.length + housekeeping.length, 0)
      expect(values + rejections.reduce((sum, { values }) => sum + values, 0)).toBeGreaterThan(0)
      for (const { readings } of groups) for (const { value } of readings) expect(value === null || Number.isFinite(value)).toBe(true)
      for (const { detail } of rejections) expect(detail.length).toBeLessThan(300)
    }),
    { numRuns: 2000 },
  )
})

test('ten thousand values are taken, one more is refused as a whole', () => {
  const items = (count: number): string =>
    JSON.stringify(Array.from({ length: count }, (_, i) => ({ at: 1_795_060_800 + i, values: { ph: 7 } })))
  expect(decode(items(mostValues)).groups).toHaveLength(mostValues)
  const refused = decode(items(mostValues + 1))
  expect(refused.groups).toEqual([])
  expect(refused.rejections).toMatchObject([{ reason: 'too-many-values', values: mostValues + 1, item: null }])
})
