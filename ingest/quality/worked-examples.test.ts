import { expect, test } from '@jest/globals'
import type { Flag } from '../../domain/flag.ts'
import { flatLine, type FlatLineLimits } from './flat-line.ts'
import { gapCount, timeGap } from './gap.ts'
import { grossRange } from './gross-range.ts'
import { rateOfChange } from './rate-of-change.ts'
import { spike, type SpikeMethod } from './spike.ts'

type Values = readonly (number | null)[]

test('a value outside the fail span fails, outside the suspect span it is suspect, and the ends are inside', () => {
  const flags = (values: Values, expected: Flag[]): void => expect(grossRange(values, { fail: [0, 14], suspect: [6, 9] })).toEqual(expected)
  flags([-1, 5.5, 7, 9, 9.2, 15, null], [4, 3, 1, 1, 3, 4, 9])
  flags([0, 14, 6], [3, 3, 1])
  flags([], [])
})

test('an open end lets everything through', () => {
  expect(grossRange([-1e9, 5], { fail: [null, 4], suspect: null })).toEqual([1, 4])
})

test('a suspect span that leaves the fail span is refused', () => {
  expect(() => grossRange([1], { fail: [0, 14], suspect: [5, 15] })).toThrow('gross_range')
  expect(() => grossRange([1], { fail: [0, 14], suspect: [null, 9] })).toThrow('gross_range')
})

test('a spike stands out from its neighbours', () => {
  const flags = (values: Values, method: SpikeMethod, expected: Flag[]): void =>
    expect(spike(values, { suspect: 0.5, fail: 2 }, method)).toEqual(expected)
  flags([7.1, 7.2, 9.9, 7.2, 7.1], 'average', [2, 3, 4, 3, 2])
  flags([7.1, 7.2, 9.9, 7.2, 7.1], 'differential', [2, 1, 4, 1, 2])
  flags([7.1, null, 9.9, 7.2, 7.1], 'average', [2, 9, 2, 3, 2])
  flags([7, 8, 9, 10], 'differential', [2, 1, 1, 2])
  flags([7, 7.5, 7], 'differential', [2, 1, 2])
  flags([null], 'differential', [9])
  flags([], 'differential', [])
})

test('a percent limit follows the size of the neighbours and never falls below its floor', () => {
  const limits = { suspect: 5, fail: 15, suspectPercent: 10, failPercent: 30 }
  expect(spike([500, 560, 500], limits)).toEqual([2, 3, 2])
  expect(spike([500, 540, 500], limits)).toEqual([2, 1, 2])
  expect(spike([500, 660, 500], limits)).toEqual([2, 4, 2])
  expect(spike([10, 14.9, 10], limits)).toEqual([2, 1, 2])
})

test('a fast change is told by the hour, and nothing is compared with a missing value', () => {
  const times = [0, 600, 1200, 1800, 2400].map((s) => s * 1000)
  expect(rateOfChange([1.0, 1.1, 1.9, null, 1.95], times, { suspect: 0.5, fail: 3 })).toEqual([1, 3, 4, 9, 1])
  expect(rateOfChange([0, 1], [0, 3_600_000], { suspect: 0.5, fail: 2, suspectPercent: 50, failPercent: 200 })).toEqual([1, 3])
})

test('a rise that goes on is good from its second reading, and so is the way back from a spike; a jump is not', () => {
  const flags = (values: Values, expected: Flag[]): void =>
    expect(rateOfChange(values, tenMinutes(values), { suspect: 0.5, fail: 3 })).toEqual(expected)
  flags([1, 1.05, 1.15, 1.3, 1.6, 2.2, 2.9], [1, 1, 1, 1, 1, 1, 1])
  flags([1, 1, 1.4, 1.9, 2.3], [1, 1, 3, 1, 1])
  flags([3, 3, 2.6, 2.1, 1.7], [1, 1, 3, 1, 1])
  flags([1, 1, 3, 1.02, 1], [1, 1, 4, 1, 1])
  flags([1, 1, 3, 1.4, 1.4], [1, 1, 4, 4, 1])
  flags([1, 1, 1.5, 1.5, 1], [1, 1, 3, 1, 3])
  flags([1, 1.05, 2.5], [1, 1, 4])
  flags([1, 1.2, null, 1.4, 1.7], [1, 3, 9, 1, 3])
})

const tenMinutes = (values: Values): number[] => values.map((_, i) => i * 600_000)
const flat: FlatLineLimits = { suspectMs: 1_800_000, failMs: 3_000_000, tolerance: 0.02, horizonMs: 4_500_000, offAt: null }

test('a value that stands still is suspect, then fails', () => {
  const flags = (values: Values, limits: Partial<FlatLineLimits>, expected: Flag[]): void =>
    expect(flatLine(values, tenMinutes(values), { ...flat, ...limits })).toEqual(expected)
  flags([2.5, 2.5, 2.51, 2.5, 2.5, 2.5, 2.6], {}, [1, 1, 1, 3, 3, 4, 1])
  flags([2.5, 2.5, 2.5, 2.5, 2.5], { tolerance: 0 }, [1, 1, 1, 1, 1])
  flags([0, 0, 0, 0, 0, 0, 0], { offAt: 0 }, [1, 1, 1, 1, 1, 1, 1])
  flags([2.5, null, 2.5, 2.5, null, 2.5, 2.6], {}, [1, 9, 1, 3, 9, 4, 1])
  flags([null, null, null, null, null, 2.5, 2.5], {}, [9, 9, 9, 9, 9, 1, 1])
  flags([2.5, 2.5], { suspectMs: 1 }, [1, 1])
  flags([2.5, 2.5, 2.5], { suspectMs: 1 }, [1, 1, 3])
})

test('the flat line follows a changed interval by the median of the last 20 steps', () => {
  const times = Array.from({ length: 60 }, (_, i) => (i <= 30 ? i * 600_000 : 30 * 600_000 + (i - 30) * 60_000))
  const flags = flatLine(
    times.map(() => 5),
    times,
    { ...flat, horizonMs: 100_000_000 },
  )
  expect(flags.slice(0, 6)).toEqual([1, 1, 1, 3, 3, 4])
  // At point 41 the median falls from 330 s to 60 s: 30 steps make it suspect, 50 make it fail.
  expect(flags.slice(40, 42)).toEqual([4, 3])
  expect(flags.slice(49, 51)).toEqual([3, 4])
})

test('a gap marks the point behind it, and the first point takes the flag of the second', () => {
  expect(timeGap([0, 300_000, 600_000, 1_500_000], 600_000)).toEqual([1, 1, 1, 4])
  expect(timeGap([0, 900_000], 600_000)).toEqual([4, 4])
  expect(timeGap([0], 600_000)).toEqual([1])
})

test('a gap is counted with what is missing in it', () => {
  expect(gapCount([0, 300_000, 600_000, 1_500_000], 300_000)).toEqual({ gaps: 1, missing: 2, completeness: 4 / 6 })
  expect(gapCount([], 300_000)).toEqual({ gaps: 0, missing: 0, completeness: 1 })
  expect(gapCount([0, 450_000], 300_000)).toEqual({ gaps: 0, missing: 0, completeness: 1 })
})
