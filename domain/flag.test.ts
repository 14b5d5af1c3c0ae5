import { expect, test } from '@jest/globals'
import { aggregate, flag } from './flag.ts'

test('the worst verdict wins, and good outranks not evaluated', () => {
  expect(aggregate([1, 2, 9])).toBe(flag.good)
  expect(aggregate([3, 9, 9])).toBe(flag.suspect)
  expect(aggregate([1, 4, 3])).toBe(flag.fail)
  expect(aggregate([])).toBe(flag.notEvaluated)
  expect(aggregate([9])).toBe(flag.missing)
})
