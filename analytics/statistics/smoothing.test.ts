import { expect, test } from '@jest/globals'
import { allNear, near } from '../testing/near.ts'
import { cusum, pageHinkley } from './change.ts'
import { ewma, ewmaIrregular, ewmaReach } from './ewma.ts'
import { hampel, hampelTrailing } from './hampel.ts'

test('the Hampel filter takes out the one outlier and leaves a constant signal alone', () => {
  const values = [4.1, 4.2, 4.1, 9, 4.3, 4.2, 4.4]
  const options = { threshold: 3, minScale: 0.1 }
  expect(hampel(values, 2, options)).toEqual({ outliers: [3], smoothed: [4.1, 4.2, 4.1, 4.2, 4.3, 4.2, 4.4] })
  expect(hampelTrailing(values, 4, options).outliers).toEqual([3])
  expect(hampel([5, 5, 5.01, 5, 5], 2, { threshold: 3, minScale: 0.01 }).outliers).toEqual([])
})

test('moving averages, even and uneven in time, and their limits', () => {
  allNear(ewma([10, 12, 9, 15], 0.2, 10), [10, 10.4, 10.12, 11.096])
  allNear(ewmaIrregular([0, 300], [10, 14], 900), [10, 11.1339])
  allNear(
    [1, 2, 5, Infinity].map((i) => 10 + ewmaReach(i, { sigma: 1.5 })),
    [10.9, 11.1526, 11.4172, 11.5],
  )
})

test('a cumulative sum finds the shift, a mirrored one the fall', () => {
  const values = [0.2, -0.4, 1.1, 1.6, 0.9, 2, 1.8, 1.2]
  const found = cusum(values, { mean: 0, slack: 0.5, limit: 4 })
  allNear(found.up, [0, 0, 0.6, 1.7, 2.1, 3.6, 4.9, 5.6])
  expect(found.alarms).toEqual([6, 7])
  expect(
    cusum(
      values.map((value) => -value),
      { mean: 0, slack: 0.5, limit: 4 },
    ).alarms,
  ).toEqual([6, 7])
  expect(cusum(values, { mean: 0, slack: 0.5, limit: 4, resetOnAlarm: true }).alarms).toEqual([6])
})

test('Page-Hinkley finds the step up and, mirrored, the step down', () => {
  const values = [0, 0.1, -0.1, 0, 1, 1.2, 0.9, 1.1]
  const found = pageHinkley(values, { delta: 0.05, limit: 2 })
  allNear(found.statistic, [0, 0, 0, 0, 0.75, 1.53333, 1.94048, 2.46548])
  expect(found.alarms).toEqual([7])
  expect(
    pageHinkley(
      values.map((value) => -value),
      { delta: 0.05, limit: 2, direction: 'down' },
    ).alarms,
  ).toEqual([7])
  near(pageHinkley([1], { delta: 0.05, limit: 2 }).statistic[0], 0)
})
