import { expect, test } from '@jest/globals'
import { deviceId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import { testsIn } from '../domain/quality-tests.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import type { ObservationKey } from '../store/ports/telemetry.ts'
import { commitOf } from '../store/testing/rows.ts'
import type { Lane } from './lanes.ts'
import { createReconcile } from './reconcile.ts'
import { createSeriesBook } from './series-book.ts'
import { inGroups } from './spans.ts'
import { fleetOf, sensorOf } from './testing/small-fleet.ts'

const level = sensorOf('s', 'water_level', { latenessMs: 1000 })
const ph = sensorOf('s', 'ph', { latenessMs: 1000 })
const t0 = Date.UTC(2026, 10, 22)

type Given = [at: number, value: number | null, clock?: number, sensor?: typeof level]

function reconciling() {
  const store = createMemoryStore()
  const asked: (readonly ObservationKey[])[] = []
  const fleet = fleetOf([level, ph])
  const telemetry = {
    ...store.telemetry,
    existing: (keys: readonly ObservationKey[]): Promise<Observation[]> => {
      asked.push(keys)
      return store.telemetry.existing(keys)
    },
  }
  const fail = (_: unknown, error: unknown): void => {
    throw error
  }
  const book = createSeriesBook({ telemetry, fleet: () => fleet, onTestFailed: fail })
  const reconcile = createReconcile({ telemetry, book })
  let [batch, delivery] = [0, 0]
  const rowOf = ([at, value, , sensor = level]: Given): StoredRow => ({
    series: sensor.id,
    observedAt: t0 + at,
    receivedAt: t0,
    value,
    flag: 1,
    tests: 0,
    device: deviceId('d'),
    delivery: ++delivery,
    seq: null,
    run: null,
    position: null,
    arrival: 'next',
  })
  const reconcileOn = async (lane: Lane, rows: readonly StoredRow[], given: readonly Given[]): Promise<string[]> => {
    const clocks = given.map(([at, , clock]) => t0 + (clock ?? at))
    const { kept, duplicates, restored } = await reconcile({ rows: [...rows], clocks }, ++batch, lane)
    await store.ledger.commit(commitOf([...kept, ...restored], { cursor: delivery }))
    return rows.map((row) => (duplicates.includes(row) ? 'duplicate' : [row.arrival, ...testsIn(row.tests)].join(' ')))
  }
  return {
    book,
    asked,
    store,
    carry: (...given: Given[]): Promise<string[]> => reconcileOn('live', given.map(rowOf), given),
    /** They have come in, and the live lane passes over them: gives what carries them on the deferred one. */
    defer: (...given: Given[]): (() => Promise<string[]>) => {
      const rows = given.map(rowOf)
      return () => reconcileOn('deferred', rows, given)
    },
    /** One comes in before, one behind a live reading, which is carried first. */
    deferAround: async (live: Given, before: Given, behind: Given): Promise<string[]> => {
      const rows = [before, live, behind].map(rowOf)
      await reconcileOn('live', rows.slice(1, 2), [live])
      return reconcileOn('deferred', [...rows.slice(0, 1), ...rows.slice(2)], [before, behind])
    },
  }
}

test('newer than all of its series is next, and nobody asks the store', async () => {
  const house = reconciling()
  expect(await house.carry([0, 1], [1, 1], [0, 7, 0, ph])).toEqual(['next', 'next', 'next'])
  expect(await house.carry([2, 1])).toEqual(['next'])
  expect(house.asked).toEqual([])
})

test('the same value again is a duplicate, in the same batch, the next one and after a start', async () => {
  const house = reconciling()
  expect(await house.carry([0, 1], [0, 1], [1, null], [1, null])).toEqual(['next', 'duplicate', 'next', 'duplicate'])
  expect(await house.carry([0, 1], [1, null])).toEqual(['duplicate', 'duplicate'])
  house.book.forget()
  expect(await house.carry([1, null], [0, 1])).toEqual(['duplicate', 'duplicate'])
})

test('after a start the newest one once more is a duplicate without a question to the store', async () => {
  const house = reconciling()
  await house.carry([0, 1])
  house.book.forget()
  expect(await house.carry([0, 1])).toEqual(['duplicate'])
  expect(house.asked).toEqual([])
})

test('another value is a revision, also of a missing one, and the last by arrival stands', async () => {
  const house = reconciling()
  expect(await house.carry([0, 1], [0, 2], [0, 2], [0, null])).toEqual(['next', 'revised', 'duplicate', 'revised'])
  expect(await house.carry([0, null], [0, 2])).toEqual(['duplicate', 'revised'])
})

test('what was not there is inserted, or late when the clock has gone too far', async () => {
  const house = reconciling()
  await house.carry([0, 1], [100, 1])
  expect(await house.carry([50, 1, 1050], [51, 1, 1052], [0, 5, 2000])).toEqual(['inserted', 'late late', 'revised late'])
  expect(await house.carry([50, 1, 9999], [51, 1, 9999])).toEqual(['duplicate', 'duplicate'])
})

test('a late revision of the newest reading does not make its key new', async () => {
  const house = reconciling()
  await house.carry([0, 1])
  expect(await house.carry([0, 2, 2000])).toEqual(['revised late'])
  house.book.forget()
  expect(await house.carry([0, 3, 2000], [0, 3, 2000], [-1, 1, 2000], [1, 1, 2000])).toEqual([
    'revised late',
    'duplicate',
    'late late',
    'next',
  ])
})

test('the store is asked once a batch, and for each key once', async () => {
  const house = reconciling()
  await house.carry([0, 1], [9, 1])
  await house.carry([1, 1], [2, 1], [1, 1], [0, 1])
  expect(house.asked.map((keys) => keys.map((key) => key.observedAt - t0))).toEqual([[1, 2, 0]])
})

test('a value on the deferred lane that came before the one that stands becomes a version below it', async () => {
  const house = reconciling()
  const carryDeferred = house.defer([0, 1], [0, 5], [1, 1], [1, 1])
  expect(await house.carry([0, 2], [1, 1], [9, 9])).toEqual(['next', 'next', 'next'])
  expect(await carryDeferred()).toEqual(['revised', 'revised', 'duplicate', 'duplicate'])
  const versions = await house.store.telemetry.versions({ series: level.id, observedAt: t0 })
  expect(versions.map(({ value }) => value)).toEqual([2, 1, 5, 2])
})

test('of values on the deferred lane that came before and after the one that stands, the last one stands', async () => {
  const house = reconciling()
  expect(await house.deferAround([0, 2], [0, 1], [0, 3])).toEqual(['revised', 'revised'])
  const versions = await house.store.telemetry.versions({ series: level.id, observedAt: t0 })
  expect(versions.map(({ value }) => value)).toEqual([2, 1, 3])
})

test('what was the newest of its series when it came is not late because live ones went past it', async () => {
  const house = reconciling()
  await house.carry([0, 1])
  const carryDeferred = house.defer([100, 1, 9000], [200, 1, 9000], [150, 1, 9000])
  await house.carry([8999, 1], [9000, 1])
  expect(await carryDeferred()).toEqual(['inserted', 'inserted', 'late late'])
  const carryMore = house.defer([300, 1, 9000])
  expect(await carryMore()).toEqual(['late late'])
})

test('spans of one time share a question, and none asks for much more than 20,000 rows', () => {
  const span = (name: string, from: number, to: number, rows: number) => ({ series: sensorOf(name, 'ph').id, from, to, rows })
  const week = 7 * 86_400_000
  expect(inGroups([span('a', 0, week, 100), span('b', 1000, week, 100)])).toHaveLength(1)
  expect(inGroups([span('a', 0, week, 100), span('b', 52 * week, 53 * week, 100)])).toHaveLength(2)
  expect(inGroups([span('a', 0, week, 15_000), span('b', 0, week, 15_000), span('c', 0, week, 4000)])).toHaveLength(2)
  expect(inGroups([span('a', 0, 1000, 1), span('b', 0, week, 2000)])).toHaveLength(2)
  const many = Array.from({ length: 1000 }, (_, i) => span(`s${i}`, i, week + i, 864))
  const groups = inGroups(many)
  expect(groups.length).toBeLessThan(60)
  expect(groups.flatMap((group) => group.series)).toHaveLength(1000)
})
