import { expect, test } from '@jest/globals'
import { unknownDevice } from '../domain/codec.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import { createFleet, type Fleet } from '../domain/fleet.ts'
import { deviceId, runId, sensorId, stationId, parameterKey } from '../domain/ids.ts'
import { testsIn } from '../domain/quality-tests.ts'
import type { Rejection } from '../domain/rejection.ts'
import type { Sampling } from '../domain/sampling.ts'
import { nativeJson } from './codecs/native-json.ts'
import { withCounts } from './counters.ts'
import { createDirectory } from './directory.ts'
import { createSeriesBound } from './series-bound.ts'
import { createRunClocks } from './run-clocks.ts'
import { sourceMark } from './source-quality.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from './testing/small-fleet.ts'
import { createValidate, type ValidatedRows } from './validate.ts'

const receivedAt = Date.UTC(2026, 10, 22, 4)
const channel = (station: string, parameter: string, number = 1) => sensorId(stationId(station), parameterKey(parameter), number)

const qingxi = stationOf('qingxi', [
  sensorOf('qingxi', 'water_level'),
  sensorOf('qingxi', 'water_temperature'),
  sensorOf('qingxi', 'water_temperature', { number: 2 }),
  sensorOf('qingxi', 'supply_voltage'),
  sensorOf('qingxi', 'co'),
])
const weir = stationOf('weir', [sensorOf('weir', 'river_discharge')])
const single = deviceOf('single', ['qingxi'], {
  channels: new Map([
    ['ch1', channel('qingxi', 'water_level')],
    ['t', channel('qingxi', 'water_temperature', 2)],
    ['gone', channel('qingxi', 'ph')],
  ]),
})
const both = deviceOf('both', ['qingxi', 'weir'], { channels: new Map([['q', channel('weir', 'river_discharge')]]) })
const simulated = deviceOf('simulated', ['weir'], { run: runId('r1'), clock: { zone: null, none: true } })
const beside = deviceOf('beside', ['again-gate', 'again-sluice'], {
  stationPrefix: 'again-',
  channels: new Map([['g', channel('again-gate', 'water_level')]]),
})
const besides = ['again-gate', 'again-sluice'].map((id) => stationOf(id, [sensorOf(id, 'water_level')]))
const fleet: Fleet = createFleet([networkOf('n', [qingxi, weir, ...besides], [single, both, simulated, beside, deviceOf('idle', [])])])

interface Taken {
  rows: [series: string, value: number | null, tests: string][]
  refused: Rejection[]
  raw: ValidatedRows
}

/** Decodes and validates a native payload of a device. */
const counting = withCounts(fleet)

function taking(clocks = createRunClocks([])) {
  const directory = createDirectory(() => counting, 1_000)
  const validate = createValidate(clocks, { correct: () => null })
  let number = 0
  return (payload: unknown, device = 'single'): Taken => {
    const delivery: JournalledDelivery = {
      device: deviceId(device),
      source: 'mqtt',
      topic: `devices/${device}/readings`,
      payload: Buffer.from(JSON.stringify(payload)),
      receivedAt,
      number: ++number,
    }
    const entry = directory.device(delivery.device)
    const raw: ValidatedRows = { rows: [], clocks: [] }
    const decoded = nativeJson.decode(delivery.payload, entry?.device ?? unknownDevice, delivery.receivedAt)
    const refused = [...decoded.rejections, ...validate(delivery, decoded, entry, raw)]
    return { rows: raw.rows.map((row) => [row.series, row.value, testsIn(row.tests).join(' ')]), refused, raw }
  }
}

const at = '2026-11-22T12:00:00+08:00'
const values = (given: object, more: object = {}): object => ({ at, values: given, ...more })

test('a reading finds its series by parameter, alias, channel and number', () => {
  const take = taking()
  const found = (payload: object, series: string, device?: string): void =>
    expect(take(payload, device)).toMatchObject({ rows: [[series, 1, '']], refused: [] })
  found(values({ water_level: 1 }), 'qingxi/water_level/1')
  found(values({ stage: 1 }), 'qingxi/water_level/1')
  found(values({ ch1: 1 }), 'qingxi/water_level/1')
  found(values({ t: 1 }), 'qingxi/water_temperature/2')
  found(values({ t: { v: 1, n: 1 } }), 'qingxi/water_temperature/1')
  found(values({ water_temperature: { v: 1, n: 2 } }), 'qingxi/water_temperature/2')
  found(values({ water_level: 1 }, { station: 'qingxi' }), 'qingxi/water_level/1', 'both')
  found(values({ q: 1 }), 'weir/river_discharge/1', 'both')
})

test('a row says when, whence and of what delivery', () => {
  const { raw } = taking()(values({ water_level: 3.42 }, { seq: 7, position: [121.4, 28.6] }))
  expect(raw).toEqual({
    rows: [
      {
        series: 'qingxi/water_level/1',
        observedAt: receivedAt,
        receivedAt,
        value: 3.42,
        flag: 2,
        tests: 0,
        device: 'single',
        delivery: 1,
        seq: 7,
        run: null,
        position: [121.4, 28.6],
        arrival: 'next',
      },
    ],
    clocks: [receivedAt],
  })
})

test('units become the unit of the series, and a gas in ppb its mass', () => {
  const take = taking()
  const value = (given: object): unknown => take(values(given)).rows[0]?.[1]
  expect(value({ water_level: { v: 342, u: 'cm' } })).toBe(3.42)
  expect(value({ water_temperature: { v: 50, u: '[degF]' } })).toBe(10)
  expect(value({ water_level: { v: null, u: 'cm' } })).toBeNull()
  expect(value({ co: { v: 1, u: '[ppm]' } })).toBeCloseTo(1.145, 3)
})

test('what does not fit is refused with its reason, the words of the input and a cure', () => {
  const take = taking()
  const refused = (payload: object, reason: string, detail: RegExp, device?: string): void => {
    const { rows, refused } = take(payload, device)
    expect({ rows, refused }).toMatchObject({
      rows: [],
      refused: [{ reason, detail: expect.stringMatching(detail) as unknown, item: null }],
    })
  }
  refused(values({ water_levle: 1 }), 'unknown-parameter', /"water_levle" is neither .* did you mean water_level\?/)
  refused(values({ ph: 7 }), 'unknown-series', /qingxi has no sensor ph\/1, it has water_level\/1, .*; add the sensor/)
  refused(values({ gone: 7 }), 'unknown-series', /qingxi has no sensor ph\/1/)
  refused(values({ t: { v: 1, n: 9 } }), 'unknown-series', /no sensor water_temperature\/9/)
  refused(values({ ch1: 1 }, { station: 'weir' }), 'unknown-series', /channel "ch1" belongs to station qingxi, not to "weir"/)
  refused(values({ water_level: 1 }, { station: 'qinxi' }), 'unknown-station', /serves qingxi, not "qinxi"; did you mean qingxi\?/)
  refused(values({ water_level: 1 }), 'ambiguous-station', /both serves qingxi, weir; name one in "station"/, 'both')
  refused(values({ water_level: 1 }), 'unknown-station', /device idle serves no station/, 'idle')
  refused(values({ water_level: 1 }), 'unknown-station', /device nobody is in no network/, 'nobody')
  refused(values({ water_level: { v: 1, u: 'furlong' } }), 'unknown-unit', /"furlong" is not known/)
  refused(values({ water_level: { v: 1, u: 'kg' } }), 'unit-mismatch', /"kg" cannot become "m"/)
  refused(values({ water_level: { v: 1e308, u: 'km' } }), 'not-finite', /beyond 1.8e308 once converted from "km"/)
  refused(values({ water_level: 1, ch1: 2 }), 'wrong-shape', /"ch1" is the second value for qingxi\/water_level\/1/)
  refused({ at: receivedAt + 600_001, values: { water_level: 1 } }, 'time-ahead', /is 10m ahead of our clock; set the clock/)
})

test('ten minutes ahead is taken', () => {
  expect(taking()({ at: receivedAt + 600_000, values: { water_level: 1 } }).rows).toHaveLength(1)
})

test('one bad value puts its whole object aside, and counts all of its values', () => {
  const { rows, refused } = taking()(values({ water_level: 1, water_temperature: 8, nonsense: 3 }))
  expect(rows).toEqual([])
  expect(refused).toMatchObject([{ reason: 'unknown-parameter', values: 3 }])
})

test('a bad item of an array is put aside alone, under its own place', () => {
  const items = [{ at, values: {} }, values({ water_level: 1 }), values({ nonsense: 1, water_level: 2 }), values({ water_temperature: 8 })]
  const { rows, refused } = taking()(items)
  expect(rows.map(([series]) => series)).toEqual(['qingxi/water_level/1', 'qingxi/water_temperature/1'])
  expect(refused).toMatchObject([
    { reason: 'wrong-shape', item: 0, values: 1 },
    { reason: 'unknown-parameter', item: 2, values: 2 },
  ])
})

test('battery goes to the supply voltage where there is one, and is else left out', () => {
  const take = taking()
  expect(take(values({ water_level: 1 }, { battery: 12.6, signal: -71 })).rows).toEqual([
    ['qingxi/water_level/1', 1, ''],
    ['qingxi/supply_voltage/1', 12.6, ''],
  ])
  expect(take(values({ supply_voltage: 12 }, { battery: 12.6 })).rows).toEqual([['qingxi/supply_voltage/1', 12, '']])
  expect(take(values({ q: 1 }, { battery: 12.6 }), 'both')).toMatchObject({ rows: [['weir/river_discharge/1', 1, '']], refused: [] })
})

test('what the source says of a value is a mark', () => {
  const mark = (word: string | null, name: string): void => expect(testsIn(sourceMark(word)).join(' ')).toBe(name)
  for (const word of [null, 'good', 'OK', 'N', '1', ' valid ']) mark(word, '')
  for (const word of ['suspect', '3', 'T', 'S', 't', 'half asleep']) mark(word, 'source_suspect')
  for (const word of ['bad', '4', 'D', 'M', 'F', 'C', 'B']) mark(word, 'source_fail')
  expect(taking()(values({ water_level: { v: 1, q: 'suspect' } })).rows).toEqual([['qingxi/water_level/1', 1, 'source_suspect']])
})

test('a run is judged by its own clock, never by ours, and a reading without a time takes the clock of its run', () => {
  const clocks = createRunClocks([])
  const take = taking(clocks)
  const late = Date.UTC(2030, 0, 1)
  expect(take({ values: { river_discharge: 1 } }, 'simulated').raw).toMatchObject({
    rows: [{ observedAt: receivedAt, run: 'r1' }],
    clocks: [receivedAt],
  })
  expect(take({ at: late, values: { river_discharge: 1 } }, 'simulated').raw).toMatchObject({
    rows: [{ observedAt: late }],
    clocks: [late],
  })
  expect(take({ at: receivedAt, values: { river_discharge: 1 } }, 'simulated').raw).toMatchObject({ clocks: [late] })
  expect(take({ values: { river_discharge: 1 } }, 'simulated')).toMatchObject({
    rows: [['weir/river_discharge/1', 1, 'arrival_time']],
    raw: { rows: [{ observedAt: late }] },
  })
  expect(clocks.moved()).toEqual([{ run: 'r1', at: late }])
})

test('a run that is ticked is judged by its ticks alone: a reading that is ahead of them makes nobody late', () => {
  const clocks = createRunClocks([])
  const take = taking(clocks)
  const [now, ahead] = [Date.UTC(2030, 0, 1), Date.UTC(2030, 0, 2)]
  clocks.tick(runId('r1'), now, 1)
  expect(take({ at: ahead, values: { river_discharge: 1 } }, 'simulated').raw).toMatchObject({
    rows: [{ observedAt: ahead }],
    clocks: [ahead],
  })
  expect(take({ at: now - 1000, values: { river_discharge: 1 } }, 'simulated').raw).toMatchObject({ clocks: [now] })
  expect(clocks.moved()).toEqual([{ run: 'r1', at: now, steps: [[1, now]] }])
  clocks.keep()
  // made again under its name, it begins anew
  clocks.retain(new Set())
  take({ at: ahead, values: { river_discharge: 1 } }, 'simulated')
  expect(clocks.moved()).toEqual([{ run: 'r1', at: ahead }])
})

test('a statistic goes to the series that asks for it, and is left out where none does', () => {
  const hour = 3_600_000
  const works = stationOf('works', [
    sensorOf('works', 'cod', { everyMs: 600_000 }),
    sensorOf('works', 'cod', { number: 2, everyMs: hour, statistic: 'maximum' }),
    sensorOf('works', 'cod', { number: 3, everyMs: hour }),
    sensorOf('works', 'ph', { everyMs: hour }),
    sensorOf('works', 'pm2_5'),
  ])
  const device = deviceOf('logger', ['works'], { units: new Map([['pm2_5', 'mg/m3']]), channels: new Map([['x', channel('works', 'ph')]]) })
  const entry = createDirectory(() => withCounts(createFleet([networkOf('n', [works], [device])])), 1_000).device(deviceId('logger'))
  const moment = { statistic: 'value', shortestMs: 0, longestMs: 0 } as const
  const hourly = { shortestMs: hour, longestMs: hour } as const
  const leads = (name: string, sampling: Sampling, to: string | null): void => {
    const reading = { name, number: null, station: null, value: 1, unit: null, sourceQuality: null, sampling }
    for (let turn = 0; turn < 2; turn++) {
      const found = entry?.resolve(reading)
      expect(found && 'series' in found ? found.series : found).toBe(to)
    }
  }
  leads('cod', moment, 'works/cod/1')
  leads('cod', { statistic: 'maximum', ...hourly }, 'works/cod/2')
  leads('cod', { statistic: 'mean', ...hourly }, 'works/cod/3')
  leads('cod', { statistic: 'minimum', ...hourly }, null)
  leads('cod', { statistic: 'converted', shortestMs: 0, longestMs: 0 }, null)
  leads('ph', moment, null)
  leads('x', { statistic: 'mean', ...hourly }, 'works/ph/1')
  leads('x', moment, null)
  const nowhere = { name: 'codmn', number: null, station: null, value: 1, unit: null, sourceQuality: null, sampling: moment }
  expect(entry?.resolve(nowhere)).toMatchObject({ reason: 'unknown-series' })
  expect(entry?.resolve({ ...nowhere, name: 'w01', hint: '; this is w01' })).toMatchObject({
    detail: '"w01" is neither a parameter nor a channel of device logger; this is w01',
  })
  expect(entry?.resolve({ ...nowhere, name: 'pm2_5' })).toMatchObject({ unit: 'mg/m3' })
})

test('a new fleet is seen at once', () => {
  let current = withCounts(createFleet([networkOf('n', [weir], [deviceOf('d', ['weir'])])]))
  const directory = createDirectory(() => current, 1_000)
  const reading = { name: 'water_level', number: null, station: null, value: 1, unit: null, sourceQuality: null }
  expect(directory.device(deviceId('d'))?.resolve(reading)).toMatchObject({ reason: 'unknown-series' })
  const more = stationOf('weir', [...weir.sensors, sensorOf('weir', 'water_level')])
  current = withCounts(createFleet([networkOf('n', [more], [deviceOf('d', ['weir'])])]))
  expect(directory.device(deviceId('d'))?.resolve(reading)).toMatchObject({ series: 'weir/water_level/1' })
})

test('beyond the bound of all series readings are refused, those of runs first; a counter takes two', () => {
  const real = stationOf('gate', [sensorOf('gate', 'rainfall', { from: 'counter' }), sensorOf('gate', 'ph')])
  const inRun = stationOf('flood-gate', [sensorOf('flood-gate', 'ph')], 'r')
  const networks = [
    networkOf('r', [inRun], [deviceOf('flood-d', ['flood-gate'], { run: runId('r') })], 'r'),
    networkOf('n', [real], [deviceOf('d', ['gate'])]),
  ]
  const reading = { number: null, station: null, value: 1, unit: null, sourceQuality: null }
  const taken = (most: number): string[] => {
    const directory = createDirectory(() => withCounts(createFleet(networks)), most)
    return [
      ['d', 'rainfall'],
      ['d', 'ph'],
      ['flood-d', 'ph'],
    ].map(([device = '', name = '']) => {
      const found = directory.device(deviceId(device))?.resolve({ ...reading, name })
      return found == null || 'reason' in found ? String(found?.reason) : found.series
    })
  }
  expect(taken(4)).toEqual(['gate/rain_accumulated/1', 'gate/ph/1', 'flood-gate/ph/1'])
  expect(taken(3)).toEqual(['gate/rain_accumulated/1', 'gate/ph/1', 'too-many-series'])
  expect(taken(2)).toEqual(['too-many-series', 'gate/ph/1', 'too-many-series'])
  const bound = (most: number) => createSeriesBound(() => createFleet(networks), most)()
  expect(bound(4)).toEqual({ declared: 4, refused: { real: 0, ofRuns: 0 } })
  expect(bound(2)).toEqual({ declared: 4, refused: { real: 1, ofRuns: 1 } })
})

test('thousands of names that nobody knows are refused without a search for each', () => {
  const directory = createDirectory(() => counting, 1_000)
  const entry = directory.device(deviceId('single'))
  const reading = { number: null, station: null, value: 1, unit: null, sourceQuality: null }
  const details = Array.from({ length: 5000 }, (_, i) => entry?.resolve({ ...reading, name: `water_levle_${i}` })).map((found) =>
    found != null && 'reason' in found ? found.detail : '',
  )
  expect(details.every((detail) => detail.includes('neither a parameter'))).toBe(true)
  expect(details.filter((detail) => detail.includes('did you mean')).length).toBeLessThanOrEqual(40)
  expect(details[0]).toContain('did you mean')
})

test('thousands of units and stations that nobody knows are refused without a search for each', () => {
  const take = taking()
  const items = (given: (i: number) => object): object[] => Array.from({ length: 3000 }, (_, i) => given(i))
  const units = take(items((i) => values({ water_level: { v: 1, u: `mX${i}` } })))
  expect(units.refused).toHaveLength(3000)
  expect(new Set(units.refused.map(({ reason }) => reason))).toEqual(new Set(['unknown-unit']))
  expect(take(values({ water_level: { v: 1, u: 'ft' } })).rows).toHaveLength(1)
  const stations = take(items((i) => values({ water_level: 1 }, { station: `qingx${i}` })))
  expect(stations.refused.filter(({ detail }) => detail.includes('did you mean')).length).toBeLessThanOrEqual(40)
})

test('a device of a replay names its stations as the device did whose bytes it repeats', () => {
  const take = taking()
  const at = new Date(receivedAt).toISOString()
  const taken = (payload: object): Taken['rows'] => take({ at, ...payload }, 'beside').rows
  expect(taken({ station: 'gate', values: { water_level: 1 } })).toEqual([['again-gate/water_level/1', 1, '']])
  expect(taken({ station: 'again-sluice', values: { water_level: 2 } })).toEqual([['again-sluice/water_level/1', 2, '']])
  expect(taken({ station: 'gate', values: { g: 3 } })).toEqual([['again-gate/water_level/1', 3, '']])
  expect(take({ at, station: 'sluice', values: { g: 3 } }, 'beside').refused).toMatchObject([{ reason: 'unknown-series' }])
  expect(take({ at, station: 'gat', values: { water_level: 3 } }, 'beside').refused).toMatchObject([{ reason: 'unknown-station' }])
})
