import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { LatencyHistogram } from './histogram.ts'

const of = (...values: number[]): LatencyHistogram => {
  const made = new LatencyHistogram()
  for (const value of values) made.record(value)
  return made
}

test('a percentile is the duration that so many of a hundred do not pass', () => {
  const hundred = of(...Array.from({ length: 100 }, (_, i) => (i + 1) / 1000))
  expect([1, 50, 99, 100].map((percent) => hundred.percentile(percent))).toEqual([0.001, 0.05, 0.099, 0.1])
  expect(of().percentile(50)).toBeNull()
  expect(of(0, -1).percentile(100)).toBe(0.001)
})

test('a percentile is at most 1.6 % above one of the values and never below it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 100 }),
      (micros, percent) => {
        const exact = [...micros].sort((a, b) => a - b)[Math.ceil((micros.length * percent) / 100) - 1] ?? NaN
        const found = (of(...micros.map((value) => value / 1000)).percentile(percent) ?? NaN) * 1000
        expect(found).toBeGreaterThanOrEqual(exact * 0.999999)
        expect(found).toBeLessThanOrEqual(exact * 1.016)
      },
    ),
  )
})

test('histograms of several processes add up to that of all', () => {
  const together = of(1, 2, 300)
  together.add(of(4, 5000, 60_000).counts())
  expect(together.counts()).toEqual(of(1, 2, 300, 4, 5000, 60_000).counts())
  expect(together.total).toBe(6)
  together.clear()
  expect([together.total, together.percentile(50)]).toEqual([0, null])
})

test('what lasts longer than the largest bucket counts as the largest', () => {
  expect(of(1e12).percentile(50)).toBe((2 ** 31 - 1) / 1000)
})
