import { expect, test } from '@jest/globals'
import { testBit } from '../domain/quality-tests.ts'
import fc from 'fast-check'
import type { Observation } from '../domain/observation.ts'
import { findParameter } from '../domain/parameters.ts'
import type { Flag } from '../domain/flag.ts'
import { hour, minute, start, storedRow } from '../store/testing/rows.ts'
import { standingOf, trendOf } from './answers/series.ts'
import { createSeriesState } from './series-state.ts'

const reading = (at: number, value: number | null, flag: Flag = 1): Observation => storedRow({ observedAt: start + at, value, flag })
const waterLevel = findParameter('water_level')
if (!waterLevel) throw new Error('the catalogue has no water_level')

test('any order of arrival gives the same day', () => {
  const rows = Array.from({ length: 60 }, (_, i) => reading(i * 5 * minute, i, ([1, 2, 3, 4] as const)[i % 4]))
  const whole = createSeriesState(5 * minute)
  for (const row of rows) whole.take(row)
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), fc.array(fc.nat(59)), (shuffled, again) => {
      const state = createSeriesState(5 * minute)
      for (const row of [...shuffled, ...again.flatMap((place) => rows[place] ?? [])]) state.take(row)
      expect(state.day(start + 5 * hour)).toEqual(whole.day(start + 5 * hour))
      expect(state.whole(start + 5 * hour)).toBe(whole.whole(start + 5 * hour))
      expect(state.recent).toEqual(whole.recent)
      expect(state.latest).toEqual(rows.at(-1))
    }),
    { numRuns: 50 },
  )
})

test('jitter and doubles neither add to nor take from completeness', () => {
  const state = createSeriesState(minute)
  for (let i = 0; i < 1440; i += 1) {
    const jitter = ((i * 7919) % 25) * 1000 - 12_000
    state.take(reading(i * minute + jitter + minute / 2, i))
    state.take(reading(i * minute + jitter + minute / 2, i))
  }
  expect(state.whole(start + 24 * hour - 1)).toBe(1)
})

test('what is older than a day is forgotten, and what is missing shows', () => {
  const state = createSeriesState(10 * minute)
  for (let i = 0; i < 144; i += 1) if (i < 60 || i >= 66) state.take(reading(i * 10 * minute, i))
  const day = state.day(start + 24 * hour - 1)
  expect(day.completeness?.map((share, cell) => (share < 1 ? cell : -1)).filter((cell) => cell >= 0)).toEqual([20, 21])
  expect(state.whole(start + 24 * hour - 1)).toBeCloseTo(138 / 144)
  state.take(reading(30 * hour, 1))
  const later = state.day(start + 30 * hour)
  expect(later.completeness?.slice(36, 47)).toEqual(Array.from({ length: 11 }, () => 0))
  expect(later.last[47]).toBe(1)
  state.take(reading(100 * hour, 2))
  expect(state.day(start + 100 * hour).worst.filter((mark) => mark !== 0)).toEqual([1])
})

test('a series slower than half an hour fills the cells of its interval', () => {
  const hourly = createSeriesState(hour)
  for (let i = 0; i < 24; i += 1) hourly.take(reading(i * hour, i))
  expect(hourly.whole(start + 24 * hour - 1)).toBe(1)
  const daily = createSeriesState(24 * hour)
  daily.take(reading(8 * hour, 1))
  daily.take(reading(32 * hour, 2))
  expect(daily.whole(start + 48 * hour - 1)).toBe(1)
  const irregular = createSeriesState(null)
  irregular.take(reading(0, 5))
  expect(irregular.day(start + minute).completeness).toBeNull()
  expect(irregular.whole(start + minute)).toBeNull()
  expect(irregular.day(start + minute).last[47]).toBe(5)
})

test('missing values do not count as readings', () => {
  const state = createSeriesState(5 * minute)
  for (let i = 0; i < 6; i += 1) state.take(reading(i * 5 * minute, i < 3 ? null : i, i < 3 ? 9 : 1))
  const day = state.day(start + 30 * minute - 1)
  expect(day.completeness?.[47]).toBeCloseTo(3 / 5)
  expect(day.worst[47]).toBe(1)
})

test('a trend is the median slope of trusted readings near the newest', () => {
  const sensor = { everyMs: 5 * minute, parameter: { ...waterLevel, resolution: 0.01 } }
  const trend = (values: (number | null)[], flags: Flag[] = []) =>
    trendOf(
      values.map((value, i) => reading(i * 5 * minute, value, flags[i] ?? 1)),
      sensor,
    )
  expect(trend([1, 1.1, 1.2, 1.3, 1.4])).toEqual({ direction: 'rising', perHour: expect.closeTo(1.2), readings: 5 })
  expect(trend([2, 1.9, 1.8])).toMatchObject({ direction: 'falling', perHour: expect.closeTo(-1.2) })
  expect(trend([2, 2, 2])).toEqual({ direction: 'steady', perHour: 0, readings: 3 })
  expect(trend([2, 2.001, 2.002])).toMatchObject({ direction: 'steady' })
  expect(trend([1, 1, 9, 1, 1])).toMatchObject({ direction: 'steady' })
  expect(trend([1, 1.1, 9, 1.3, 1.4], [1, 1, 4, 1, 1])).toEqual({ direction: 'rising', perHour: expect.closeTo(1.2), readings: 4 })
  const fast = [1, 1.4, 1.8, 2.2].map((value, i) => ({
    ...reading(i * 5 * minute, value, i === 0 ? 1 : 4),
    tests: i === 0 ? 0 : testBit('rate_of_change'),
  }))
  expect(trendOf(fast, sensor)).toEqual({ direction: 'rising', perHour: expect.closeTo(4.8), readings: 3 })
  expect(trend([1, 2])).toMatchObject({ direction: 'unknown', perHour: null, readings: 2 })
  expect(trend([])).toEqual({ direction: 'unknown', perHour: null, readings: 0 })
  const apart = [reading(0, 1), reading(10 * minute, 2), reading(hour, 3), reading(65 * minute, 4)]
  expect(trendOf(apart, sensor).readings).toBe(2)
})

test('a stage is reached at its limit', () => {
  const stages = [
    { name: 'warning', limit: 3 },
    { name: 'guarantee', limit: 4 },
  ]
  expect(standingOf(2.5, stages)).toEqual({ reached: null, above: null, next: stages[0], below: 0.5 })
  expect(standingOf(3, stages)).toEqual({ reached: stages[0], above: 0, next: stages[1], below: 1 })
  expect(standingOf(5, stages)).toEqual({ reached: stages[1], above: 1, next: null, below: null })
})
