import { expect, test } from '@jest/globals'
import { parameterKey, sensorId, stationId } from '../../domain/ids.ts'
import type { Sensor } from '../../domain/network.ts'
import { parameterKinds } from '../../domain/parameter-kinds.ts'
import { findParameter, parameters } from '../../domain/parameters.ts'
import { testNames } from '../../domain/quality-tests.ts'
import { limitsOf } from './defaults.ts'
import { kindLimits, parameterLimits } from './limits-table.ts'
import { grossRange } from './gross-range.ts'
import { qualityTests } from './registry.ts'

function sensor(parameter: string, more: Partial<Sensor> = {}): Sensor {
  const found = findParameter(parameter)
  if (!found) throw new Error(`no parameter ${parameter}`)
  const station = stationId('s')
  return {
    id: sensorId(station, parameterKey(parameter)),
    station,
    parameter: found,
    number: 1,
    everyMs: 300_000,
    from: 'value',
    perTip: null,
    modulus: null,
    stages: new Map(),
    range: { fail: null, suspect: null },
    statistic: null,
    latenessMs: 86_400_000,
    ...more,
  }
}

test('a stage is judged by the table of defaults', () => {
  expect(limitsOf(sensor('water_level'))).toMatchObject({
    spike: { suspect: 0.15, fail: 0.5 },
    rate_of_change: { suspect: 0.5, fail: 3 },
    flat_line: { suspectMs: 12 * 3_600_000, failMs: 48 * 3_600_000, tolerance: 0.002 },
    gapMs: 900_000,
  })
})

test("the site's own range wins over the table, and the table over the catalogue", () => {
  const range = { fail: [1, 9], suspect: [2, 12] } as const
  expect(limitsOf(sensor('ph')).gross_range).toEqual({ fail: [0, 14], suspect: [5, 9.5] })
  expect(limitsOf(sensor('ph', { range })).gross_range).toEqual({ fail: [1, 9], suspect: [2, 9] })
  expect(limitsOf(sensor('ph', { range: { fail: [6, 9], suspect: null } })).gross_range).toEqual({ fail: [6, 9], suspect: [6, 9] })
  expect(limitsOf(sensor('ph', { range: { fail: [20, 30], suspect: null } })).gross_range).toEqual({ fail: [20, 30], suspect: null })
  expect(limitsOf(sensor('orp')).gross_range).toEqual({ fail: [-1500, 1500], suspect: null })
})

test('rain scales with its interval, and is neither flat nor a spike', () => {
  const upTo = (everyMs: number): unknown => limitsOf(sensor('rainfall', { everyMs })).gross_range
  expect(upTo(300_000)).toEqual({ fail: [0, 40], suspect: [0, 15] })
  expect(upTo(3_600_000)).toEqual({ fail: [0, 305], suspect: [0, 180] })
  expect(limitsOf(sensor('rainfall'))).toMatchObject({ spike: null, rate_of_change: null, flat_line: null })
})

test('a gap is three, six or two intervals, by kind, and six hours where there is no interval', () => {
  const gap = (parameter: string, everyMs: number | null): number => limitsOf(sensor(parameter, { everyMs })).gapMs
  expect(gap('water_level', 300_000)).toBe(900_000)
  expect(gap('dissolved_oxygen', 300_000)).toBe(1_800_000)
  expect(gap('ammonia_nitrogen', 14_400_000)).toBe(28_800_000)
  expect(gap('water_level', null)).toBe(21_600_000)
})

test('what is read back at a start is bounded for a fast series', () => {
  expect(limitsOf(sensor('water_level', { everyMs: 1000 })).flat_line?.horizonMs).toBe(10_000_000)
})

test('every parameter of the catalogue has limits that do not contradict each other', () => {
  for (const key of parameters.keys()) {
    const { gross_range: range, spike, rate_of_change: rate, flat_line: flat } = limitsOf(sensor(key))
    if (range) expect(grossRange([1], range)).toHaveLength(1)
    for (const limits of [spike, rate]) if (limits) expect(limits.suspect).toBeLessThanOrEqual(limits.fail)
    if (flat) expect(flat.suspectMs).toBeLessThan(flat.failMs)
  }
})

test('every kind and every test is registered', () => {
  expect(Object.keys(kindLimits).sort()).toEqual([...parameterKinds].sort())
  for (const key of parameterLimits.keys()) expect(parameters.has(key)).toBe(true)
  const names = qualityTests.map((test) => test.name)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(testNames).toContain(name)
})
