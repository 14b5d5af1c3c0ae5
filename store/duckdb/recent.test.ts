import { expect, test } from '@jest/globals'
import { rowsOf, seriesOf } from '../testing/rows.ts'
import { createRecentCommits } from './recent.ts'

const commit = (number: number, rows: number): { commit: number; rows: ReturnType<typeof rowsOf>; watermarks: [] } => ({
  commit: number,
  rows: rowsOf(seriesOf('a'), rows),
  watermarks: [],
})

test('commits are told from memory as long as none is missing', () => {
  const recent = createRecentCommits(10)
  const numbers = (after: number, limit = 100): number[] | null => recent.since(after, limit)?.map((one) => one.commit) ?? null
  expect(numbers(0)).toBeNull()
  for (const number of [4, 5, 6]) recent.add(commit(number, 2))
  expect(numbers(3)).toEqual([4, 5, 6])
  expect(numbers(4, 2)).toEqual([5])
  expect(numbers(6)).toEqual([])
  expect(numbers(2)).toBeNull()
  recent.add(commit(7, 5))
  expect(numbers(3)).toBeNull()
  expect(numbers(5)).toEqual([6, 7])
  recent.passed(6)
  expect(numbers(5)).toBeNull()
  expect(numbers(6)).toEqual([7])
  recent.forget()
  expect(numbers(6)).toBeNull()
})

test('a commit larger than the bound is not held', () => {
  const recent = createRecentCommits(10)
  recent.add(commit(1, 50))
  expect(recent.since(0, 100)).toBeNull()
  recent.add(commit(2, 1))
  expect(recent.since(1, 100)).toHaveLength(1)
})
