import { flag, type Flag } from '../../domain/flag.ts'

/**
 * Flags the point after a gap: more than `limitMs` since the point before is 4, else 1; the first point takes the flag of the second.
 * A mark on the series, not part of a value's flag. Source: ioos_qc `time_gap_test`.
 * @param times epoch ms, growing
 * @example timeGap([0, 300_000, 1_500_000], 900_000) // [1, 1, 4]
 */
export function timeGap(times: readonly number[], limitMs: number): Flag[] {
  const flags = times.map((at, i): Flag => (at - (times[i - 1] ?? at) > limitMs ? flag.fail : flag.good))
  return flags.map((own, i) => (i === 0 ? (flags[1] ?? own) : own))
}

export interface GapCount {
  gaps: number
  missing: number
  /** n / (n + missing), 0..1; 1 for no points at all. */
  completeness: number
}

/** A step longer than 1.5 × expected is a gap with round(step / expected) − 1 points missing. */
const tolerance = 1.5

/**
 * Counts what is missing inside a series.
 * @param times epoch ms, growing
 * @param expectedMs the interval of the series
 * @example gapCount([0, 300_000, 600_000, 1_500_000], 300_000) // { gaps: 1, missing: 2, completeness: 4 / 6 }
 */
export function gapCount(times: readonly number[], expectedMs: number): GapCount {
  const state = startGaps()
  for (const at of times) advanceGaps(state, expectedMs, at)
  return countOf(state)
}

/** The streaming form of `gapCount`. */
export interface GapState {
  last: number | null
  points: number
  gaps: number
  missing: number
}

export const startGaps = (): GapState => ({ last: null, points: 0, gaps: 0, missing: 0 })

/** Takes the next point; returns how many are missing before it. */
export function advanceGaps(state: GapState, expectedMs: number, at: number): number {
  const missing = state.last === null ? 0 : missingBetween(state.last, at, expectedMs)
  state.last = at
  state.points += 1
  if (missing > 0) state.gaps += 1
  state.missing += missing
  return missing
}

/** The count so far. */
export function countOf({ points, gaps, missing }: GapState): GapCount {
  return { gaps, missing, completeness: points === 0 ? 1 : points / (points + missing) }
}

/** Readings missing between two that follow each other; 0 when the step is no gap. */
export function missingBetween(before: number, at: number, expectedMs: number): number {
  const step = at - before
  return step > tolerance * expectedMs ? Math.round(step / expectedMs) - 1 : 0
}
