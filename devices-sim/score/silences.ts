import type { TruthEvent } from '../truth/truth.ts'
import { apartScores, type ApartScore } from './apart.ts'
import { alike, matchesByRule, ofHour, type Alarm, type RuleScore } from './matching.ts'
import type { SeenWarning } from './seen.ts'

/** What is known of when readings of a series could be heard. */
export interface Hearing {
  /** Whether a reading measured in (after, until] had left its device by `until`. */
  wasHeard: (series: string, after: number, until: number) => boolean
  /** End of the truth, epoch ms. */
  endAt: number
}

/**
 * Warnings of silence against the silences of the truth. One that was raised in a silence too short to deserve it, or behind the end of the
 * truth, is undecided; false is one raised while readings were coming in.
 */
export function silenceScores(
  all: readonly TruthEvent[],
  warnings: readonly SeenWarning[],
  { wasHeard, endAt }: Hearing,
): { all: ApartScore; byRule: RuleScore[] } {
  const events = all.filter(({ ruleKind }) => ruleKind === 'silence')
  const alarms = warnings.filter((one): one is Alarm => one.kind === 'silence' && one.raisedAt !== null)
  const wasSilent = ({ series, onset, raisedAt }: Alarm): boolean => series !== null && !wasHeard(series, onset, raisedAt)
  return apartScores(
    matchesByRule('silence', events, alarms, { isAlike: alike, ...ofHour }),
    (alarm) => alarm.raisedAt > endAt || wasSilent(alarm),
  )
}
