import { medianOf, skillOf, type Skill } from './contingency.ts'
import { ruleScore, type Alarm, type RuleMatch, type RuleScore } from './matching.ts'

/** How rules of silence, or of trends, did. They are no part of the totals. */
export interface ApartScore extends Skill {
  events: number
  alarms: number
  /** Alarms that the truth neither bears out nor refutes: neither hits nor false. */
  undecided: number
  /** Of event start minus first alarm, ms: above 0 = before it. */
  medianLeadMs: number | null
}

/**
 * Adds up the rules of a kind that is scored apart.
 * @param isUndecided of the alarms that belong to no event
 */
export function apartScores(
  matches: readonly RuleMatch[],
  isUndecided: (alarm: Alarm) => boolean,
): { all: ApartScore; byRule: RuleScore[] } {
  const decided = matches.map(({ score, hits, falseOnes }) => {
    const wrong = falseOnes.filter((alarm) => !isUndecided(alarm))
    return { hits, undecided: falseOnes.length - wrong.length, row: ruleScore(score, { hits, falseOnes: wrong }) }
  })
  const sum = (read: (one: (typeof decided)[number]) => number): number => decided.reduce((all, one) => all + read(one), 0)
  const leads = decided.flatMap(({ hits }) => hits.map(({ event, alarm }) => event.onset - alarm.raisedAt))
  const all = {
    ...skillOf(
      sum(({ row }) => row.hits),
      sum(({ row }) => row.misses),
      sum(({ row }) => row.falseAlarms),
    ),
    ...{ events: sum(({ row }) => row.events), alarms: sum(({ row }) => row.alarms), undecided: sum(({ undecided }) => undecided) },
    medianLeadMs: medianOf(leads),
  }
  return { all, byRule: decided.map(({ row }) => row) }
}
