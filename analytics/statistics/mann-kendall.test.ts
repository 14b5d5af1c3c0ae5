import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { exactTwoSided, mannKendall } from './mann-kendall.ts'
import { near } from '../testing/near.ts'

const line = [2, 2.3, 2.1, 2.6, 2.9, 2.8]

test('the worked tests, with and without ties', () => {
  const rising = mannKendall(line)
  near(rising.s, 11)
  near(rising.variance, 28.3333)
  near(rising.z, 1.87867)
  near(rising.p, 0.0602892)
  const tied = mannKendall([5, 5, 6, 5, 7, 7, 8, 6, 9, 9])
  near(tied.s, 31)
  near(tied.variance, 118.333)
  near(tied.z, 2.75783)
  near(tied.p, 0.00581862)
  near(tied.tauA, 0.688889)
  near(tied.tauB, 0.739985)
  expect(tied.tied).toBe(0.9)
})

test('missing values are dropped and a level series has no trend', () => {
  expect(mannKendall([2, null, 2.3, 2.1, null, 2.6, 2.9, 2.8])).toEqual(mannKendall(line))
  expect(mannKendall([4, 4, 4, 4])).toMatchObject({ s: 0, variance: 0, z: 0, p: 1, tauB: 0 })
  expect(mannKendall([])).toMatchObject({ n: 0, s: 0, p: 1 })
})

test('below eight values the p of all orders is exact', () => {
  near(exactTwoSided(line), 40 / 720)
  near(exactTwoSided([1, 2, 3]), 2 / 6)
  near(exactTwoSided([1, 1, 2]), 4 / 6)
  expect(exactTwoSided([1, 2, 3, 4, 5, 6, 7, 8])).toBeNull()
})

test('S counts every pair, whatever the series', () => {
  const bySigns = (values: readonly number[]): number =>
    values.reduce((sum, earlier, i) => sum + values.slice(i + 1).reduce((part, later) => part + Math.sign(later - earlier), 0), 0)
  const values = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 })
  fc.assert(fc.property(values, (series) => expect(mannKendall(series).s === bySigns(series)).toBe(true)))
})
