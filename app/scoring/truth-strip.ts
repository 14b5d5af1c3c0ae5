import type { JudgedWarning, TrueEvent, TruthStrip } from '../../api/schemas/simulation-score.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import type { ScoreBook } from '../../devices-sim/score/score.ts'
import type { SeenWarning } from '../../devices-sim/score/seen.ts'
import type { Alarm } from '../../devices-sim/score/matching.ts'

/** Of events, and of warnings. */
const keptAtMost = 500

/**
 * What was true against what was warned of, in the order of time, at most 500 of each.
 * @param notes the warnings as the server shows them
 */
export function stripOf(
  { events, hits, again, falseOnes }: ReturnType<ScoreBook['matches']>,
  notes: ReadonlyMap<SeenWarning, WarningNote>,
): TruthStrip {
  const firstOf = new Map(hits.map(({ event, alarm }) => [event, notes.get(alarm)?.id ?? null]))
  const told = events.map((event): TrueEvent => {
    const { rule, station, type, parameter, level, onset, end, cause } = event
    return { rule, station, type, parameter, level, onset, end, cause, warning: firstOf.get(event) ?? null }
  })
  const judged = (alarms: readonly Alarm[], verdict: JudgedWarning['verdict']): JudgedWarning[] =>
    alarms.flatMap((alarm) => {
      const note = notes.get(alarm)
      if (note === undefined) return []
      const { id, rule, station, endedAt } = note
      return [{ id, rule, station, level: alarm.level, raisedAt: alarm.raisedAt, endedAt, verdict }]
    })
  const alarms = hits.map(({ alarm }) => alarm)
  const warnings = [...judged(alarms, 'hit'), ...judged(again, 'again'), ...judged(falseOnes, 'false')]
  return {
    events: told.sort((a, b) => a.onset - b.onset).slice(0, keptAtMost),
    warnings: warnings.sort((a, b) => a.raisedAt - b.raisedAt).slice(0, keptAtMost),
    more: told.length > keptAtMost || warnings.length > keptAtMost,
  }
}
