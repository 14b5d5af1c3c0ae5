import { expect, test } from '@jest/globals'
import { near } from '../testing/near.ts'
import { timeToThresholdOls } from './time-to-threshold.ts'

const hours = [0, 1, 2, 3, 4, 5, 6, 7]
const rising = [1.5, 1.58, 1.61, 1.7, 1.74, 1.83, 1.88, 1.95]

test('the worked rise meets 2.5 m', () => {
  const found = timeToThresholdOls(hours, rising, { limit: 2.5 })
  expect(found.status).toBe('expected')
  near(found.at, 15.6879)
  near(found.bounds?.[0], 14.9714)
  near(found.bounds?.[1], 16.4961)
})

test('beyond, level, away and too short are told apart', () => {
  expect(timeToThresholdOls(hours, rising, { limit: 1.95 })).toEqual({ status: 'exceeded', at: 7, bounds: null })
  expect(timeToThresholdOls(hours, [1, 2, 1, 2, 1, 2, 1, 2], { limit: 3 }).status).toBe('noTrend')
  expect(timeToThresholdOls(hours, [...rising].reverse(), { limit: 3 }).status).toBe('noTrend')
  expect(timeToThresholdOls([0, 1], [1, 2], { limit: 3 }).status).toBe('insufficient')
})
