import { expect, test } from '@jest/globals'
import * as ss from 'simple-statistics'
import { erfc, normalCdf, normalQuantile } from './normal.ts'

const near = (found: number, expected: number, relative = 1e-12) =>
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(relative * Math.max(1e-300, Math.abs(expected)))

test('erfc has its digits in the middle and far out in the tail', () => {
  near(erfc(0), 1)
  near(erfc(0.5), 0.4795001221869535)
  near(erfc(1), 0.15729920705028513)
  near(erfc(2), 0.004677734981047266)
  near(erfc(3.9 / Math.SQRT2) / 2, 0.0000480963440176, 1e-6)
  near(erfc(5), 1.5374597944280349e-12)
  near(erfc(10), 2.088487583762545e-45)
  near(erfc(-1), 1.8427007929497148)
  expect(erfc(40)).toBe(0)
  expect(erfc(NaN)).toBeNaN()
})

test('the two ways to compute erfc meet at 2', () => {
  near(erfc(2 - 1e-12), erfc(2), 1e-10)
})

test('the normal quantile takes back the distribution function where the tables of simple-statistics do not', () => {
  near(normalQuantile(0.975), 1.959963984540054)
  near(normalQuantile(0.995), 2.5758293035489004)
  near(normalQuantile(0.95), 1.6448536269514722)
  near(normalQuantile(1e-10), -6.361340902404056)
  for (const p of [1e-200, 1e-12, 0.01, 0.2, 0.5, 0.9, 0.999999]) near(normalCdf(normalQuantile(p)), p, 1e-10)
  expect(normalQuantile(0)).toBe(-Infinity)
  expect(normalQuantile(1)).toBe(Infinity)
  expect(normalQuantile(1.1)).toBeNaN()
  expect(Math.abs(ss.probit(0.975) - 1.959963984540054)).toBeGreaterThan(1e-3)
})
