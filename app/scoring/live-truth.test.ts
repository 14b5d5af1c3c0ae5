import { expect, test } from '@jest/globals'
import type { WarningNote } from '../../api/schemas/warning.ts'
import type { SimulationStep } from '../../devices-sim/simulation.ts'
import type { TruthEvent, TruthFault } from '../../devices-sim/truth/truth.ts'
import { LiveTruthWatch } from './live-truth.ts'

const hour = 3_600_000
const start = Date.UTC(2025, 5, 15)
const words = { en: '', zh: '' }
const event = (id: string, station: string, onset: number, end: number): TruthEvent => ({
  ...{ kind: 'event', id, type: 'flood', rule: 'level-high', station, parameter: 'water_level', number: 1, level: 'yellow' },
  ...{ onset: start + onset * hour, end: start + end * hour, peak: { at: start + onset * hour, value: 4 }, cause: null },
})
const fault = (id: string, from: number, to: number): TruthFault => ({
  ...{ kind: 'fault', id, type: 'spike', device: 'd', station: null, parameter: null, expects: 'suspect' },
  ...{ from: start + from * hour, to: start + to * hour },
})
const note = (id: string, station: string, at: number): WarningNote => ({
  ...{ id, version: 1, rule: 'level-high', ruleVersion: '1', kind: 'threshold', station, stationName: words, parameter: null },
  ...{ series: `${station}/water_level/1`, level: 'yellow', state: 'active', run: 'r', simulated: true, recorded: false },
  marks: { acknowledged: null, blind: false, retrospective: false, drill: false },
  ...{ onset: start + at * hour, raisedAt: start + at * hour, changedAt: start + at * hour, endedAt: null, why: words, clears: words },
  ...{ evidence: { from: 0, to: 4, trusted: 1, rejected: 0, value: 1, limit: null, unit: 'm', figures: {} }, timeline: [] },
})
const step = (at: number, truth: SimulationStep['truth']): SimulationStep => ({
  ...{ at: start + at * hour, messages: [], lines: [], system: [], truth },
})

/** A watch on steps that a test takes one by one; what is going on is what the test says. */
function watched(steps: readonly SimulationStep[]): { next: () => void; watch: LiveTruthWatch; ongoing: TruthEvent[] } {
  const ongoing: TruthEvent[] = []
  const file = {
    network: { id: 'n', timeZone: 'Asia/Shanghai', dayStartsAt: '08:00' },
    stations: [
      { id: 'r-a', name: { en: 'Mouth', zh: '河口' }, kind: 'river' as const },
      { id: 'r-b', kind: 'river' as const },
      { id: 'r-c', name: 'Untold', kind: 'river' as const },
    ],
  }
  const header = { start: new Date(start).toISOString() } as never
  const watch = new LiveTruthWatch({ file: file as never, header, ongoing: () => ongoing })
  const taken = watch.follow(steps)
  return { next: () => void taken.next(), watch, ongoing }
}

test('what became known in a step is told when the next one is asked for, and what goes on has no end', () => {
  const { next, watch, ongoing } = watched([step(1, [fault('f1', 0.5, 2)]), step(2, [event('e1', 'r-a', 0.2, 1.2), fault('f2', 1.5, 9)])])
  next()
  expect(watch.against([]).truth).toMatchObject({ at: start, strip: { events: [] }, faults: [] })
  ongoing.push(event('e1', 'r-a', 0.2, 0.9))
  next()
  expect(watch.against([]).truth).toMatchObject({
    at: start + hour,
    strip: { events: [{ station: 'r-a', onset: start + 0.2 * hour, end: null, warning: null }] },
    faults: [{ type: 'spike', struck: 1, now: 1 }],
  })
  ongoing.splice(0)
  next()
  const { truth, places } = watch.against([note('w1', 'r-a', 0.4)])
  expect(truth.strip.events).toMatchObject([{ end: start + 1.2 * hour, warning: 'w1' }])
  expect(truth.faults).toEqual([{ type: 'spike', struck: 2, now: 1 }])
  expect(places).toEqual({ zone: 'Asia/Shanghai', names: { 'r-a': { en: 'Mouth', zh: '河口' } } })
})

test('a warning of nothing is false only when its event can come no more', () => {
  const { next, watch } = watched([step(1, []), step(3, [])])
  const verdicts = (): unknown =>
    watch.against([note('old', 'r-a', 0.5), note('new', 'r-b', 2.5)]).truth.strip.warnings.map((one) => one.verdict)
  next()
  next()
  expect(verdicts()).toEqual(['open', 'open'])
  next()
  expect(verdicts()).toEqual(['false', 'open'])
})
