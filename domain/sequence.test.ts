import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { beginSequence, contiguous, missingNumbers, noteNumber, type Sequence } from './sequence.ts'

const minute = 60_000

/** Notes `[number, minute]` one after the other. */
function noted(numbers: readonly (readonly [number, number])[]): Sequence {
  const [[first, at] = [0, 0], ...rest] = numbers
  const sequence = beginSequence(first, at * minute)
  for (const [seq, when] of rest) noteNumber(sequence, seq, when * minute)
  return sequence
}

test('the highest contiguous number stops before the first one that is missing', () => {
  const stands = (numbers: readonly (readonly [number, number])[], highest: number, missing: number) => {
    const sequence = noted(numbers)
    expect([contiguous(sequence), missingNumbers(sequence)]).toEqual([highest, missing])
  }
  stands([[5, 0]], 5, 0)
  stands([[5, 0], [6, 1], [7, 2]], 7, 0) // prettier-ignore
  stands([[5, 0], [8, 3]], 5, 2) // prettier-ignore
  stands([[5, 0], [8, 3], [6, 1]], 6, 1) // prettier-ignore
  stands([[5, 0], [8, 3], [7, 2], [6, 1]], 8, 0) // prettier-ignore
  stands([[5, 0], [8, 3], [8, 3], [5, 0]], 5, 2) // prettier-ignore
})

test('a hole knows between which times its numbers were measured', () => {
  const sequence = noted([[1, 0], [5, 50]]) // prettier-ignore
  expect(sequence.holes).toEqual([{ from: 2, to: 4, after: 0, before: 50 * minute }])
  noteNumber(sequence, 3, 20 * minute)
  expect(sequence.holes).toEqual([
    { from: 2, to: 2, after: 0, before: 20 * minute },
    { from: 4, to: 4, after: 20 * minute, before: 50 * minute },
  ])
})

test('a logger that was reset counts anew, and what it measured before does not disturb that', () => {
  const sequence = noted([[100, 0], [102, 2], [1, 3], [2, 4]]) // prettier-ignore
  expect(sequence).toMatchObject({ first: 1, highest: 2, holes: [], restarts: 1 })
  noteNumber(sequence, 101, 1 * minute)
  expect(contiguous(sequence)).toBe(2)
  noteNumber(sequence, 0, 5 * minute)
  expect(sequence).toMatchObject({ first: 0, highest: 0, restarts: 2 })
  noteNumber(sequence, 5_000_000, 6 * minute)
  expect(sequence).toMatchObject({ first: 5_000_000, restarts: 3 })
})

test('readings of one message that share a number are no reset', () => {
  expect(noted([[7, 0], [7, 1], [7, 2], [8, 3]])).toMatchObject({ highest: 8, restarts: 0 }) // prettier-ignore
})

test('holes are bounded: the oldest are given up and counted', () => {
  const sequence = beginSequence(0, 0)
  for (let i = 1; i <= 100; i++) noteNumber(sequence, i * 3, i * minute)
  expect(sequence.holes).toHaveLength(64)
  expect(sequence.forgotten).toBe(72)
  expect(contiguous(sequence)).toBe(36 * 3)
})

test('in whatever order numbers come, those that came are not missing and the others are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (numbers) => {
      const sequence = beginSequence(0, 0)
      for (const seq of numbers) noteNumber(sequence, seq, seq * minute)
      const came = new Set([0, ...numbers])
      const all = Array.from({ length: Math.max(0, ...numbers) }, (_, i) => i)
      expect(missingNumbers(sequence)).toBe(all.filter((seq) => !came.has(seq)).length)
      expect(contiguous(sequence)).toBe((all.find((seq) => !came.has(seq)) ?? Math.max(0, ...numbers) + 1) - 1)
    }),
  )
})
