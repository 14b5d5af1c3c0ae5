import { levels, type Level } from '../../domain/warning.ts'
import type { TruthCrossing, TruthEvent } from '../truth/truth.ts'
import { falseAlarmRate, matchAlarms, medianOf, quantileOf, ratio, skillOf, type Skill, type Tolerance } from './contingency.ts'
import { seriesOf, type SeenWarning } from './seen.ts'

export interface WarningScore extends Skill {
  events: number
  alarms: number
  /** Hits whose warning came to the level that the event deserved, or a higher one. */
  levelReached: number
  /** Event start minus first alarm, ms: above 0 = before it. */
  meanLeadMs: number | null
  medianLeadMs: number | null
  falsePerStationMonth: number | null
  /**
   * From the start of an event to when the reading that decided was sent, ms, by the truth: how soon anybody could know. What the server itself
   * took after that is not in it.
   */
  medianEvidenceMs: number | null
  mostEvidenceMs: number | null
}

export interface RuleScore extends Skill {
  rule: string
  events: number
  alarms: number
}

export interface ForecastScore {
  /** Forecasts with an interval whose limit was crossed, and those whose interval holds that moment. */
  crossed: number
  within: number
  /** Forecasts whose limit was not crossed until the end. */
  never: number
  coverage: number | null
}

/** An hour before and behind: a rule holds its limit for a while, and late readings move onsets. */
const tolerance: Tolerance = { lead: 3_600_000, tol: 3_600_000 }

/** A warning that became active, and not from late data only. */
export type Alarm = SeenWarning & { raisedAt: number }

/** An event with its first alarm. */
export interface Hit {
  event: TruthEvent
  alarm: Alarm
}

/** Alarms held against events: those of no event, and second ones of an event, beside the hits. */
export interface AlarmMatches {
  hits: Hit[]
  again: Alarm[]
  falseOnes: Alarm[]
}

interface RuleMatch extends AlarmMatches {
  score: RuleScore
}

/**
 * Alarms are warnings that became active and were not raised from late data afterwards; each is held against the events of its own rule and
 * series. Silence and trend have no events in the truth: silence is told by gaps, trend by `forecastScore`.
 */
export function warningScores(
  events: readonly TruthEvent[],
  warnings: readonly SeenWarning[],
  place: { stations: number; spanMs: number; sentAt: (series: string, at: number) => number | null },
): { all: WarningScore; byRule: RuleScore[]; matches: AlarmMatches } {
  const alarms = warnings.filter(isAlarm)
  const matches = matchesByRule(events, alarms)
  const hits = matches.flatMap((match) => match.hits)
  const sum = (read: (score: RuleScore) => number): number => matches.reduce((all, { score }) => all + read(score), 0)
  const falseAlarms = sum((score) => score.falseAlarms)
  const leads = hits.map(({ event, alarm }) => event.onset - alarm.raisedAt)
  const delays = hits.map(({ event, alarm }) => (place.sentAt(alarm.series ?? '', alarm.raisedAt) ?? alarm.raisedAt) - event.onset)
  const all = {
    ...skillOf(hits.length, events.length - hits.length, falseAlarms),
    ...{ events: events.length, alarms: alarms.length },
    levelReached: hits.filter(({ event, alarm }) => rank(alarm.level) >= rank(event.level)).length,
    meanLeadMs: ratio(
      leads.reduce((total, lead) => total + lead, 0),
      leads.length,
    ),
    medianLeadMs: medianOf(leads),
    falsePerStationMonth: falseAlarmRate(falseAlarms, place.stations, place.spanMs),
    medianEvidenceMs: medianOf(delays),
    mostEvidenceMs: quantileOf(delays, 0.9),
  }
  const [again, falseOnes] = [matches.flatMap((match) => match.again), matches.flatMap((match) => match.falseOnes)]
  return { all, byRule: matches.map(({ score }) => score), matches: { hits, again, falseOnes } }
}

function matchesByRule(events: readonly TruthEvent[], alarms: readonly Alarm[]): RuleMatch[] {
  const rules = [...new Set([...events.map(({ rule }) => rule), ...alarms.map(({ rule }) => rule)])].sort()
  return rules.map((rule) =>
    matchRule(
      rule,
      events.filter((event) => event.rule === rule),
      alarms.filter((alarm) => alarm.rule === rule),
    ),
  )
}

const rank = (level: Level): number => levels.indexOf(level)

const isAlarm = (warning: SeenWarning): warning is Alarm =>
  warning.raisedAt !== null && !warning.retrospective && warning.kind !== 'silence' && warning.kind !== 'trend'

function matchRule(rule: string, events: readonly TruthEvent[], alarms: readonly Alarm[]): RuleMatch {
  const [hits, again, falseOnes]: [Hit[], Alarm[], Alarm[]] = [[], [], []]
  for (const series of new Set([...events.map(seriesOf), ...alarms.map((alarm) => alarm.series ?? alarm.station)])) {
    const own = events.filter((event) => seriesOf(event) === series)
    const raised = alarms.filter((alarm) => (alarm.series ?? alarm.station) === series)
    const matched = matchAlarms(
      own.map(({ onset, end }) => ({ start: onset, end })),
      raised.map(({ raisedAt }) => raisedAt),
      tolerance,
    )
    const of = (places: readonly number[]): Alarm[] => places.flatMap((place) => raised[place] ?? [])
    falseOnes.push(...of(matched.falseAlarms))
    const taken = new Set([...matched.falseAlarms, ...matched.firstAlarms])
    again.push(...raised.filter((_, place) => !taken.has(place)))
    for (const [i, event] of own.entries()) {
      const alarm = raised[matched.firstAlarms[i] ?? -1]
      if (alarm) hits.push({ event, alarm })
    }
  }
  const score = {
    rule,
    events: events.length,
    alarms: alarms.length,
    ...skillOf(hits.length, events.length - hits.length, falseOnes.length),
  }
  return { hits, again, falseOnes, score }
}

/** Times to a threshold that trend warnings gave with an interval, against the next true crossing of that limit. */
export function forecastScore(crossings: readonly TruthCrossing[], warnings: readonly SeenWarning[]): ForecastScore {
  let [crossed, within, never] = [0, 0, 0]
  for (const { kind, series, raisedAt, limit, figures } of warnings) {
    const { timeToThresholdMs, earliestMs } = figures
    if (kind !== 'trend' || raisedAt === null || limit === null || timeToThresholdMs == null || earliestMs == null) continue
    const next = crossings.find(
      (one) => seriesOf(one) === series && one.direction === 'entered' && one.at > raisedAt && Math.abs(one.limit - limit) < 1e-9,
    )
    if (!next) never += 1
    else {
      crossed += 1
      if (next.at >= raisedAt + earliestMs && next.at <= raisedAt + (figures.latestMs ?? Infinity)) within += 1
    }
  }
  return { crossed, within, never, coverage: ratio(within, crossed) }
}
