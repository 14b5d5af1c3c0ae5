import { expect, test } from '@jest/globals'
import { incompleteBeta, logGamma, studentCdf, studentQuantile, studentTwoSided } from './student.ts'

const near = (found: number, expected: number, absolute = 1e-10) => expect(Math.abs(found - expected)).toBeLessThanOrEqual(absolute)

test('ln gamma agrees with the factorials and the half', () => {
  near(logGamma(1), 0, 1e-14)
  near(logGamma(5), Math.log(24), 1e-13)
  near(logGamma(0.5), Math.log(Math.PI) / 2, 1e-13)
  near(logGamma(101), 363.7393755555635, 1e-10)
})

test('the incomplete beta function agrees with the binomial sums and its own mirror', () => {
  near(incompleteBeta(0.5, 1, 1), 0.5)
  near(incompleteBeta(0.3, 2, 3), 6 * 0.3 ** 2 * 0.7 ** 2 + 4 * 0.3 ** 3 * 0.7 + 0.3 ** 4)
  near(incompleteBeta(0.5, 5, 4), 1 - 0.636719, 1e-6)
  for (const x of [0.01, 0.2, 0.5, 0.77, 0.999]) near(incompleteBeta(x, 3.5, 0.5) + incompleteBeta(1 - x, 0.5, 3.5), 1)
  expect([incompleteBeta(-1, 2, 2), incompleteBeta(2, 2, 2)]).toEqual([0, 1])
})

test("Student's t agrees with its closed forms and the printed tables", () => {
  near(studentCdf(1, 1), 0.75)
  near(studentCdf(-2, 1), 0.5 - Math.atan(2) / Math.PI)
  near(studentCdf(1, 2), 0.5 + 1 / (2 * Math.sqrt(3)))
  near(studentTwoSided(2.7764451051977987, 4), 0.05)
  near(studentQuantile(0.975, 4), 2.7764451051977987)
  near(studentQuantile(0.95, 6), 1.943180280515)
  near(studentQuantile(0.975, 1), 12.706204736174698, 1e-8)
  near(studentQuantile(0.025, 30), -2.0422724563012378)
  near(studentQuantile(0.5, 3), 0)
  expect([studentQuantile(0, 3), studentQuantile(1, 3)]).toEqual([-Infinity, Infinity])
})
