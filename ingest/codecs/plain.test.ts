import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { unknownDevice } from '../../domain/codec.ts'
import type { DeviceClock } from '../../domain/network.ts'
import { nativeJson } from './native-json.ts'
import { readPlainObject } from './native-plain.ts'

const wall: DeviceClock = { zone: null, none: false }
const zoned: DeviceClock = { zone: 'Asia/Shanghai', none: true }

/** The full reader alone: a byte order mark keeps the quick way out. */
const fully = (text: string, clock: DeviceClock) => nativeJson.decode(Buffer.from(`\uFEFF${text}`), { ...unknownDevice, clock }, 0)

function same(text: string, clock = wall): void {
  const quick = readPlainObject(Buffer.from(text), clock)
  expect(nativeJson.decode(Buffer.from(text), { ...unknownDevice, clock }, 0)).toEqual(fully(text, clock))
  if (quick !== null) expect(fully(text, clock)).toEqual({ groups: [quick], items: null, rejections: [] })
}

const takes = (text: string, isTaken: boolean): void => expect(readPlainObject(Buffer.from(text), wall) !== null).toBe(isTaken)

test('the usual form goes the quick way, everything else the long one', () => {
  takes('{"seq":7,"at":"2026-11-22T02:15:00+08:00","values":{"water_level":3.42},"battery":12.6,"signal":-71}', true)
  takes(' { "at" : 1795060800 , "station" : "qingxi" , "values" : { "a" : null , "b" : -0.5 } } \n', true)
  takes('{"at":1795060800,"values":{"a":1},"at":1795060801}', false)
  takes('{"at":1795060800,"values":{"a":1,"a":2}}', false)
  takes('{"at":1795060800,"values":{"a":1e3}}', false)
  takes('{"at":1795060800,"values":{"a":01}}', false)
  takes('{"at":1795060800,"values":{"a":1.}}', false)
  takes('{"at":1795060800,"values":{"a":1234567890123456}}', false)
  takes('{"at":1795060800,"values":{"水位":1}}', false)
  takes('{"at":1795060800,"values":{"a":{"v":1},"b":{"u":"cm","v":null}}}', true)
  takes('{"at":1795060800,"values":{"a":{"v":1,"q":"good"}}}', false)
  takes('{"at":1795060800,"values":{"a":{"u":"cm"}}}', false)
  takes('{"at":1795060800,"values":{}}', false)
  takes('{"at":1795060800,"values":{"a":1},"fw":"2.1"}', false)
  takes('{"at":1795060800,"values":{"a":1}} x', false)
  takes('{"values":{"a":1}}', false)
  takes('{"at":12345,"values":{"a":1}}', false)
})

test('a name too long to be remembered takes the long way', () => {
  takes(`{"at":1795060800,"values":{"${'x'.repeat(64)}":1}}`, true)
  takes(`{"at":1795060800,"values":{"${'x'.repeat(65)}":1}}`, false)
  same(`{"at":1795060800,"values":{"${'x'.repeat(65)}":1}}`)
})

test('forty values take the long way and are all there', () => {
  const values = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`v${i}`, i]))
  same(JSON.stringify({ at: 1_795_060_800, values }))
})

const number = fc.oneof(
  fc.integer().map(String),
  fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: 0, max: 99_999_999 })).map(([whole, part]) => `${whole}.${part}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '-0',
    '-0.0',
    '0.1',
    '1e3',
    '1E-3',
    '007',
    '1.',
    '.5',
    '+1',
    '-',
    'NaN',
    'Infinity',
    'null',
    'nul',
    '"1"',
    '123456789012345678',
  ),
)
const valueObject = fc
  .array(fc.tuple(fc.constantFrom('v', 'u', 'n', 'q'), fc.oneof(number, fc.constantFrom('"cm"', '""'))), { maxLength: 3 })
  .map((pairs) => `{${pairs.map(([key, value]) => `"${key}":${value}`).join(' , ')}}`)
const space = fc.constantFrom('', ' ', '\n\t', '\r\n  ')
const name = fc.constantFrom('a', 'water_level', '水位', 'q\\u0061', '', 'a b', '__proto__', 'x'.repeat(50))
const member = fc.oneof(
  fc.tuple(fc.constant('seq'), number),
  fc.tuple(
    fc.constant('at'),
    fc.oneof(number, fc.constantFrom('1795060800', '"2026-11-22T02:15:00Z"', '"2026-11-22 02:15"', '"x"', 'null')),
  ),
  fc.tuple(fc.constant('station'), fc.constantFrom('"s"', '""', 'null', '"清溪"', '5')),
  fc.tuple(
    fc.constant('values'),
    fc
      .array(fc.tuple(name, fc.oneof({ weight: 2, arbitrary: number }, { weight: 1, arbitrary: valueObject })), { maxLength: 4 })
      .map((pairs) => `{${pairs.map(([key, value]) => `"${key}":${value}`).join(',')}}`),
  ),
  fc.tuple(fc.constantFrom('battery', 'signal'), number),
  fc.tuple(fc.constantFrom('position', 'fw'), fc.constantFrom('[1,2]', '"x"', '{}')),
)
const text = fc
  .tuple(fc.array(fc.tuple(member, space), { maxLength: 7 }), space, fc.constantFrom('', 'x', ','))
  .map(
    ([members, before, after]) =>
      `${before}{${members.map(([[key, value], gap]) => `${gap}"${key}"${gap}:${gap}${value}${gap}`).join(',')}}${after}`,
  )

test('the quick way gives what the full reader gives', () => {
  fc.assert(
    fc.property(text, fc.boolean(), (given, hasZone) => same(given, hasZone ? zoned : wall)),
    { numRuns: 5000 },
  )
})

test('a number read by hand is the number', () => {
  const decimal = fc.tuple(fc.integer({ min: 0, max: 9_999_999 }), fc.integer({ min: 0, max: 99_999_999 }), fc.boolean())
  fc.assert(
    fc.property(decimal, ([whole, part, isNegative]) => {
      const written = `${isNegative ? '-' : ''}${whole}.${part}`
      const group = readPlainObject(Buffer.from(`{"at":1795060800,"values":{"a":${written}}}`), wall)
      expect(group?.readings[0]?.value).toBe(Number(written) + 0)
    }),
    { numRuns: 5000 },
  )
})

test('what stands behind the payload in its buffer is not read', () => {
  const whole = Buffer.from('{"at":1795060800,"values":{"a":12345}}')
  for (let end = 0; end < whole.length; end++) expect(readPlainObject(whole.subarray(0, end), wall)).toBeNull()
})
