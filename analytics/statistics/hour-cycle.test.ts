import { expect, test } from '@jest/globals'
import { sameHourSlope, withoutHourCycle } from './hour-cycle.ts'
import { mannKendall } from './mann-kendall.ts'

const start = Date.UTC(2026, 5, 1, 3)
const hours = (count: number): number[] => Array.from({ length: count }, (_, i) => start + i * 3_600_000)

test('a value is told from the median of the same hour of day', () => {
  const times = hours(48)
  const { residuals, medians } = withoutHourCycle(
    times,
    times.map((_, i) => (i < 24 ? 8 : 9)),
  )
  expect(residuals.slice(0, 3)).toEqual([-0.5, -0.5, -0.5])
  expect(residuals.slice(-2)).toEqual([0.5, 0.5])
  expect(medians[3]).toBe(8.5)
  expect(withoutHourCycle(hours(1), [7]).medians.filter((median) => median !== null)).toEqual([7])
})

test('the morning rise of oxygen is no trend once the daily cycle is out, a loss from day to day still is', () => {
  const times = hours(60)
  const cycle = times.map((_, i) => 8 + 2 * Math.sin((2 * Math.PI * (i - 6)) / 24))
  const morning = cycle.slice(48)
  expect(mannKendall(morning).p).toBeLessThan(0.001)
  const { residuals } = withoutHourCycle(times, cycle)
  expect(mannKendall(residuals.slice(48).map((residual) => Math.round(residual * 1e9))).p).toBe(1)
  const losing = cycle.map((value, i) => value - 0.02 * i)
  expect(mannKendall(withoutHourCycle(times, losing).residuals).p).toBeLessThan(0.001)
})

test('the slope of same-hour pairs is the change from day to day, whatever the cycle', () => {
  const times = hours(72)
  const values = times.map((_, i) => 8 + 2 * Math.sin((2 * Math.PI * i) / 24) - 0.01 * i)
  const slope = sameHourSlope(times, values, 0.9)
  expect(slope?.slope).toBeCloseTo(-0.01, 12)
  expect(slope?.slopeInterval[0]).toBeCloseTo(-0.01, 12)
  const noisy = values.map((value, i) => value + (((i * 7919) % 13) - 6) * 0.01)
  const [low, high] = sameHourSlope(times, noisy, 0.9)?.slopeInterval ?? [0, 0]
  expect(low).toBeLessThan(-0.01)
  expect(high).toBeGreaterThan(-0.01)
  expect(high - low).toBeLessThan(0.004)
  expect(sameHourSlope(hours(20), values.slice(0, 20), 0.9)).toBeNull()
})
