import { expect, test } from '@jest/globals'
import type { TimelineLine, WarningNote } from '../../api/schemas/warning.ts'
import type { TruthEvent } from '../../devices-sim/truth/truth.ts'
import { warningScores } from '../../devices-sim/score/warnings.ts'
import type { Level } from '../../domain/warning.ts'
import { highestLevel, seenWarning } from './seen-warning.ts'
import { stripOf } from './truth-strip.ts'

const words = { en: '', zh: '' }
const line = (at: number, what: TimelineLine['what'], level: Level | null): TimelineLine => ({ at, what, level, by: null, words })
const marks = { acknowledged: null, blind: false, retrospective: false, drill: false }

/** Up to orange, down to yellow, and over. */
const note: WarningNote = {
  ...{ id: 'w', version: 5, rule: 'level-high', ruleVersion: '1', kind: 'threshold', station: 's1', stationName: words, parameter: null },
  ...{ series: 's1/water_level/1', level: 'yellow', state: 'cleared', marks, run: 'r', simulated: true, recorded: false },
  ...{ onset: 1, raisedAt: 1, changedAt: 4, endedAt: 4, why: words, clears: words },
  evidence: { from: 0, to: 4, trusted: 1, rejected: 0, value: 1, limit: null, unit: 'm', figures: {} },
  timeline: [
    ...[line(1, 'crossed', 'yellow'), line(1, 'raised', 'yellow'), line(2, 'level', 'orange')],
    ...[line(3, 'level', 'yellow'), line(4, 'cleared', null)],
  ],
}
const event: TruthEvent = {
  ...{ kind: 'event', id: 'e', type: 'flood', rule: 'level-high', station: 's1', parameter: 'water_level', number: 1 },
  ...{ level: 'orange', onset: 1, end: 3, peak: { at: 2, value: 4 }, cause: null },
}

test('a warning has the highest level that it reached, in the score and in the strip, not the one that it had when it cleared', () => {
  const seen = seenWarning(note)
  expect([note.level, seen.level, highestLevel({ level: 'red', timeline: [] })]).toEqual(['yellow', 'orange', 'red'])
  const { all, matches } = warningScores([event], [seen], { stations: 1, spanMs: 10, arrivedAt: () => null })
  expect(all).toMatchObject({ hits: 1, levelReached: 1 })
  const strip = stripOf({ ...matches, events: [event] }, new Map([[seen, note]]))
  expect(strip.warnings).toMatchObject([{ level: 'orange', verdict: 'hit' }])
  expect(strip.events).toMatchObject([{ level: 'orange', warning: 'w' }])
})
