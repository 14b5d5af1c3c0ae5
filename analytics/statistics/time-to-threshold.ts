import { ols } from './ols.ts'
import { studentQuantile } from './student.ts'

/** When a line fitted to a window meets a limit. Times on the input's axis. */
export type TimeToThreshold =
  | { status: 'insufficient' | 'noTrend'; at: null; bounds: null }
  | { status: 'exceeded'; at: number; bounds: null }
  /** A bound is null where the confidence band never meets the limit on that side. */
  | { status: 'expected'; at: number; bounds: readonly [earliest: number | null, latest: number | null] }

/**
 * Time at which the least-squares line reaches `limit` from below, with the times at which the confidence band of the line does
 * (Fieller). `exceeded` when the last value is there already, `noTrend` when the slope's interval includes 0 or points away.
 * @param confidence two-sided, 0..1
 */
export function timeToThresholdOls(
  t: readonly number[],
  y: readonly number[],
  { limit, confidence = 0.9 }: { limit: number; confidence?: number },
): TimeToThreshold {
  if ((y.at(-1) ?? -Infinity) >= limit) return { status: 'exceeded', at: t.at(-1) ?? NaN, bounds: null }
  const line = ols(t, y, confidence)
  if (line === null) return { status: 'insufficient', at: null, bounds: null }
  if (line.slopeInterval[0] <= 0) return { status: 'noTrend', at: null, bounds: null }
  // roots u = t − t̄ of (c + b·u)² = r²(1/n + u²/Sxx), c = mean of the line − limit
  const { slope, n, sxx, meanT } = line
  const c = line.intercept + slope * meanT - limit
  const r2 = (studentQuantile((1 + confidence) / 2, n - 2) * line.residual) ** 2
  const [q2, q1, q0] = [slope * slope - r2 / sxx, 2 * c * slope, c * c - r2 / n]
  const root = Math.sqrt(q1 * q1 - 4 * q2 * q0)
  const bounds = [(-q1 - root) / (2 * q2), (-q1 + root) / (2 * q2)].map((u) => (Number.isFinite(u) ? u + meanT : null))
  return { status: 'expected', at: meanT - c / slope, bounds: [bounds[0] ?? null, bounds[1] ?? null] }
}
