import * as ss from 'simple-statistics'
import { scoreVariance, tieGroups } from './mann-kendall.ts'
import { middle, slopeInterval } from './theil-sen.ts'

const hourMs = 3_600_000

/** A series in which the same hour of different days is told from the same hour's middle. */
export interface HourCycle {
  /** value − median of the same hour of day over the window, in the order given. */
  residuals: number[]
  /** Medians by hour of day, 24 places; null where no value stands. */
  medians: (number | null)[]
}

/**
 * Takes the hour-of-day cycle out of a window: residual = x − median of all values of the same hour (UTC; a zone only turns the hours
 * round). A step or a trend stays in; what comes back every day goes.
 * @param times epoch ms, ascending
 */
export function withoutHourCycle(times: readonly number[], values: readonly number[]): HourCycle {
  const byHour = Array.from({ length: 24 }, (): number[] => [])
  times.forEach((at, i) => byHour[hourOf(at)]?.push(values[i] ?? NaN))
  const medians = byHour.map((group) => (group.length === 0 ? null : ss.median(group)))
  return { residuals: times.map((at, i) => (values[i] ?? NaN) - (medians[hourOf(at)] ?? NaN)), medians }
}

/**
 * Robust slope of a series with a daily cycle, value units per hour: the median over pairs at the same hour of different days (seasonal
 * Theil–Sen, Hirsch, Slack & Smith 1982), with its interval. The slope of the residuals would be a sixth too flat over three days: the
 * medians take part of the trend with them. Null when no hour comes twice.
 */
export function sameHourSlope(
  times: readonly number[],
  values: readonly number[],
  confidence: number,
): { slope: number; slopeInterval: readonly [low: number, high: number] } | null {
  const slopes: number[] = []
  let variance = 0
  for (let hour = 0; hour < 24; hour += 1) {
    const same = times.flatMap((at, i) => (hourOf(at) === hour ? [i] : []))
    for (const [k, later] of same.entries())
      for (const earlier of same.slice(0, k))
        slopes.push(((values[later] ?? NaN) - (values[earlier] ?? NaN)) / (((times[later] ?? NaN) - (times[earlier] ?? NaN)) / hourMs))
    variance += scoreVariance(same.length, [tieGroups(same.map((i) => values[i] ?? NaN))])
  }
  if (slopes.length === 0) return null
  const sorted = Float64Array.from(slopes).sort()
  return { slope: middle(sorted), slopeInterval: slopeInterval(sorted, variance, confidence) }
}

const hourOf = (at: number): number => Math.floor(at / hourMs) % 24
