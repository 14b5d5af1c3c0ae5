import * as ss from 'simple-statistics'
import { normalQuantile } from './normal.ts'
import { scoreVariance, tieGroups } from './mann-kendall.ts'

/** A robust line: the median of the slopes of all pairs, in y per t. */
export interface RobustLine {
  n: number
  slope: number
  intercept: number
  /** Confidence interval of the slope. */
  slopeInterval: readonly [low: number, high: number]
}

/** Points beyond which the caller should take medians first: all pairs of 2,000 points are 2 million slopes. */
export const mostPoints = 2000

/**
 * Theil–Sen line with real time differences; pairs at the same time do not count. Interval from the variance of Mann–Kendall's S (Sen
 * 1968), its ranks rounded half to even as in scipy. Null when no two points stand at different times. O(n²): n is cut to the newest
 * `mostPoints`.
 * @param confidence of the interval, 0..1
 * @example theilSen([0, 1, 3, 7, 8], [1, 1.2, 9, 2.4, 2.7])?.slope // 0.20625
 */
export function theilSen(times: readonly number[], values: readonly number[], confidence = 0.95): RobustLine | null {
  const [t, y] = [times.slice(-mostPoints), values.slice(-mostPoints)]
  const slopes = pairSlopes(t, y)
  if (slopes.length === 0) return null
  const slope = middle(slopes)
  return {
    n: t.length,
    slope,
    intercept: ss.median([...y]) - slope * ss.median([...t]),
    slopeInterval: slopeInterval(slopes, scoreVariance(t.length, [tieGroups(y), tieGroups(t)]), confidence),
  }
}

/** Slopes of all pairs at different times, ascending. */
export function pairSlopes(t: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  const n = t.length
  const slopes = new Float64Array((n * (n - 1)) / 2)
  let count = 0
  for (let j = 1; j < n; j += 1) {
    for (let i = 0; i < j; i += 1) {
      const span = (t[j] ?? NaN) - (t[i] ?? NaN)
      if (span !== 0) slopes[count++] = ((y[j] ?? NaN) - (y[i] ?? NaN)) / span
    }
  }
  return slopes.subarray(0, count).sort()
}

/** Median of ascending numbers. */
export function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1
  const upper = sorted[half] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
}

/** The interval of the median of ascending slopes when S has this variance. */
export function slopeInterval(slopes: Float64Array, variance: number, confidence: number): readonly [low: number, high: number] {
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(variance)
  const lower = Math.max(roundHalfEven((slopes.length - reach) / 2) - 1, 0)
  const upper = Math.min(roundHalfEven((slopes.length + reach) / 2), slopes.length - 1)
  return [slopes[lower] ?? NaN, slopes[upper] ?? NaN]
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return Math.round(x)
  return floor % 2 === 0 ? floor : floor + 1
}
