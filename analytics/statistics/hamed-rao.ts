import { mannKendall, scoreZ, twoSided, type MannKendall } from './mann-kendall.ts'
import { normalQuantile } from './normal.ts'
import { theilSen } from './theil-sen.ts'

export interface HamedRao extends MannKendall {
  /** What the variance of S was multiplied by. */
  factor: number
}

export interface HamedRaoOptions {
  /** Level at which an autocorrelation counts. */
  alpha?: number
  /** Longest lag looked at; default all. */
  maxLag?: number
  /**
   * Keep the factor at 1 or above (default). The published form (false) lets negative correlations shrink the variance, and so invents
   * trends in seasonal data.
   */
  clampFactor?: boolean
}

/**
 * Mann–Kendall test with the variance corrected for autocorrelation (Hamed & Rao 1998): the series less its Theil–Sen line on true
 * positions, ranks, their biased autocorrelation; only significant lags count, with their sign.
 */
export function hamedRao(values: readonly (number | null)[], options: HamedRaoOptions = {}): HamedRao {
  const { clampFactor = true } = options
  const plain = mannKendall(values)
  const raw = correction(values, options)
  const factor = clampFactor ? Math.max(1, raw) : raw
  const variance = plain.variance * factor
  const z = scoreZ(plain.s, variance)
  return { ...plain, variance, z, p: twoSided(z), factor }
}

function correction(values: readonly (number | null)[], { alpha = 0.05, maxLag = Infinity }: HamedRaoOptions): number {
  const positions = values.flatMap((value, i) => (value === null ? [] : [i]))
  const kept = values.filter((value): value is number => value !== null)
  const n = kept.length
  const line = theilSen(positions, kept)
  if (n < 3 || line === null) return 1
  const correlations = autocorrelation(midranks(kept.map((value, i) => value - line.slope * (i + 1))))
  const limit = normalQuantile(1 - alpha / 2) / Math.sqrt(n)
  let sum = 0
  for (let k = 1; k <= Math.min(n - 1, maxLag); k += 1) {
    const r = correlations[k] ?? 0
    if (Math.abs(r) > limit) sum += (n - k) * (n - k - 1) * (n - k - 2) * r
  }
  return 1 + (2 / (n * (n - 1) * (n - 2))) * sum
}

/** Ranks from 1; equal values share the mean of theirs. */
export function midranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] ?? NaN) - (values[b] ?? NaN))
  const ranks = new Array<number>(values.length).fill(0)
  for (let start = 0; start < order.length;) {
    let end = start
    while (end + 1 < order.length && values[order[end + 1] ?? -1] === values[order[start] ?? -1]) end += 1
    for (let k = start; k <= end; k += 1) ranks[order[k] ?? 0] = (start + end) / 2 + 1
    start = end + 1
  }
  return ranks
}

/** Biased autocorrelation for lags 0..n − 1; zeros for a constant series. */
function autocorrelation(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const centred = values.map((value) => value - mean)
  const total = centred.reduce((sum, value) => sum + value * value, 0)
  return centred.map((_, lag) => {
    let sum = 0
    for (let i = 0; i + lag < centred.length; i += 1) sum += (centred[i] ?? 0) * (centred[i + lag] ?? 0)
    return total === 0 ? 0 : sum / total
  })
}
