import { expect, test } from '@jest/globals'
import type { WarningNote } from '../../api/schemas/warning.ts'
import type { SeenWarning } from '../../devices-sim/score/seen.ts'
import type { Alarm } from '../../devices-sim/score/matching.ts'
import type { TruthEvent } from '../../devices-sim/truth/truth.ts'
import { stripOf } from './truth-strip.ts'

const event = (onset: number): TruthEvent => ({
  ...{ kind: 'event', id: `e${onset}`, type: 'flood', rule: 'level-high', station: 's', parameter: 'water_level', number: 1 },
  ...{ level: 'yellow', onset, end: onset + 5, peak: { at: onset, value: 4 }, cause: 'front' },
})
const alarm = (raisedAt: number): Alarm => ({
  ...{ rule: 'level-high', kind: 'threshold', station: 's', series: 's/water_level/1', level: 'yellow', onset: raisedAt, raisedAt },
  ...{ retrospective: false, decided: null, limit: 3, figures: {} },
})
const noteOf = (id: string, { rule, station, level }: Alarm): WarningNote => ({ id, rule, station, level, endedAt: null }) as never

test('events have the warning that came of them, warnings their verdict, both in the order of time', () => {
  const [late, early] = [event(20), event(10)]
  const [hit, again, stray] = [alarm(21), alarm(23), alarm(1)]
  const notes = new Map<SeenWarning, WarningNote>([hit, again, stray].map((one, i) => [one, noteOf(`w-${i}`, one)]))
  const strip = stripOf({ events: [late, early], hits: [{ event: late, alarm: hit }], again: [again], falseOnes: [stray] }, notes)
  expect(strip.events.map(({ onset, warning }) => [onset, warning])).toEqual([
    [10, null],
    [20, 'w-0'],
  ])
  expect(strip.warnings.map(({ id, raisedAt, verdict }) => [id, raisedAt, verdict])).toEqual([
    ['w-2', 1, 'false'],
    ['w-0', 21, 'hit'],
    ['w-1', 23, 'again'],
  ])
  expect(strip.more).toBe(false)
})

test('five hundred of each are kept, and it is said that there were more', () => {
  const events = Array.from({ length: 501 }, (_, i) => event(i))
  const strip = stripOf({ events, hits: [], again: [], falseOnes: [] }, new Map())
  expect([strip.events.length, strip.more]).toEqual([500, true])
})
