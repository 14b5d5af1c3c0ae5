import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { runId } from './ids.ts'
import { beginSequence, contiguous, measuredAt, missingNumbers, noteNumber, type Sequence } from './sequence.ts'

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
  stands([[1, 0]], 1, 0)
  stands([[0, 0], [1, 1], [2, 2]], 2, 0) // prettier-ignore
  stands([[1, 0], [4, 3]], 1, 2) // prettier-ignore
  stands([[1, 0], [4, 3], [2, 1]], 2, 1) // prettier-ignore
  stands([[1, 0], [4, 3], [3, 2], [2, 1]], 4, 0) // prettier-ignore
  stands([[1, 0], [4, 3], [4, 3], [1, 0]], 1, 2) // prettier-ignore
})

test('where the begin of the count is not known, no number is the highest contiguous one', () => {
  const isUnknown = (numbers: readonly (readonly [number, number])[]) => expect(contiguous(noted(numbers))).toBeNull()
  isUnknown([[500, 0]])
  isUnknown([[2, 0], [3, 1]]) // prettier-ignore
  isUnknown([[500, 100], [400, 0], [402, 2]]) // prettier-ignore
  isUnknown([[1, 0], [2, 1], [500_000, 2]]) // prettier-ignore
  isUnknown([[1, 0], [2, 1], [3, 2], [2, 9]]) // prettier-ignore
})

test('a number that came first with a later time holds none of the others up', () => {
  const stands = (numbers: readonly (readonly [number, number])[], highest: number | null) =>
    expect(contiguous(noted(numbers))).toBe(highest)
  stands([[1, 5], [2, 1], [3, 2], [4, 3], [5, 4]], 5) // prettier-ignore
  stands([[1, 5], [5, 4], [3, 2], [2, 1], [4, 3]], 5) // prettier-ignore
  stands([[3, 3], [2, 2], [1, 1]], 3) // prettier-ignore
  stands([[3, 3], [1, 1], [4, 4]], 1) // prettier-ignore
  stands([[3, 3], [1, 1], [4, 4], [2, 2]], 4) // prettier-ignore
  // the same in a count that begins anew
  stands([[90, 0], [91, 1], [1, 9], [2, 5], [3, 6], [90, 0]], 3) // prettier-ignore
})

test('what comes from our clock was measured before it was received', () => {
  expect(measuredAt({ observedAt: 9, receivedAt: 5, run: null })).toBe(5)
  expect(measuredAt({ observedAt: 4, receivedAt: 5, run: null })).toBe(4)
  expect(measuredAt({ observedAt: 9, receivedAt: 5, run: runId('r') })).toBe(9)
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

test('holes are bounded: the two nearest become one, and nothing that is missing counts as come', () => {
  const sequence = beginSequence(0, 0)
  for (let i = 1; i <= 100; i++) noteNumber(sequence, i * 3, i * minute)
  expect(sequence.holes).toHaveLength(64)
  expect(contiguous(sequence)).toBe(0)
  for (let seq = 1; seq < 300; seq++) if (seq % 3 > 0) noteNumber(sequence, seq, (seq * minute) / 3)
  expect(contiguous(sequence)).toBeLessThan(300)
  for (let seq = 1; seq < 300; seq++) noteNumber(sequence, seq, (seq * minute) / 3)
  expect([contiguous(sequence), sequence.restarts]).toEqual([300, 0])
})

test('in whatever order numbers come, those that came are not missing and the others are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), fc.integer({ min: -30, max: 30 }), (numbers, ahead) => {
      const sequence = beginSequence(0, Math.max(0, ahead) * minute)
      for (const seq of numbers) noteNumber(sequence, seq, seq * minute)
      const came = new Set([0, ...numbers])
      const all = Array.from({ length: Math.max(0, ...numbers) }, (_, i) => i)
      expect(missingNumbers(sequence)).toBe(all.filter((seq) => !came.has(seq)).length)
      expect(contiguous(sequence)).toBe((all.find((seq) => !came.has(seq)) ?? Math.max(0, ...numbers) + 1) - 1)
    }),
  )
})
