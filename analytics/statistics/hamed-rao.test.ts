import { expect, test } from '@jest/globals'
import { near } from '../testing/near.ts'
import { hamedRao, midranks } from './hamed-rao.ts'
import { mannKendall } from './mann-kendall.ts'

const seasonal = [12.1, 12.6, 12.9, 12.4, 12, 11.8, 12.2, 12.9, 13.4, 13.8, 13.5, 13.1, 12.9, 13.2, 13.9, 14.4, 14.6, 14.1, 13.8, 14.2]

test('the worked series, clamped and as published', () => {
  const clamped = hamedRao(seasonal)
  near(clamped.s, 120)
  near(clamped.variance, 945.333)
  near(clamped.z, 3.87039)
  near(clamped.p, 0.000108662)
  const published = hamedRao(seasonal, { clampFactor: false })
  near(published.factor, 0.738366)
  near(published.z, 4.50421)
})

test('a slow oscillation widens the variance, so that the trend it feigns is not believed', () => {
  const slow = Array.from({ length: 72 }, (_, i) => Math.sin((2 * Math.PI * (i + 6)) / 72))
  expect(mannKendall(slow).p).toBeLessThan(1e-6)
  expect(hamedRao(slow).factor).toBeGreaterThan(5)
  expect(hamedRao(slow).p).toBeGreaterThan(mannKendall(slow).p * 1000)
})

test('equal values share their rank, and a level series is not corrected', () => {
  expect(midranks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2])
  expect(hamedRao([4, 4, 4, 4])).toMatchObject({ factor: 1, z: 0, p: 1 })
  expect(hamedRao([1, 2])).toMatchObject({ factor: 1 })
})
