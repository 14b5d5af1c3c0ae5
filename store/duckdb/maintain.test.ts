import { expect, test } from '@jest/globals'
import type { StoredRow } from '../ports/ledger.ts'
import type { Store } from '../ports/store.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { commitOf, countOf, day, hour, minute, seriesOf, start, storedRow } from '../testing/rows.ts'
import { openDuckdbStore } from './store.ts'

const newFolder = temporaryFolders()
const open = async (folder?: string): Promise<Store> =>
  openDuckdbStore({ folder: folder ?? (await newFolder()), config: duckdbConfig({ recentRows: 0 }) })

const series = Array.from({ length: 7 }, (_, i) => seriesOf(`s${i}`))
const later = start + 30 * day

/** One reading of each series, `at` after the start. */
const tick = (at: number, part: Partial<StoredRow> = {}): StoredRow[] =>
  [...series]
    .reverse()
    .map((name, i) => storedRow({ series: name, observedAt: start + at, value: i + at / hour, delivery: at / minute + i + 1, ...part }))

/** Three days of a reading every ten minutes, a commit an hour. */
async function threeDays(store: Store): Promise<void> {
  for (let hours = 0; hours < 72; hours += 1) {
    const rows = [0, 10, 20, 30, 40, 50].flatMap((minutes) => tick(hours * hour + minutes * minute))
    await store.ledger.commit(commitOf(rows, { cursor: hours + 1, counts: [countOf('rtu-0017', { received: 42, stored: 42 })] }))
  }
}

const all = (store: Store): Promise<unknown> => store.telemetry.range({ series, from: 0, to: later })

/** The rows of all commits, whatever commit they stand under. */
async function committed(store: Store): Promise<string[]> {
  const rows: string[] = []
  for (let after = 0; after < store.ledger.newest();) {
    const commits = await store.ledger.committedSince(after, 500)
    const last = commits.at(-1)?.commit ?? store.ledger.newest()
    expect(last).toBeGreaterThan(after)
    after = last
    rows.push(...commits.flatMap((commit) => commit.rows.map((row) => `${row.series} ${row.observedAt} ${row.value} ${row.arrival}`)))
  }
  return rows.sort()
}

test('upkeep changes no answer', async () => {
  const store = await open()
  await threeDays(store)
  await store.ledger.commit(commitOf(tick(hour, { value: -1, arrival: 'revised', receivedAt: start + day }), { cursor: 73 }))
  const before = [await all(store), await committed(store), await store.telemetry.size(), await store.ledger.counts()]
  await store.maintain(later)
  const after = [await all(store), await committed(store), await store.telemetry.size(), await store.ledger.counts()]
  expect(after[0]).toEqual(before[0])
  expect(after[1]).toEqual(before[1])
  expect(after[2]).toMatchObject({ rows: 72 * 42 })
  expect(after[3]).toEqual(before[3])
  await store.close()
})

test('a reader that has not passed them gets commits as they were made, also after upkeep', async () => {
  const store = await open()
  await store.ledger.readerCursor('analytics')
  await threeDays(store)
  await store.ledger.moveReader('analytics', 30)
  const before = await store.ledger.committedSince(30, 1_000_000)
  await store.maintain(later)
  expect(await store.ledger.committedSince(30, 1_000_000)).toEqual(before)
  await store.close()
})

test('upkeep, then versions, late rows and upkeep again', async () => {
  const folder = await newFolder()
  const store = await open(folder)
  await threeDays(store)
  await store.maintain(later)
  const late = [5, 15, 25, 35, 45, 55].flatMap((minutes) => tick(hour + minutes * minute, { arrival: 'late', receivedAt: later }))
  await store.ledger.commit(commitOf(late, { cursor: 73 }))
  await store.ledger.commit(commitOf(tick(hour, { value: 99, arrival: 'revised', receivedAt: later }), { cursor: 74 }))
  const before = [await all(store), await committed(store)]
  await store.maintain(later)
  expect([await all(store), await committed(store)]).toEqual(before)
  expect((await store.telemetry.versions({ series: seriesOf('s3'), observedAt: start + hour })).map((state) => state.value)).toEqual([
    4, 99,
  ])
  await store.close()
  const again = await open(folder)
  expect([await all(again), await committed(again)]).toEqual(before)
  await again.close()
})

test('commits go on during upkeep, on the same days too', async () => {
  const store = await open()
  await threeDays(store)
  let running = true
  const upkeep = (async () => {
    for (let i = 0; i < 6; i += 1) await store.maintain(later)
    running = false
  })()
  let made = 0
  while (running || made < 30) {
    made += 1
    const rows = [
      ...tick(hour, { value: 1_000 + made, arrival: 'revised', receivedAt: later + made }),
      ...tick(made * minute + 30_000, { arrival: 'inserted', receivedAt: later }),
    ]
    await store.ledger.commit(commitOf(made < 600 ? rows : rows.slice(0, 7), { cursor: 72 + made }))
  }
  await upkeep
  expect((await store.telemetry.size()).rows).toBe(72 * 42 + 7 * Math.min(made, 599))
  expect(await store.telemetry.versions({ series: seriesOf('s0'), observedAt: start + hour })).toHaveLength(made + 1)
  await store.close()
}, 120_000)

test('a day is left alone until it is over', async () => {
  const store = await open()
  await store.ledger.commit(commitOf(tick(0), { cursor: 1 }))
  await store.ledger.commit(commitOf(tick(hour), { cursor: 2 }))
  const numbers = async (): Promise<number[][]> =>
    [...(await store.ledger.committedSince(0, 1_000)), ...(await store.ledger.committedSince(1, 1_000))].map(({ commit, rows }) => [
      commit,
      rows.length,
    ])
  await store.maintain(start + 5 * hour)
  expect(await numbers()).toEqual([
    [1, 7],
    [2, 7],
  ])
  await store.maintain(start + day + 2 * hour)
  // Nobody reads the commits, so the rows of the day stand together under one.
  expect((await numbers()).filter(([, rows]) => rows !== 0)).toEqual([[1, 14]])
  await store.close()
})

test('what every reader has passed is let go, and counts and watermarks stay', async () => {
  const folder = await newFolder()
  const store = await open(folder)
  for (let i = 1; i <= 600; i += 1)
    await store.ledger.commit(
      commitOf([], { cursor: i, counts: [countOf('a', { received: 1, duplicate: 1 })], watermarks: [{ run: null, at: i }] }),
    )
  await store.ledger.moveReader('analytics', 598)
  await store.maintain(start)
  expect((await store.ledger.committedSince(0, 100)).map(({ commit }) => commit)).toEqual([599, 600])
  await store.close()
  const again = await open(folder)
  expect(await again.ledger.watermarks()).toEqual([{ run: null, at: 600 }])
  expect((await again.ledger.counts())[0]).toMatchObject({ received: 600, duplicate: 600 })
  expect([again.ledger.cursor(), again.ledger.newest()]).toEqual([600, 600])
  await again.close()
})

test('space that upkeep frees is used again', async () => {
  const store = await open()
  const size = async (): Promise<number> => (await store.telemetry.size()).bytes
  await threeDays(store)
  await store.maintain(later)
  const first = await size()
  for (let i = 0; i < 5; i += 1) {
    await store.telemetry.dropBefore(later)
    await threeDays(store)
    await store.maintain(later)
  }
  expect(await size()).toBeLessThan(3 * first)
  await store.close()
}, 120_000)
