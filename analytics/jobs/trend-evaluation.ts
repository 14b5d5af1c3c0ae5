import * as ss from 'simple-statistics'
import type { TrendRule } from '../rule-kind.ts'
import { hamedRao } from '../statistics/hamed-rao.ts'
import { sameHourSlope, withoutHourCycle } from '../statistics/hour-cycle.ts'
import { mannKendall, tieGroups } from '../statistics/mann-kendall.ts'
import { normalQuantile } from '../statistics/normal.ts'
import { steadyPace } from '../statistics/steady-pace.ts'
import { theilSen } from '../statistics/theil-sen.ts'

const [minuteMs, hourMs] = [60_000, 3_600_000]

/** The median of one hour, or of one step of a pace. `at` is its start, epoch ms. */
export interface Median {
  at: number
  median: number
  /** Readings that quality doubts are in it. */
  isDoubtful?: boolean
}

/** A trend that is there, and where it leads. Slopes in the parameter's unit an hour. */
export interface ConfirmedTrend {
  slope: number
  lower: number
  upper: number
  /** Two-sided p of Mann–Kendall with the clamped correction of Hamed & Rao. */
  p: number
  n: number
  /** Of the n medians, those that readings which quality doubts are in. */
  doubtful: number
  /** Where the line stands at `asOf`; with a daily cycle its worst hour of the day. */
  level: number
  limit: number
  /** From `asOf`, ms; the bounds by the slope's interval or by how paces change, null = not within reason. */
  timeToThresholdMs: number
  earliestMs: number
  latestMs: number | null
  /** How far back the line goes where that is less than the window: the slope is the pace of now. */
  paceMs: number | null
}

export type TrendEvaluation =
  /** Too little was measured to say anything: nothing changes. */
  { status: 'insufficient'; trend: null } | { status: 'unconfirmed'; trend: null } | { status: 'confirmed'; trend: ConfirmedTrend }

type Deciding = Pick<TrendRule, 'windowMs' | 'horizonMs' | 'alpha' | 'confidence' | 'least' | 'isDiurnal' | 'isFlashy' | 'limits'> & {
  everyMs: number | null
}

const insufficient = { status: 'insufficient', trend: null } as const
const unconfirmed = { status: 'unconfirmed', trend: null } as const

/**
 * Is there a trend toward a limit, as of a full hour? Pure. Looks at the hourly medians in [asOf − window, asOf).
 * `insufficient`: fewer than `least` hours, or none in the last three intervals (at least 3 h): a sensor that stopped proves nothing.
 * `confirmed`: Mann–Kendall p < alpha, and the line meets a limit within the horizon.
 * @param medians ascending; hours without a reading are left out
 * @param recent of flashy series: medians of `paceStepMs` in the same window, ascending; none = the line goes through the hours
 */
export function evaluateTrend(rule: Deciding, medians: readonly Median[], asOf: number, recent: readonly Median[] = []): TrendEvaluation {
  const moving = movementIn(rule, medians, asOf)
  if (moving.status !== 'moving') return moving
  const { times, values, p, n, doubtful, sign } = moving
  const whole = courseOf(rule, times, values, asOf)
  const pace = rule.isFlashy ? paceOf(rule, recent, asOf) : null
  const course = pace ?? whole
  if (course === null || course.slope * sign <= 0) return unconfirmed
  const trend = ahead(rule, course)
  if (trend === null || !isKnown(rule, trend, whole)) return unconfirmed
  return { status: 'confirmed', trend: { ...trend, p, n, doubtful } }
}

/** A pace says nothing of what is further ahead than so many times the time it is known for, unless the line through all hours meets a limit as well. */
const mostAhead = 2

/** A soft rain lifts a river for an hour, and that is no flood. */
function isKnown(
  rule: Deciding,
  { paceMs, timeToThresholdMs }: Pick<ConfirmedTrend, 'paceMs' | 'timeToThresholdMs'>,
  whole: Course | null,
): boolean {
  if (paceMs === null || timeToThresholdMs <= mostAhead * paceMs) return true
  return whole !== null && ahead(rule, whole) !== null
}

/** A window in which the hours go one way, whatever is ahead. */
interface Moving {
  status: 'moving'
  times: number[]
  values: number[]
  p: number
  n: number
  doubtful: number
  sign: 1 | -1
}

/** The test alone: whether the hours go one way, and which. */
export function movementIn(rule: Deciding, medians: readonly Median[], asOf: number): Moving | typeof insufficient | typeof unconfirmed {
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
  const doubtful = seen.filter(({ isDoubtful }) => isDoubtful).length
  return { status: 'moving', times, values, p, n, doubtful, sign: plain.s > 0 ? 1 : -1 }
}

/** A p from mostly equal values says nothing. */
const mostTied = 0.5

const tiedShare = (values: readonly number[]): number => tieGroups(values).reduce((sum, size) => sum + size, 0) / values.length

/** Where a series stands at `asOf` and how fast it goes from there, a unit an hour. */
interface Course {
  slope: number
  slopeInterval: readonly [low: number, high: number]
  level: number
  /** Between these it goes on, with the confidence of the rule; 0 and below = it may turn. Both in the direction of the slope. */
  speeds: readonly [fastest: number, slowest: number]
  paceMs: number | null
}

/** The line through all hours of the window. */
function courseOf(rule: Deciding, times: readonly number[], values: readonly number[], asOf: number): Course | null {
  const inHours = times.map((at) => at / hourMs)
  const daily = rule.isDiurnal ? sameHourSlope(times, values, rule.confidence) : null
  const line = daily ?? theilSen(inHours, values, rule.confidence)
  if (line === null) return null
  const { slope, slopeInterval } = line
  const sign = slope > 0 ? 1 : -1
  const [a, b] = slopeInterval.map((each) => sign * each)
  const speeds = [Math.max(a ?? NaN, b ?? NaN), Math.min(a ?? NaN, b ?? NaN)] as const
  const moved = movedTo(asOf, { times, values, stepMs: hourMs, slope })
  return { slope, slopeInterval, speeds, paceMs: null, level: rule.isDiurnal ? worstHour(times, moved, sign) : ss.median(moved) }
}

/** Points of a pace in one window, at most. */
const mostOfPace = 120

/** The steps whose medians show the pace of a flashy series: a part of an hour, at least 5 min. */
export function paceStepMs({ windowMs }: Pick<TrendRule, 'windowMs'>): number {
  const steps = [5, 10, 15, 20, 30].map((minutes) => minutes * minuteMs)
  return steps.find((step) => step >= windowMs / mostOfPace) ?? hourMs
}

/**
 * Of the rises of rivers that came to their limit, nine in ten went on at most so many times as fast as they went when they were found, and at
 * least this part as fast (docs/measurements.md, "Forecasts of floods"): rain that has yet to fall is in no line.
 */
const paceChange = { faster: 6, slower: 3 }

/** The pace of now and how paces change; null where too few points show it. */
function paceOf(rule: Deciding, recent: readonly Median[], asOf: number): Course | null {
  const seen = recent.filter(({ at }) => at >= asOf - rule.windowMs && at < asOf)
  const [times, values] = [seen.map(({ at }) => at), seen.map(({ median }) => median)]
  const inHours = times.map((at) => at / hourMs)
  const pace = steadyPace(inHours, values, rule.confidence)
  if (pace === null) return null
  const { slope, slopeInterval, first } = pace
  const since = { times: times.slice(first), values: values.slice(first), stepMs: paceStepMs(rule), slope }
  const width = normalQuantile((1 + rule.confidence) / 2) / normalQuantile(0.95)
  const speeds = [Math.abs(slope) * paceChange.faster ** width, Math.abs(slope) / paceChange.slower ** width] as const
  return { slope, slopeInterval, speeds, paceMs: asOf - (times[first] ?? asOf), level: ss.median(movedTo(asOf, since)) }
}

/** The next limit on the way and when the line meets it; null when none is ahead or it is too far. */
function ahead(
  rule: Pick<Deciding, 'limits' | 'horizonMs'>,
  { slope, slopeInterval, level, speeds, paceMs }: Course,
): Omit<ConfirmedTrend, 'p' | 'n' | 'doubtful'> | null {
  const sign = slope > 0 ? 1 : -1
  const distances = rule.limits
    .filter((limit) => limit.sign === sign)
    .map((limit) => ({ limit: limit.value, distance: sign * (limit.value - level) }))
    .filter(({ distance }) => distance > 0)
    .sort((a, b) => a.distance - b.distance)
  const next = distances[0]
  if (next === undefined) return null
  const after = (speed: number): number | null => (speed > 0 ? Math.round((next.distance / speed) * hourMs) : null)
  const timeToThresholdMs = after(Math.abs(slope)) ?? Infinity
  if (timeToThresholdMs > rule.horizonMs) return null
  const [lower, upper] = slopeInterval
  const [fastest, slowest] = speeds
  return {
    ...{ slope, lower, upper, level, limit: next.limit, paceMs, timeToThresholdMs },
    earliestMs: after(fastest) ?? timeToThresholdMs,
    latestMs: after(slowest),
  }
}

/** Medians of steps, and the slope along which they are moved. */
interface Points {
  times: readonly number[]
  values: readonly number[]
  stepMs: number
  slope: number
}

/** The values moved along the slope to one moment: their middle is where the line stands there. */
function movedTo(asOf: number, { times, values, stepMs, slope }: Points): number[] {
  return values.map((value, i) => value + slope * ((asOf - (times[i] ?? asOf) - stepMs / 2) / hourMs))
}

/** With a daily cycle the limit is met by the worst hour of the day. */
function worstHour(times: readonly number[], moved: readonly number[], sign: 1 | -1): number {
  const byHour = withoutHourCycle(times, moved).medians.filter((median) => median !== null)
  return sign * Math.max(...byHour.map((median) => sign * median))
}
