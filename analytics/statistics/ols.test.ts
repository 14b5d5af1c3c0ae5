import { expect, test } from '@jest/globals'
import { ols } from './ols.ts'
import { near } from '../testing/near.ts'

test('the worked line of six points', () => {
  const line = ols([0, 1, 2, 3, 4, 5], [2, 2.3, 2.1, 2.6, 2.9, 2.8])
  near(line?.slope, 0.18)
  near(line?.intercept, 2)
  near(line?.slopeError, 0.0427618)
  near(line?.residual, 0.178885)
  near(line?.r2, 0.815827)
  near(line?.p, 0.0135931)
  near(line?.slopeInterval[0], 0.0612742)
  near(line?.slopeInterval[1], 0.298726)
  near(line?.interceptError, 0.178885 * Math.sqrt(1 / 6 + 2.5 ** 2 / 17.5))
})

test('a line needs three points at different times', () => {
  expect(ols([0, 1], [1, 2])).toBeNull()
  expect(ols([3, 3, 3], [1, 2, 3])).toBeNull()
})

test('a perfect line has no doubt, a level one no slope', () => {
  near(ols([0, 1, 2, 3], [1, 3, 5, 7])?.slope, 2)
  expect(ols([0, 1, 2, 3], [4, 4, 4, 4])).toMatchObject({ slope: 0, p: 1, r2: 0 })
})
