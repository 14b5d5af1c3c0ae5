import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { encode as encodeCbor } from 'cborg'
import fc from 'fast-check'
import { unknownDevice, type Decoded } from '../../domain/codec.ts'
import { sensorId, stationId, parameterKey } from '../../domain/ids.ts'
import type { ReadingGroup } from '../../domain/reading.ts'
import { convert, isKnownUnit } from '../../domain/units.ts'
import { encodeSenmlCbor, encodeSenmlJson } from './senml-encode.ts'
import { resolveSenml } from './senml-resolve.ts'
import { senml } from './senml.ts'
import { senmlOfUcum, ucumOfSenml } from './senml-units.ts'
import { expectSame } from '../../testing/same.ts'

interface Fixture {
  name: string
  payload: string | { hex: string }
  resolved?: object[]
  expected: Decoded
}

const receivedAt = Date.UTC(2026, 10, 19, 4)
const fixtures = JSON.parse(readFileSync(new URL('../testdata/senml.json', import.meta.url), 'utf8')) as Fixture[]
const door = sensorId(stationId('s'), parameterKey('station_status'), 1)
const device = { ...unknownDevice, channels: new Map([['urn:dev:ow:20e2073a01080064:door', door]]) }
const decode = (payload: string | Uint8Array): Decoded =>
  senml.decode(typeof payload === 'string' ? Buffer.from(payload) : payload, device, receivedAt)

for (const { name, payload, resolved, expected } of fixtures)
  test(`senml: ${name}`, () => {
    expect(decode(typeof payload === 'string' ? payload : Buffer.from(payload.hex, 'hex'))).toEqual(expected)
    if (resolved === undefined || typeof payload !== 'string') return
    const records = resolveSenml(JSON.parse(payload) as unknown[], receivedAt / 1000)
    expect(records).toEqual(resolved.map((record) => ({ ...record, place: expect.any(Number) as unknown })))
  })

test('a pack that breaks the RFC is refused whole, with the record that does it', () => {
  const refused = (pack: unknown, detail: string, reason = 'wrong-shape'): void => {
    const { groups, rejections } = decode(JSON.stringify(pack))
    expect(groups).toEqual([])
    expect(rejections).toEqual([expect.objectContaining({ reason, item: null, detail: expect.stringContaining(detail) as unknown })])
  }
  const good = { n: 'ph', v: 7 }
  refused([], 'empty')
  refused(good, 'array of records')
  refused([good, 7], 'record 2')
  refused([good, { n: 'ph', v: 7, expires_: 60 }], 'must be understood')
  refused([{ bver: 11, ...good }], 'version 11')
  refused([{ v: 7 }], 'has the name ""')
  refused([{ n: '-ph', v: 7 }], 'the first a letter or digit')
  refused([{ n: '水位', v: 7 }], 'a name is letters')
  refused([{ n: 'ph', v: '7' }], 'the text "7" as "v"')
  refused([{ n: 'ph', v: null }], 'null as "v"')
  refused([{ n: 'ph', v: 7, vs: 'seven' }], 'v and vs')
  refused([{ n: 'ph' }], 'has no value')
  refused([{ bt: 1795060800000, ...good }], 'not milliseconds', 'bad-time')
  const twice = decode('[{"n":"ph","v":7,"v":8}]')
  expect(twice.rejections[0]?.detail).toContain('"v" stands twice')
})

test('a record that is no reading leaves the others', () => {
  const { groups, rejections } = decode(
    '[{"n":"a","vs":"open"},{"n":"b","v":1},{"n":"c","vd":"AAEC"},{"n":"d","t":-5e9,"v":1},{"n":"e","t":946684799,"v":1}]',
  )
  expect(groups.map(({ readings, at }) => [readings[0]?.name, at])).toEqual([
    ['e', 946_684_799_000],
    ['b', null],
  ])
  expect(rejections.map(({ item, reason }) => [item, reason])).toEqual([
    [3, 'time-1970'],
    [0, 'wrong-shape'],
    [2, 'wrong-shape'],
  ])
})

test('the same pack says the same in JSON and in CBOR', () => {
  const pack = [
    { bn: 'urn:dev:mac:0024befffe804ff1:', bt: 1795060800, bu: 'Cel', n: 'water_temperature', v: 12.5 },
    { n: 'ph', u: 'pH', t: -60, v: 7.25 },
    { n: 'door', vb: true },
  ]
  const keys: Record<string, number> = { bn: -2, bt: -3, bu: -4, n: 0, u: 1, v: 2, vb: 4, t: 6 }
  const cbor = encodeCbor(pack.map((record) => new Map(Object.entries(record).map(([label, value]) => [keys[label], value]))))
  expect(decode(cbor)).toEqual(decode(JSON.stringify(pack)))
})

test('every unit goes to UCUM and back', () => {
  for (const unit of ['pH', 'NTU', '%RH', '/100', '/', 'm', 'm3/s', 'Cel', 'S/m', 'hPa', 'mm/h', 'ug/m3'])
    expect(ucumOfSenml(senmlOfUcum(ucumOfSenml(unit)))).toBe(ucumOfSenml(unit))
  expect(convert(5400, `${ucumOfSenml('m3/s')}.s`, 'm3')).toEqual({ value: 5400 })
})

/** The names of the registry, primary (RFC 8428, RFC 8798) and secondary (RFC 8798). */
const registry = [
  'm kg g s A K cd mol Hz rad sr N Pa J W C V F Ohm S Wb T H Cel lm lx Bq Gy Sv kat m2 m3 l m/s m/s2 m3/s l/s W/m2 cd/m2 bit bit/s',
  'lat lon pH dB dBW Bspl count / % %RH %EL EL 1/s 1/min beat/min beats S/m B VA VAs var vars J/m kg/m3 deg NTU',
  'ms min h MHz kW kVA kvar Ah Wh kWh varh kvarh kVAh Wh/km KiB GB Mbit/s B/s MB/s mV mA dBm ug/m3 mm/h m/h ppm /100 /1000 hPa mm cm km km/h',
].flatMap((line) => line.split(' '))

test('units of electricity are taken, apparent and reactive power apart from energy and charge', () => {
  const turned = (value: number, from: string, to: string) => convert(value, ucumOfSenml(from), ucumOfSenml(to))
  expect(turned(1.5, 'kVA', 'VA')).toEqual({ value: 1500 })
  expect(turned(2, 'kvar', 'var')).toEqual({ value: 2000 })
  expect(turned(3, 'kvarh', 'varh')).toEqual({ value: 3000 })
  expect(turned(2, 'Wh', 'J')).toEqual({ value: 7200 })
  expect(turned(1, 'kWh', 'Wh')).toEqual({ value: 1000 })
  expect(convert(1, ucumOfSenml('Ah'), 'A.s')).toEqual({ value: 3600 })
  for (const [from, to] of [
    ['var', 'W'],
    ['var', 'VA'],
    ['Ah', 'Wh'],
  ] as const)
    expect(turned(1, from, to)).toMatchObject({ problem: 'unit-mismatch' })
  for (const unit of ['VA', 'kVA', 'var', 'kvar', 'Wh', 'kWh', 'Ah']) expect(senmlOfUcum(ucumOfSenml(unit))).toBe(unit)
})

test('the units of the registry that are refused are those that the documentation names', () => {
  const refusedUnits = registry.filter((unit) => !isKnownUnit(ucumOfSenml(unit)))
  const docs = readFileSync(new URL('../../docs/payloads.md', import.meta.url), 'utf8')
  const [, named = ''] = /Not taken of the registry: ([^.]*)\./.exec(docs) ?? []
  expect(named.match(/(?<=`)[^`, \n]+(?=`)/g)).toEqual(refusedUnits)
})

const group: fc.Arbitrary<ReadingGroup> = fc
  .record({
    at: fc.integer({ min: 946_684_800_000, max: 4_102_444_800_000 }),
    name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9\-._]{0,12}$/),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
    unit: fc.option(fc.constantFrom('m', 'Cel', '[pH]', '{NTU}', '%', '1', 'mg/L', 'm3/s', 'deg'), { nil: null }),
  })
  .map(({ at, ...reading }) => ({
    at,
    seq: null,
    position: null,
    readings: [{ ...reading, number: null, station: null, sourceQuality: null }],
  }))

test('decode of encode is the same groups in time order, in JSON and in CBOR', () => {
  const inOrder = (given: readonly ReadingGroup[]) => [...given].sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 8 }), (given) => {
      for (const bytes of [encodeSenmlJson(given), encodeSenmlCbor(given)]) {
        const { groups, rejections } = decode(bytes)
        expectSame({ groups, rejections }, { groups: inOrder(given), rejections: [] })
      }
    }),
    { numRuns: process.env.GAUGEKEEPER_LONG === '1' ? 100_000 : 500 },
  )
}, 600_000)

test('what SenML has no word for is not written', () => {
  const reading = { name: 'ph', number: null, station: null, value: 7, unit: null, sourceQuality: null }
  const refused = (more: Partial<ReadingGroup>): void =>
    expect(() => encodeSenmlJson([{ at: receivedAt, seq: null, position: null, readings: [reading], ...more }])).toThrow('writing readings')
  refused({ at: null })
  refused({ position: [121, 28] })
  refused({ readings: [{ ...reading, value: null }] })
  refused({ readings: [{ ...reading, number: 2 }] })
})

test('no bytes make it throw', () => {
  const head = fc.constantFrom([0x5b], [0x80], [0x81, 0xa1], [0x9f, 0xbf], [])
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 64 }), (first, rest) => {
      const { groups, rejections } = decode(Uint8Array.from([...first, ...rest]))
      expect(groups.length + rejections.length).toBeGreaterThan(0)
    }),
    { numRuns: 2000 },
  )
  const deep = Buffer.alloc(200_000, 0x81)
  expect(decode(deep).rejections).toHaveLength(1)
})
