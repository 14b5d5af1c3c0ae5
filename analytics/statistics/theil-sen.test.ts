import { expect, test } from '@jest/globals'
import { near } from '../testing/near.ts'
import { mostPoints, theilSen } from './theil-sen.ts'

test('the worked lines', () => {
  const line = theilSen([0, 1, 2, 3, 4, 5], [2, 2.3, 2.1, 2.6, 2.9, 2.8])
  near(line?.slope, 0.2)
  near(line?.intercept, 1.95)
  near(line?.slopeInterval[0], -0.1)
  near(line?.slopeInterval[1], 0.4)
  const outlier = theilSen([0, 1, 3, 7, 8], [1, 1.2, 9, 2.4, 2.7])
  near(outlier?.slope, 0.20625)
  near(outlier?.intercept, 1.78125)
})

test('pairs at one time do not count, and without a pair there is no line', () => {
  expect(theilSen([1, 1, 2], [5, 7, 6])?.slope).toBe(0)
  expect(theilSen([1, 1], [5, 7])).toBeNull()
  expect(theilSen([1], [5])).toBeNull()
})

test('a long series is cut to its newest points', () => {
  const t = Array.from({ length: mostPoints + 100 }, (_, i) => i)
  const bent = t.map((i) => (i < 100 ? 0 : 3 * i))
  expect(theilSen(t, bent)).toMatchObject({ n: mostPoints, slope: 3 })
})
