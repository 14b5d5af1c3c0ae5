import * as ss from 'simple-statistics'
import type { TrendRule } from '../rule-kind.ts'
import { hamedRao } from '../statistics/hamed-rao.ts'
import { sameHourSlope, withoutHourCycle } from '../statistics/hour-cycle.ts'
import { mannKendall, tieGroups } from '../statistics/mann-kendall.ts'
import { theilSen } from '../statistics/theil-sen.ts'

const hourMs = 3_600_000

/** The median of one hour. `at` is the hour's start, epoch ms. */
export interface HourlyMedian {
  at: number
  median: number
}

/** A trend that is there, and where it leads. Slopes in the parameter's unit an hour. */
export interface ConfirmedTrend {
  slope: number
  lower: number
  upper: number
  /** Two-sided p of Mann–Kendall with the clamped correction of Hamed & Rao. */
  p: number
  n: number
  /** Where the line stands at `asOf`; with a daily cycle its worst hour of the day. */
  level: number
  limit: number
  /** From `asOf`, ms; the bounds by the slope's interval, null = not within reason. */
  timeToThresholdMs: number
  earliestMs: number
  latestMs: number | null
}

export type TrendEvaluation =
  /** Too little was measured to say anything: nothing changes. */
  { status: 'insufficient'; trend: null } | { status: 'unconfirmed'; trend: null } | { status: 'confirmed'; trend: ConfirmedTrend }

type Deciding = Pick<TrendRule, 'windowMs' | 'horizonMs' | 'alpha' | 'confidence' | 'least' | 'isDiurnal' | 'limits'> & {
  everyMs: number | null
}

const insufficient: TrendEvaluation = { status: 'insufficient', trend: null }
const unconfirmed: TrendEvaluation = { status: 'unconfirmed', trend: null }

/**
 * Is there a trend toward a limit, as of a full hour? Pure. Looks at the hourly medians in [asOf − window, asOf).
 * `insufficient`: fewer than `least` hours, or none in the last three intervals (at least 3 h): a sensor that stopped proves nothing.
 * `confirmed`: Mann–Kendall p < alpha, and the line meets a limit within the horizon.
 * @param medians ascending; hours without a reading are left out
 */
export function evaluateTrend(rule: Deciding, medians: readonly HourlyMedian[], asOf: number): TrendEvaluation {
  const seen = medians.filter(({ at }) => at >= asOf - rule.windowMs && at < asOf)
  const newest = seen.at(-1)?.at ?? -Infinity
  if (seen.length < rule.least || asOf - newest > Math.max(3 * hourMs, 3 * (rule.everyMs ?? 0)) + hourMs) return insufficient
  const times = seen.map(({ at }) => at)
  const values = seen.map(({ median }) => median)
  const tested = rule.isDiurnal ? withoutHourCycle(times, values).residuals : values
  const plain = mannKendall(tested)
  // the correction only widens: what the plain test does not find, the corrected one does not
  if (plain.p >= rule.alpha || tiedShare(values) > mostTied) return unconfirmed
  const { p, n } = hamedRao(tested)
  if (p >= rule.alpha) return unconfirmed
  const line = slopeOf(rule, times, values)
  if (line === null || line.slope === 0) return unconfirmed
  const trend = ahead(rule, times, values, asOf, line)
  return trend === null ? unconfirmed : { status: 'confirmed', trend: { ...trend, p, n } }
}

/** A p from mostly equal values says nothing. */
const mostTied = 0.5

const tiedShare = (values: readonly number[]): number => tieGroups(values).reduce((sum, size) => sum + size, 0) / values.length

interface Slope {
  slope: number
  slopeInterval: readonly [low: number, high: number]
}

function slopeOf(rule: Deciding, times: readonly number[], values: readonly number[]): Slope | null {
  const daily = rule.isDiurnal ? sameHourSlope(times, values, rule.confidence) : null
  return (
    daily ??
    theilSen(
      times.map((at) => at / hourMs),
      values,
      rule.confidence,
    )
  )
}

/** The next limit on the way and when the line meets it; null when none is ahead or it is too far. */
function ahead(
  rule: Deciding,
  times: readonly number[],
  values: readonly number[],
  asOf: number,
  { slope, slopeInterval }: Slope,
): Omit<ConfirmedTrend, 'p' | 'n'> | null {
  const sign = slope > 0 ? 1 : -1
  const level = levelAt(rule, times, values, asOf, slope, sign)
  const distances = rule.limits
    .filter((limit) => limit.sign === sign)
    .map((limit) => ({ limit: limit.value, distance: sign * (limit.value - level) }))
    .filter(({ distance }) => distance > 0)
    .sort((a, b) => a.distance - b.distance)
  const next = distances[0]
  if (next === undefined) return null
  const [lower, upper] = slopeInterval
  const speeds = [sign * lower, sign * upper].sort((a, b) => b - a)
  const after = (speed: number | undefined): number | null =>
    speed !== undefined && speed > 0 ? Math.round((next.distance / speed) * hourMs) : null
  const timeToThresholdMs = after(Math.abs(slope)) ?? Infinity
  if (timeToThresholdMs > rule.horizonMs) return null
  return {
    slope,
    lower,
    upper,
    level,
    limit: next.limit,
    timeToThresholdMs,
    earliestMs: after(speeds[0]) ?? timeToThresholdMs,
    latestMs: after(speeds[1]),
  }
}

/** Where the line stands at `asOf`: values moved along the slope to that moment, their median; with a cycle that of the worst hour. */
function levelAt(rule: Deciding, times: readonly number[], values: readonly number[], asOf: number, slope: number, sign: 1 | -1): number {
  const moved = values.map((value, i) => value + slope * ((asOf - (times[i] ?? asOf) - hourMs / 2) / hourMs))
  if (!rule.isDiurnal) return ss.median(moved)
  const byHour = withoutHourCycle(times, moved).medians.filter((median) => median !== null)
  return sign * Math.max(...byHour.map((median) => sign * median))
}
