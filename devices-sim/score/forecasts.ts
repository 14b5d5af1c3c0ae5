import type { TruthCrossing, TruthEvent } from '../truth/truth.ts'
import { apartScores, type ApartScore } from './apart.ts'
import { ratio } from './contingency.ts'
import { alike, matchesByRule, type Alarm, type Matching, type RuleScore } from './matching.ts'
import { seriesOf, type SeenWarning } from './seen.ts'

export interface ForecastScore {
  /** Forecasts with an interval whose limit was crossed, and those whose interval holds that moment. */
  crossed: number
  within: number
  /** Forecasts whose limit was not crossed until the end. */
  never: number
  coverage: number | null
}

/** Times to a threshold that trend warnings gave with an interval, against the next true crossing of that limit. */
export function forecastScore(crossings: readonly TruthCrossing[], warnings: readonly SeenWarning[]): ForecastScore {
  let [crossed, within, never] = [0, 0, 0]
  const bySeries = new Map<string | null, TruthCrossing[]>()
  for (const one of crossings) {
    const own = bySeries.get(seriesOf(one))
    if (own === undefined) bySeries.set(seriesOf(one), [one])
    else own.push(one)
  }
  for (const { kind, series, raisedAt, limit, figures } of warnings) {
    const { timeToThresholdMs, earliestMs } = figures
    if (kind !== 'trend' || raisedAt === null || limit === null || timeToThresholdMs == null || earliestMs == null) continue
    const own = bySeries.get(series) ?? []
    const next = own.find((one) => one.direction === 'entered' && one.at > raisedAt && isSameLimit(one.limit, limit))
    if (!next) never += 1
    else {
      crossed += 1
      if (next.at >= raisedAt + earliestMs && next.at <= raisedAt + (figures.latestMs ?? Infinity)) within += 1
    }
  }
  return { crossed, within, never, coverage: ratio(within, crossed) }
}

const isSameLimit = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9

/** A warning belongs to the next crossing of its limit, when that comes within the horizon of its rule. */
const beforeCrossing: Matching = {
  isAlike: (event, alarm) => alike(event, alarm) && alarm.limit !== null && isSameLimit(event.ahead?.limit ?? NaN, alarm.limit),
  spanOf: ({ onset }) => ({ start: onset, end: onset }),
  toleranceOf: ({ ahead }) => ({ lead: ahead?.withinMs ?? 0, tol: -1 }),
}

/**
 * Warnings of trends against the crossings that they ought to forecast: a hit is raised before a crossing of its limit and no longer before it
 * than its rule looks ahead, a miss is a crossing without one. A warning whose time was not up at the end is undecided.
 * @param endAt end of the truth, epoch ms
 */
export function trendScores(
  all: readonly TruthEvent[],
  warnings: readonly SeenWarning[],
  endAt: number,
): { all: ApartScore; byRule: RuleScore[] } {
  const events = all.filter(({ ruleKind }) => ruleKind === 'trend')
  const alarms = warnings.filter((one): one is Alarm => one.kind === 'trend' && one.raisedAt !== null)
  return apartScores(
    matchesByRule('trend', events, alarms, beforeCrossing),
    ({ raisedAt, figures }) => raisedAt + (figures.latestMs ?? figures.timeToThresholdMs ?? 0) > endAt,
  )
}
