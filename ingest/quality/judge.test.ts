import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { deviceId } from '../../domain/ids.ts'
import type { Sensor } from '../../domain/network.ts'
import { testsIn } from '../../domain/quality-tests.ts'
import { createMemoryStore } from '../../store/memory.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'
import { commitOf } from '../../store/testing/rows.ts'
import { createReconcile } from '../reconcile.ts'
import { createSeriesBook } from '../series-book.ts'
import { fleetOf, sensorOf } from '../testing/small-fleet.ts'
import { createJudge } from './judge.ts'

interface Seen {
  at: number
  value: number | null
}

const hour = 3_600_000
const start = Date.UTC(2026, 10, 1)
/** Two-hourly levels: 12 h are 6 steps and 48 h are 24, so that a short series meets every test. */
const level = sensorOf('s', 'water_level', { everyMs: 2 * hour, latenessMs: 1e15 })

/** Reconcile, judge and commit over a memory store, as the pipeline does. */
function judging(sensor: Sensor) {
  const store = createMemoryStore()
  const failures: unknown[] = []
  const fleet = fleetOf([sensor])
  const book = createSeriesBook({ telemetry: store.telemetry, fleet: () => fleet, onTestFailed: (_, error) => failures.push(error) })
  const reconcile = createReconcile({ telemetry: store.telemetry, book })
  const judge = createJudge(book, { gaps: 0, missing: 0 })
  let [batch, delivery] = [0, 0]
  const rowOf = ({ at, value }: Seen, tests = 0): StoredRow => ({
    series: sensor.id,
    observedAt: at,
    receivedAt: at,
    value,
    flag: value === null ? 9 : 2,
    tests,
    device: deviceId('d'),
    delivery: ++delivery,
    seq: null,
    run: null,
    position: null,
    arrival: 'next',
  })
  return {
    store,
    book,
    failures,
    async carry(seen: readonly Seen[], clock = -Infinity, tests = 0): Promise<{ rows: StoredRow[]; judged: StoredRow[] }> {
      const rows = seen.map((one) => rowOf(one, tests))
      batch += 1
      const { kept } = await reconcile({ rows, clocks: rows.map((row) => Math.max(clock, row.receivedAt)) }, batch)
      const judged = await judge(kept, batch)
      await store.ledger.commit(commitOf([...kept, ...judged], { cursor: delivery }))
      return { rows: kept, judged }
    },
    /** What the store says of every reading in the end. */
    async flags(): Promise<[hours: number, flag: number, tests: string][]> {
      const rows = await store.telemetry.range({ series: [sensor.id], from: 0, to: 1e15 })
      return rows.map((row) => [(row.observedAt - start) / hour, row.flag, testsIn(row.tests).join(' ')])
    },
  }
}

const every2h = (values: readonly (number | null)[]): Seen[] => values.map((value, i) => ({ at: start + i * 2 * hour, value }))

test('a spike is found out when its neighbour comes, in the same batch in place, else as a judged row', async () => {
  const values = every2h([1, 1.01, 1.8, 1.02, 1.03])
  const together = judging(level)
  expect((await together.carry(values)).judged).toEqual([])
  const apart = judging(level)
  const judged = []
  for (const seen of values) judged.push(...(await apart.carry([seen])).judged)
  expect(judged).toMatchObject([{ observedAt: start + 4 * hour, value: 1.8, flag: 4, arrival: 'judged', delivery: 3 }])
  expect(await apart.flags()).toEqual([
    [0, 1, ''],
    [2, 1, ''],
    [4, 4, 'spike'],
    [6, 1, ''],
    [8, 1, ''],
  ])
  expect(await together.flags()).toEqual(await apart.flags())
})

test('a reading put in between changes the flags of its neighbours', async () => {
  const house = judging(level)
  const [first, between, last] = every2h([1, 9, 1.01])
  if (!first || !between || !last) throw new Error('three readings')
  await house.carry([first, last])
  const { rows } = await house.carry([between])
  expect(rows).toMatchObject([{ arrival: 'inserted', flag: 4 }])
  expect(await house.flags()).toEqual([
    [0, 1, ''],
    [2, 4, 'spike rate_of_change'],
    [4, 1, ''],
  ])
})

test('a late reading is stored and judged alone, and its neighbours keep their flags', async () => {
  const house = judging({ ...level, latenessMs: 24 * hour })
  await house.carry(every2h([1, null, 1.01]).filter((seen) => seen.value !== null))
  const { rows, judged } = await house.carry([{ at: start + 2 * hour, value: 9 }], start + 27 * hour)
  expect(rows).toMatchObject([{ arrival: 'late', flag: 1 }])
  expect(judged).toEqual([])
  expect(await house.flags()).toEqual([
    [0, 1, ''],
    [2, 1, 'late'],
    [4, 1, ''],
  ])
})

test('a late revision is a new version with the mark, and the readings beside it stand', async () => {
  const house = judging({ ...level, latenessMs: 24 * hour })
  await house.carry(every2h([1, 1.01, 1.02]))
  const { rows, judged } = await house.carry([{ at: start + 2 * hour, value: 5 }], start + 27 * hour)
  expect(rows).toMatchObject([{ arrival: 'revised', value: 5 }])
  expect(judged).toEqual([])
  expect((await house.flags()).map(([, , tests]) => tests)).toEqual(['', 'late', ''])
  await house.carry([{ at: start + 6 * hour, value: 1.03 }])
  expect((await house.flags()).at(-1)).toEqual([6, 1, ''])
})

test('what the source doubts is not good, and what it calls wrong fails', async () => {
  const house = judging(level)
  await house.carry([{ at: start, value: 1 }], undefined, 1 << 6)
  await house.carry([{ at: start + 2 * hour, value: 1 }], undefined, 1 << 7)
  await house.carry([{ at: start + 4 * hour, value: null }], undefined, 1 << 7)
  expect(await house.flags()).toEqual([
    [0, 3, 'source_suspect'],
    [2, 4, 'source_fail'],
    [4, 9, 'source_fail'],
  ])
})

/** Levels that stand still, creep, jump and miss values, with lost contact now and then. */
const seenSeries: fc.Arbitrary<Seen[]> = fc
  .array(
    fc.record({
      steps: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) }),
      move: fc.oneof({ weight: 7, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.integer({ min: -900, max: 900 }) }),
      missing: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((moves) => {
    let [at, value] = [start, 1000]
    return moves.map(({ steps, move, missing }) => {
      at += steps * 2 * hour
      value += move
      return { at, value: missing ? null : value / 1000 }
    })
  })

test('the flags after any arrival order, in any batches, over any restarts, are those of the order of time', async () => {
  await fc.assert(
    fc.asyncProperty(
      seenSeries.chain((seen) =>
        fc.record({
          seen: fc.constant(seen),
          shuffled: fc.shuffledSubarray(seen, { minLength: seen.length, maxLength: seen.length }),
          cuts: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 }),
          restarts: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
          nearly: fc.boolean(),
        }),
      ),
      async ({ seen, shuffled, cuts, restarts, nearly }) => {
        const inOrder = judging(level)
        await inOrder.carry(seen)
        const order = nearly ? swapped(seen) : shuffled
        const house = judging(level)
        for (let [from, i] = [0, 0]; from < order.length; i++) {
          const size = cuts[i % cuts.length] ?? 1
          await house.carry(order.slice(from, from + size))
          if (restarts[i % restarts.length]) house.book.forget()
          from += size
        }
        expect(await house.flags()).toEqual(await inOrder.flags())
        expect(house.failures).toEqual([])
      },
    ),
    { numRuns: 300 },
  )
})

/** Each pair of neighbours comes the wrong way round. */
function swapped(seen: readonly Seen[]): Seen[] {
  return seen.flatMap((_, i) => (i % 2 === 0 ? [seen[i + 1], seen[i]] : [])).filter((one): one is Seen => one !== undefined)
}

test('a correction gives the flags that the corrected series has', async () => {
  await fc.assert(
    fc.asyncProperty(seenSeries, fc.nat(), fc.integer({ min: 0, max: 3000 }), async (seen, which, milli) => {
      const place = which % seen.length
      const corrected = seen.map((one, i) => (i === place ? { ...one, value: milli / 1000 } : one))
      const inOrder = judging(level)
      await inOrder.carry(corrected)
      const house = judging(level)
      await house.carry(seen)
      await house.carry([corrected[place] ?? { at: 0, value: null }])
      expect(await house.flags()).toEqual(await inOrder.flags())
    }),
    { numRuns: 150 },
  )
})
