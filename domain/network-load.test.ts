import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { checkRules } from '../analytics/rules/compile.ts'
import { NetworkInvalid } from './errors.ts'
import { runId } from './ids.ts'
import { readNetwork } from './network-load.ts'
import { writeNetwork } from './network-write.ts'
import { stationKinds } from './network.ts'
import { parameters } from './parameters.ts'

const folder = new URL('./testdata/', import.meta.url)
const text = (name: string) => readFileSync(new URL(name, folder), 'utf8')
const origin = { file: null, run: null }

function problemsOf(content: unknown): string {
  try {
    readNetwork(content, origin)
    return 'none'
  } catch (error) {
    if (!(error instanceof NetworkInvalid)) throw error
    return error.problems.map((problem) => `${problem.path}: ${problem.message}`).join('\n')
  }
}

test('a network file becomes the model, defaults filled in', () => {
  const network = readNetwork(text('good.yaml'), { file: 'good.yaml', run: null })
  expect(network).toMatchObject({ id: 'demo', timeZone: 'Asia/Shanghai', dayStartsAtMinutes: 480, file: 'good.yaml', run: null })
  const [qingxi, weir] = network.stations
  expect(qingxi).toMatchObject({ id: 'qingxi', name: { en: 'Qingxi', zh: '清溪站' }, kind: 'river', targetClass: 'III', network: 'demo' })
  expect(qingxi?.reach).toEqual({ downstream: 'lower-weir', travelTimeMs: 18_000_000, lengthKm: 18 })
  expect(qingxi?.sensors[0]).toMatchObject({
    id: 'qingxi/water_level/1',
    everyMs: 300_000,
    from: 'value',
    perTip: null,
    latenessMs: 86_400_000,
  })
  expect([...(qingxi?.sensors[0]?.stages ?? [])]).toEqual([
    ['warning', 3],
    ['guarantee', 4],
    ['record', 4.8],
  ])
  expect(qingxi?.sensors[1]).toMatchObject({ from: 'counter', perTip: 0.5 })
  expect(weir).toMatchObject({ name: { en: 'lower-weir', zh: 'lower-weir' }, location: null, reach: null })
  expect(weir?.zone).toEqual({ name: { en: 'Lower reach', zh: 'Lower reach' }, targetClass: 'II' })
  expect(weir?.sensors[0]).toMatchObject({ id: 'lower-weir/water_level/2', everyMs: null, latenessMs: 604_800_000 })
  expect(weir?.sensors[0]?.stages.get('warning')).toBeCloseTo(3.048, 12)
  expect(weir?.sensors[0]?.range).toEqual({ fail: [0, 6.096], suspect: [0.5, 5] })
  const [rtu, old] = network.devices
  expect([...(rtu?.channels ?? [])]).toEqual([
    ['ch1', 'qingxi/water_level/1'],
    ['weir', 'qingxi/rainfall/1'],
  ])
  expect(old).toMatchObject({ id: 'OLD.logger_3', protocol: 'mqtt', clock: { zone: '+08:00', none: false }, run: null })
  expect(weir?.sensors[1]).toMatchObject({ statistic: 'total', everyMs: 3_600_000, parameter: { key: 'cod', unit: 'kg' } })
  const outfall = network.devices[2]
  expect(outfall).toMatchObject({ protocol: 'hj212', addresses: ['10.1.0.0/16', 'fe80::/10'] })
  expect(outfall?.hj212).toEqual({ mn: '010000A8900016F000169DC0', crc: 'hj212', sm4: 'bytes' })
  expect([...(outfall?.units ?? [])]).toEqual([['cod', 'g/L']])
  expect(network.devices[3]?.sl651).toEqual({
    address: '00123456AB',
    mode: 'M2',
    stayOnline: false,
    levelBase: 10,
    periodQuery: null,
    settings: false,
  })
  expect(network.devices[4]?.szy206).toEqual({ address: '5303810D00', confirm: 'bare', levelDecimals: 3, missingAA: false })
  const [high, quiet, trend] = network.rules
  expect(high).toMatchObject({
    levels: { yellow: 'stage.warning', orange: 'stage.guarantee', red: 'stage.record' },
    stations: null,
    trusts: null,
  })
  expect(high?.settings).toEqual({ holdMs: 900_000, deadband: 0.1, clearAfterMs: 1_800_000 })
  expect(quiet).toMatchObject({ parameter: null, stations: ['qingxi'], levels: {}, settings: { afterMs: 1_800_000, level: 'blue' } })
  expect(trend).toMatchObject({ trusts: [1], settings: { windowMs: 259_200_000, direction: 'up' } })
})

test('every mistake is answered with a sentence', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.bad.yaml'))
  expect(names.length).toBeGreaterThanOrEqual(5)
  for (const name of names) expect(`${name}\n${problemsOf(text(name))}\n`).toBe(`${name}\n${text(name.replace('.yaml', '.txt'))}`)
})

test('the error names the file and every place', () => {
  expect(() => readNetwork('network: 1', { file: 'rivers.yaml', run: null })).toThrow(
    'reading network rivers.yaml:\n  network: a group of keys is needed here',
  )
  expect(() => readNetwork(null, { file: null, run: runId('r1') })).toThrow('reading network of run r1')
})

test('a run marks its devices', () => {
  const network = readNetwork(parse(text('good.yaml')), { file: null, run: runId('r1') })
  expect(network.run).toBe('r1')
  expect(network.devices.map((device) => device.run)).toEqual(['r1', 'r1', 'r1', 'r1', 'r1'])
})

test('a rule whose stage some station lacks is off there, not wrong', () => {
  const content = parse(text('good.yaml')) as { rules: unknown[] }
  content.rules = [{ id: 'a', kind: 'threshold', parameter: 'water_level', levels: { orange: 'stage.guarantee' } }]
  expect(problemsOf(content)).toBe('none')
})

test('thousands of mistakes end in a bounded list', () => {
  const stations = Array.from({ length: 3000 }, (_, place) => ({
    id: `s${place}`,
    kind: 'river',
    reach: { downstream: `t${place}` },
    sensors: [],
  }))
  const lines = problemsOf({ network: { id: 'big', timeZone: 'UTC' }, stations }).split('\n')
  expect(lines).toHaveLength(201)
  expect(lines.at(-1)).toBe('file: there are more mistakes; these are the first 200')
})

test('hostile content is refused without harm', () => {
  for (const content of [undefined, 5, [], 'x', '&a [*a]', JSON.parse('{"__proto__": {"polluted": 1}, "network": {}}')])
    expect(problemsOf(content)).not.toBe('none')
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  const network = readNetwork(
    JSON.parse(
      '{"network":{"id":"a","timeZone":"UTC"},"stations":[{"id":"constructor","kind":"air","sensors":[{"parameter":"ph","stages":{"__proto__":7}}]}]}',
    ),
    origin,
  )
  expect(network.stations[0]?.sensors[0]?.stages.get('__proto__')).toBe(7)
})

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/)
const words = fc.record({ en: fc.string({ maxLength: 12 }), zh: fc.string({ maxLength: 12 }) })
const ms = fc.integer({ min: 1, max: 1e9 })
const number = fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => value + 0)
const option = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const sensor = fc.record({
  parameter: fc.constantFrom(...parameters.keys()),
  everyMs: option(ms),
  stages: fc.dictionary(fc.constantFrom('warning', 'guarantee', 'record', 'own.name'), number),
  fail: option(fc.tuple(number, number)),
  tip: option(fc.double({ min: 0.01, max: 5, noNaN: true })),
  latenessMs: ms,
})
const station = fc.record({
  name: words,
  kind: fc.constantFrom(...stationKinds),
  location: option(fc.record({ lon: fc.integer({ min: -180, max: 180 }), lat: fc.integer({ min: -90, max: 90 }) })),
  sensors: fc.uniqueArray(sensor, { maxLength: 4, selector: (each) => each.parameter }),
  km: option(fc.double({ min: 0.001, max: 500, noNaN: true, noDefaultInfinity: true })),
})
const file = fc.record({
  ids: fc.uniqueArray(id, { minLength: 1, maxLength: 5 }),
  stations: fc.array(station, { minLength: 5, maxLength: 5 }),
})

test('a network that is written is read back the same', () => {
  fc.assert(
    fc.property(file, ms, ({ ids, stations }, holdMs) => {
      const content = {
        network: { id: 'n', timeZone: 'Asia/Shanghai', dayStartsAt: '08:00' },
        stations: ids.map((name, place) => {
          const each = stations[place]
          return {
            id: name,
            name: each?.name,
            kind: each?.kind,
            ...(each?.location && { location: each.location }),
            ...(place > 0 && each?.km && { reach: { downstream: ids[place - 1], length: `${String(each.km)} km`, travelTime: '1h' } }),
            sensors: each?.sensors.map((one) => ({
              parameter: one.parameter,
              ...(one.everyMs && { every: `${one.everyMs}ms` }),
              stages: one.stages,
              ...(one.fail && { range: { fail: [...one.fail].sort((a, b) => a - b) } }),
              ...(one.tip && { from: 'counter', perTip: one.tip }),
              lateness: `${one.latenessMs}ms`,
            })),
          }
        }),
        devices: [{ id: 'd', stations: [ids[0]], clock: { zone: '+08:00', none: true } }],
        rules: [
          { id: 'r', kind: 'threshold', parameter: 'ph', levels: { yellow: 9 }, hold: `${holdMs}ms`, deadband: 0.1, extra: [1, 'a'] },
        ],
      }
      const network = readNetwork(content, origin)
      expect(readNetwork(writeNetwork(network), origin)).toEqual(network)
      expect(readNetwork(stringify(writeNetwork(network)), origin)).toEqual(network)
    }),
    { numRuns: 30 },
  )
})

test('the examples of docs/network.md are networks', () => {
  const page = readFileSync(new URL('../docs/network.md', import.meta.url), 'utf8')
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => parse(match[1] ?? '') as Record<string, unknown>)
  const whole = blocks.find((block) => 'network' in block)
  const examples = blocks.filter((block) => !('network' in block))
  expect(examples).toHaveLength(5)
  for (const example of [{}, ...examples]) {
    expect(problemsOf({ ...whole, ...example })).toBe('none')
    expect(checkRules(readNetwork({ ...whole, ...example }, origin).rules)).toEqual([])
  }
  for (const key of ['stations', 'devices', 'rules']) expect(problemsOf({ ...whole, [key]: 5 })).toContain(`${key}: a list is needed here`)
})
