import { expect, test } from '@jest/globals'
import type { TimelineLine, WarningNote } from '../../api/schemas/warning.ts'
import type { TruthEvent } from '../../devices-sim/truth/truth.ts'
import { forecastScore } from '../../devices-sim/score/forecasts.ts'
import { warningScores } from '../../devices-sim/score/warnings.ts'
import type { Level } from '../../domain/warning.ts'
import { highestLevel, raisingVersion, seenWarning } from './seen-warning.ts'
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
  const { all, matches } = warningScores([event], [seen], { stations: 1, spanMs: 10, sentAt: () => null })
  expect(all).toMatchObject({ hits: 1, levelReached: 1 })
  const strip = stripOf({ ...matches, events: [event] }, new Map([[seen, note]]))
  expect(strip.warnings).toMatchObject([{ level: 'orange', verdict: 'hit' }])
  expect(strip.events).toMatchObject([{ level: 'orange', warning: 'w' }])
})

test('a trend that is over is scored by the forecast with which it was raised', async () => {
  const trend = { ...note, rule: 'creeping', kind: 'trend' as const, level: 'blue' as const, raisedAt: 100 }
  const figures = { timeToThresholdMs: 50, earliestMs: 40, latestMs: 60 }
  const raised: WarningNote = { ...trend, version: 1, state: 'active', evidence: { ...note.evidence, to: 100, limit: 3, figures } }
  const over: WarningNote = { ...trend, version: 2, evidence: { ...note.evidence, to: 200 } }
  const asked: string[] = []
  const client = {
    get: async <Body>(path: string): Promise<Body> => {
      asked.push(path)
      return { warning: over, versions: [raised, over], notifications: [] } as Body
    },
  }
  const seen = [over, raised, note].map(async (one) => seenWarning(one, await raisingVersion(client, one)))
  const crossing = { kind: 'crossing', station: 's1', parameter: 'water_level', number: 1, level: 'yellow', limit: 3 } as const
  const [first] = await Promise.all(seen)
  expect(asked).toEqual(['/api/v1/warnings/w'])
  expect(first).toMatchObject({ limit: 3, figures })
  const scored = (at: number): unknown => forecastScore([{ ...crossing, direction: 'entered', at }], first === undefined ? [] : [first])
  expect([scored(150), scored(90)]).toMatchObject([{ crossed: 1, within: 1 }, { crossed: 0, never: 1 }]) // prettier-ignore
})
