import { levels, type Level } from '../../domain/warning.ts'
import type { TruthEvent } from '../truth/truth.ts'
import { falseAlarmRate, medianOf, ratio, skillOf, type Skill } from './contingency.ts'
import { alike, matchesByRule, ofHour, type Alarm, type AlarmMatches, type RuleScore } from './matching.ts'
import { notifyScore, type NotifyScore } from './notify.ts'
import type { SeenWarning } from './seen.ts'

export interface WarningScore extends Skill, NotifyScore {
  events: number
  alarms: number
  /** Hits whose warning came to the level that the event deserved, or a higher one. */
  levelReached: number
  /** Event start minus first alarm, ms: above 0 = before it. */
  meanLeadMs: number | null
  medianLeadMs: number | null
  falsePerStationMonth: number | null
}

/**
 * Rules on values, rain sums and rates of rise. Alarms are warnings that became active and were not raised from late data afterwards; each is
 * held against the events of its own rule and series. Silence and trends are scored apart: `apartScores`.
 */
export function warningScores(
  all: readonly TruthEvent[],
  warnings: readonly SeenWarning[],
  place: { stations: number; spanMs: number; sentAt: (series: string, at: number) => number | null },
): { all: WarningScore; byRule: RuleScore[]; matches: AlarmMatches } {
  const events = all.filter(({ ruleKind }) => ruleKind === undefined)
  const alarms = warnings.filter(isAlarm)
  const matches = matchesByRule('value', events, alarms, { isAlike: alike, ...ofHour })
  const hits = matches.flatMap((match) => match.hits)
  const falseOnes = matches.flatMap((match) => match.falseOnes)
  const leads = hits.map(({ event, alarm }) => event.onset - alarm.raisedAt)
  const score = {
    ...skillOf(hits.length, events.length - hits.length, falseOnes.length),
    ...{ events: events.length, alarms: alarms.length },
    levelReached: hits.filter(({ event, alarm }) => rank(alarm.level) >= rank(event.level)).length,
    meanLeadMs: ratio(
      leads.reduce((total, lead) => total + lead, 0),
      leads.length,
    ),
    medianLeadMs: medianOf(leads),
    falsePerStationMonth: falseAlarmRate(falseOnes.length, place.stations, place.spanMs),
    ...notifyScore(hits, place.sentAt),
  }
  const again = matches.flatMap((match) => match.again)
  return { all: score, byRule: matches.map((match) => match.score), matches: { hits, again, falseOnes } }
}

const rank = (level: Level): number => levels.indexOf(level)

const isAlarm = (warning: SeenWarning): warning is Alarm =>
  warning.raisedAt !== null && !warning.retrospective && warning.kind !== 'silence' && warning.kind !== 'trend'
