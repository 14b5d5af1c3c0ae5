import type { TruthEvent } from '../truth/truth.ts'
import { matchAlarms, medianOf, skillOf, type ScoredEvent, type Skill, type Tolerance } from './contingency.ts'
import { seriesOf, type SeenWarning } from './seen.ts'

/** What a rule watches: values (rain sums and rates of rise too), or one of the kinds that are scored apart. */
export type RuleFamily = 'value' | 'silence' | 'trend'

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

export interface RuleScore extends Skill {
  rule: string
  family: RuleFamily
  events: number
  alarms: number
  /** Median of event start minus first alarm, ms: above 0 = before it. */
  medianLeadMs: number | null
}

/** An alarm is held against the events that are alike, by the stretch for which each counts. */
export interface Matching {
  isAlike: (event: TruthEvent, alarm: Alarm) => boolean
  spanOf: (event: TruthEvent) => ScoredEvent
  /** The same for all events of one series and limit. */
  toleranceOf: (event: TruthEvent) => Tolerance
}

export interface RuleMatch extends AlarmMatches {
  score: RuleScore
}

/** An alarm belongs to an event that begins so long behind it at most, or ended so long before it. */
export const toleranceMs = 3_600_000

/** An hour before and behind: a rule holds its limit for a while, and late readings move onsets. */
export const ofHour: Pick<Matching, 'spanOf' | 'toleranceOf'> = {
  spanOf: ({ onset, end }) => ({ start: onset, end }),
  toleranceOf: () => ({ lead: toleranceMs, tol: toleranceMs }),
}

/** Of one series; a rule on a whole station has none. */
export const alike: Matching['isAlike'] = (event, alarm) =>
  alarm.series === null ? event.station === alarm.station : seriesOf(event) === alarm.series

/** Each rule by itself, by name. */
export function matchesByRule(
  family: RuleFamily,
  events: readonly TruthEvent[],
  alarms: readonly Alarm[],
  matching: Matching,
): RuleMatch[] {
  const rules = [...new Set([...events.map(({ rule }) => rule), ...alarms.map(({ rule }) => rule)])].sort()
  return rules.map((rule) => {
    const own = events.filter((event) => event.rule === rule)
    const raised = alarms.filter((alarm) => alarm.rule === rule)
    const found = matchRule(own, raised, matching)
    return { ...found, score: ruleScore({ rule, family, events: own.length, alarms: raised.length }, found) }
  })
}

/** The row of a rule. */
export function ruleScore(
  row: Pick<RuleScore, 'rule' | 'family' | 'events' | 'alarms'>,
  { hits, falseOnes }: Pick<AlarmMatches, 'hits' | 'falseOnes'>,
): RuleScore {
  return {
    ...row,
    ...skillOf(hits.length, row.events - hits.length, falseOnes.length),
    medianLeadMs: medianOf(hits.map(({ event, alarm }) => event.onset - alarm.raisedAt)),
  }
}

function matchRule(events: readonly TruthEvent[], alarms: readonly Alarm[], { isAlike, spanOf, toleranceOf }: Matching): AlarmMatches {
  const [hits, again, falseOnes]: [Hit[], Alarm[], Alarm[]] = [[], [], []]
  const left = new Set(alarms)
  const near = alarmsNear(alarms)
  for (const group of groupsOf(events)) {
    const [first] = group
    const raised = near(first).filter((alarm) => left.has(alarm) && group.some((event) => isAlike(event, alarm)))
    for (const alarm of raised) left.delete(alarm)
    const matched = matchAlarms(
      group.map(spanOf),
      raised.map(({ raisedAt }) => raisedAt),
      toleranceOf(first),
    )
    falseOnes.push(...matched.falseAlarms.flatMap((place) => raised[place] ?? []))
    const taken = new Set([...matched.falseAlarms, ...matched.firstAlarms])
    again.push(...raised.filter((_, place) => !taken.has(place)))
    for (const [i, event] of group.entries()) {
      const alarm = raised[matched.firstAlarms[i] ?? -1]
      if (alarm) hits.push({ event, alarm })
    }
  }
  return { hits, again, falseOnes: [...falseOnes, ...left] }
}

/** The alarms that may be of an event: those of its series, and those of its whole station; of one rule they are one or the other. */
function alarmsNear(alarms: readonly Alarm[]): (event: TruthEvent) => Alarm[] {
  const byPlace = new Map<string, Alarm[]>()
  for (const alarm of alarms) {
    const place = alarm.series ?? alarm.station
    const own = byPlace.get(place)
    if (own === undefined) byPlace.set(place, [alarm])
    else own.push(alarm)
  }
  return (event) => [...(byPlace.get(seriesOf(event)) ?? []), ...(byPlace.get(event.station) ?? [])]
}

/** Events of one series, and of one limit where they have one. */
function groupsOf(events: readonly TruthEvent[]): Iterable<[TruthEvent, ...TruthEvent[]]> {
  const groups = new Map<string, [TruthEvent, ...TruthEvent[]]>()
  for (const event of events) {
    const key = `${seriesOf(event)} ${event.ahead?.limit ?? ''}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [event])
    else group.push(event)
  }
  return groups.values()
}
