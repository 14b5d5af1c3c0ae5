import { expect, test } from '@jest/globals'
import { runId } from '../domain/ids.ts'
import type { RuleDefinition } from '../domain/network.ts'
import type { Decision, Warning } from '../domain/warning.ts'
import type { ClockStep } from '../store/ports/ledger.ts'
import { groundsOf, type Arrived } from './decision.ts'
import { keptVersions, SmallPipeline, watchOver, type Sent } from './testing/pipeline.ts'
import { dawn, fleetOf, minute, networkWith, ruleOf, sensorAt, stationWith } from './testing/places.ts'

const arrived = (observedAt: number, receivedAt: number | null, isJudged = false): Arrived => ({
  ...{ observedAt, receivedAt, arrivedAt: 1_000 + (receivedAt ?? 0), isJudged },
})

test('of the readings up to the moment it was raised, the one that came last decided', () => {
  const decidedBy = (raisedAt: number, ...touched: Arrived[]): unknown => {
    const grounds = groundsOf(touched, raisedAt)
    return grounds && [grounds.observedAt, grounds.receivedAt, grounds.arrivedAt]
  }
  expect(decidedBy(10, arrived(5, 30), arrived(10, 12), arrived(15, 40))).toEqual([5, 30, 1_030])
  // one that is judged anew counts from the reading behind it that made it so
  expect(decidedBy(10, arrived(10, 11, true), arrived(15, 16), arrived(20, 21))).toEqual([15, 16, 1_016])
  expect(decidedBy(10, arrived(10, 11, true))).toBeNull()
  expect(decidedBy(10, arrived(15, 16))).toBeNull()
  expect(decidedBy(10, arrived(10, null))).toBeNull()
})

const level = sensorAt('qingxi', 'water_level', { everyMs: 5 * minute, stages: new Map([['warning', 3]]) })
const high = ruleOf('threshold', { parameter: level.parameter.key, levels: { yellow: 3 }, settings: { holdMs: 10 * minute } })
const silent = ruleOf('silence', {
  id: 'silent' as RuleDefinition['id'],
  parameter: level.parameter.key,
  settings: { afterMs: 60 * minute },
})
const fleet = fleetOf(networkWith([stationWith('qingxi', [level])], [high, silent], 'r1'))
const run = runId('r1')

/** Readings and ticks of a run, in the order in which they came. */
type Came = { tick: number } | { at: number; value: number }
const at = (minutes: number): number => dawn + minutes * minute

/** All versions of all warnings that come of it. */
async function toldOf(came: readonly Came[], size: number, restarts = false): Promise<Warning[][]> {
  const pipeline = new SmallPipeline()
  let { watch } = watchOver(pipeline.store, () => fleet)
  await watch.start()
  for (let first = 0; first < came.length; first += size) {
    const part = came.slice(first, first + size).map((one, i) => ({ ...one, delivery: first + i + 1 }))
    const readings = part.flatMap((one): Sent[] =>
      'tick' in one
        ? []
        : [{ series: level.id, at: at(one.at), value: one.value, delivery: one.delivery, receivedAt: 5_000 + one.delivery }],
    )
    const steps = part.flatMap((one): ClockStep[] => ('tick' in one ? [[one.delivery, at(one.tick)]] : []))
    const last = steps.at(-1)
    const commit = await pipeline.commit(readings, last === undefined ? [] : [{ run, at: last[1], steps }], 'r1')
    if (commit) await watch.consume(commit)
    if (!restarts) continue
    await watch.stop()
    watch = watchOver(pipeline.store, () => fleet).watch
    await watch.start()
  }
  await watch.stop()
  return keptVersions(pipeline.store)
}

async function watched(came: readonly Came[], size: number, restarts = false): Promise<(Decision | undefined)[]> {
  return (await toldOf(came, size, restarts)).map((versions) => {
    const [first, ...more] = versions.map(({ decided }) => decided)
    for (const later of more) expect(later).toEqual(first)
    return first
  })
}

const inAnyBatches = async (came: readonly Came[]): Promise<(Decision | undefined)[]> => {
  const found = await watched(came, 1)
  for (const size of [2, 3, came.length]) expect(await watched(came, size)).toEqual(found)
  expect(await watched(came, 2, true)).toEqual(found)
  return found
}

test('a warning says when the reading that decided was received by the clock of its run, in any batches and over restarts', async () => {
  const rise: Came[] = [{ tick: 0 }, { at: 5, value: 2.9 }, { at: 10, value: 3.1 }, { tick: 15 }, { at: 20, value: 3.2 }, { tick: 30 }]
  const decided = await inAnyBatches([...rise, ...[35, 50, 65, 80, 95].map((at) => ({ at, value: 2 }))])
  expect(decided).toEqual([{ observedAt: at(20), receivedAt: at(20), arrivedAt: 5_005, keptAt: 9_000 }])
  // what came late was received when the clock was further
  const late: Came[] = [{ tick: 0 }, { at: 5, value: 2.9 }, { tick: 90 }, { at: 10, value: 3.1 }, { at: 20, value: 3.2 }]
  const told = await inAnyBatches(late)
  expect(told).toContainEqual({ observedAt: at(20), receivedAt: at(90), arrivedAt: 5_005, keptAt: 9_000 })
})

test('a silence is decided by the tick that found it', async () => {
  const came: Came[] = [{ tick: 0 }, { at: 5, value: 2 }, { tick: 60 }, { tick: 75 }, { tick: 90 }]
  expect(await inAnyBatches(came)).toEqual([{ observedAt: null, receivedAt: at(75), arrivedAt: null, keptAt: null }])
})

test('what a gauge sends that was cut off under a warning tells the same story in any batches', async () => {
  const flows = (from: number, to: number, value: number): Came[] =>
    Array.from({ length: (to - from) / 5 }, (_, i) => ({ at: from + 5 * i, value }))
  const ticked = (from: number, to: number): Came[] => Array.from({ length: (to - from) / 15 }, (_, i) => ({ tick: from + 15 * i }))
  // the line is cut from 45 to 240, and what was measured meanwhile comes in at once
  const came = [
    { tick: 0 },
    ...flows(5, 30, 2),
    ...flows(30, 45, 3.5),
    ...ticked(45, 255),
    ...flows(45, 240, 3.5),
    { tick: 255 },
    ...flows(240, 300, 2),
  ]
  const story = await toldOf(came, 1)
  const marks = story.flat().map(({ rule, state, marks: { blind, retrospective } }) => [rule, state, blind, retrospective])
  expect(marks).toContainEqual([high.id, 'active', true, false])
  expect(marks).toContainEqual(['silent', 'cleared', false, false])
  for (const size of [2, 3, 7, 20, came.length]) expect(await toldOf(came, size)).toEqual(story)
  // one that began while it was cut off is of the past, until what is fresh shows that it holds
  const begun = [
    { tick: 0 },
    ...flows(5, 45, 2),
    ...ticked(45, 255),
    ...flows(45, 90, 2),
    ...flows(90, 250, 3.5),
    { tick: 270 },
    ...flows(250, 300, 2),
  ]
  const past = await toldOf(begun, 1)
  expect(past.flat().map(({ marks: { retrospective } }) => retrospective)).toContain(true)
  for (const size of [2, 3, 7, 20, begun.length]) expect(await toldOf(begun, size)).toEqual(past)
})

test('nobody knows when something came in a run whose clock is not ticked', async () => {
  const came: Came[] = [{ at: 5, value: 2.9 }, { at: 10, value: 3.1 }, { at: 20, value: 3.2 }] // prettier-ignore
  expect(await inAnyBatches(came)).toEqual([undefined])
})
