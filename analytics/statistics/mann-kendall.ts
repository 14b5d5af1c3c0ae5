import { erfc } from './normal.ts'

/** What the Mann–Kendall test says of a series. */
export interface MannKendall {
  /** Values that counted (nulls are dropped). */
  n: number
  /** Sum of the signs of all later-minus-earlier differences. */
  s: number
  /** Variance of S under "no trend", corrected for ties. */
  variance: number
  z: number
  /** Two-sided p of the normal approximation, good from n = 8 on; `exactTwoSided` below. */
  p: number
  tauA: number
  tauB: number
  /** Share of values that are equal to another one, 0..1. */
  tied: number
}

/**
 * Mann–Kendall test for a monotonic trend; order is time, gaps do not matter. O(n log n). Source: Mann 1945, Kendall 1975.
 * Fewer than two values or all equal: S 0, z 0, p 1.
 */
export function mannKendall(values: readonly (number | null)[]): MannKendall {
  const kept = values.filter((value): value is number => value !== null)
  const n = kept.length
  const groups = tieGroups(kept)
  const pairs = n === 0 ? 0 : (n * (n - 1)) / 2
  const tiedPairs = groups.reduce((sum, size) => sum + (size * (size - 1)) / 2, 0)
  const s = pairs - tiedPairs - 2 * inversions(kept)
  const variance = scoreVariance(n, [groups])
  const z = scoreZ(s, variance)
  return {
    n,
    s,
    variance,
    z,
    p: twoSided(z),
    tauA: pairs === 0 ? 0 : s / pairs,
    tauB: pairs === tiedPairs ? 0 : s / Math.sqrt(pairs * (pairs - tiedPairs)),
    tied: n === 0 ? 0 : groups.reduce((sum, size) => sum + size, 0) / n,
  }
}

/** z of a score with continuity correction; 0 when nothing varies. */
export function scoreZ(s: number, variance: number): number {
  return s === 0 || variance <= 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance)
}

/** Two-sided p of a standard normal z. */
export function twoSided(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2)
}

/** Variance of S for n values, less the ties of each list of groups (of the values, and of the times where these can be equal). */
export function scoreVariance(n: number, tieLists: readonly (readonly number[])[]): number {
  const term = (size: number): number => size * (size - 1) * (2 * size + 5)
  const ties = tieLists.flat().reduce((sum, size) => sum + term(size), 0)
  return (term(n) - ties) / 18
}

/** Sizes of the groups of equal values, groups of one left out. */
export function tieGroups(values: readonly number[]): number[] {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts.values()].filter((count) => count > 1)
}

/** Two-sided p of S by all orders of the values, for n ≤ 7 (5,040 orders) where the normal approximation is poor. Null above. */
export function exactTwoSided(values: readonly (number | null)[]): number | null {
  const kept = values.filter((value): value is number => value !== null)
  if (kept.length > 7) return null
  const reached = Math.abs(mannKendall(kept).s)
  let [orders, beyond] = [0, 0]
  const place = (rest: readonly number[], order: readonly number[], s: number): void => {
    if (rest.length === 0) {
      orders += 1
      if (Math.abs(s) >= reached) beyond += 1
    }
    rest.forEach((next, i) => {
      const gain = order.reduce((sum, earlier) => sum + Math.sign(next - earlier), 0)
      place([...rest.slice(0, i), ...rest.slice(i + 1)], [...order, next], s + gain)
    })
  }
  place(kept, [], 0)
  return beyond / orders
}

/** Pairs in which the earlier value is larger, by merge sort. */
function inversions(values: readonly number[]): number {
  let from = Float64Array.from(values)
  let to = new Float64Array(values.length)
  let count = 0
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) count += merge(from, to, start, width)
    ;[from, to] = [to, from]
  }
  return count
}

/** Merges two sorted runs of `from` into `to` and counts the pairs that stood the wrong way round. */
function merge(from: Float64Array, to: Float64Array, start: number, width: number): number {
  const middle = Math.min(start + width, from.length)
  const end = Math.min(start + 2 * width, from.length)
  let [left, right, count] = [start, middle, 0]
  for (let place = start; place < end; place += 1) {
    const takesLeft = right >= end || (left < middle && (from[left] ?? NaN) <= (from[right] ?? NaN))
    if (!takesLeft) count += middle - left
    to[place] = (takesLeft ? from[left++] : from[right++]) ?? NaN
  }
  return count
}
