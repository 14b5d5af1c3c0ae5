import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { aggregates, type Window } from '../ports/telemetry.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { commitOf, hour, minute, rowsOf, seriesOf, start } from '../testing/rows.ts'
import { openDuckdbStore } from './store.ts'

const newFolder = temporaryFolders()
const [a, b] = [seriesOf('a'), seriesOf('b')]

/** Sums differ in their last bits with the order of adding. */
const rounded = (windows: readonly Window[]): unknown[] =>
  windows.map((window) =>
    Object.fromEntries(Object.entries(window).map(([key, value]) => [key, typeof value === 'number' ? value.toFixed(6) : value])),
  )

test('windows of one series are the same whether DuckDB groups them or we do', async () => {
  const { telemetry, ledger, close } = await openDuckdbStore({ folder: await newFolder(), config: duckdbConfig() })
  const rows = rowsOf(a, 2_000, 97_531).map((row, i) => ({ ...row, value: Math.sin(i), flag: ([1, 2, 3] as const)[i % 3] ?? 1 }))
  await ledger.commit(commitOf([...rows, ...rowsOf(b, 10)]))
  const drawn = fc.record({
    from: fc.integer({ min: 0, max: 50 * hour }),
    length: fc.integer({ min: 0, max: 20 * hour }),
    everyMs: fc.oneof(fc.integer({ min: 1_000, max: 5 * hour }), fc.constantFrom(minute, 7 * minute, hour, 24 * hour)),
    offsetMs: fc.oneof(fc.integer({ min: -30 * hour, max: 30 * hour }), fc.constantFrom(0, 8 * hour, -minute)),
  })
  await fc.assert(
    fc.asyncProperty(drawn, async ({ from, length, everyMs, offsetMs }) => {
      const query = { from: start + from, to: start + from + length, everyMs, offsetMs, flags: [1, 3], aggregates }
      const grouped = (await telemetry.windows({ ...query, series: [b, a] })).filter((window) => window.series === a)
      expect(rounded(await telemetry.windows({ ...query, series: [a] }))).toEqual(rounded(grouped))
    }),
    { numRuns: 40 },
  )
  await close()
})

test('windows of more values than are fetched are grouped all the same', async () => {
  const { telemetry, ledger, close } = await openDuckdbStore({ folder: await newFolder(), config: duckdbConfig() })
  await ledger.commit(commitOf(rowsOf(a, 25_000, minute)))
  const windows = await telemetry.windows({
    series: [a],
    from: 0,
    to: start * 2,
    everyMs: 1_000 * minute,
    offsetMs: start,
    aggregates: ['first', 'last'],
  })
  expect(windows).toEqual(
    Array.from({ length: 25 }, (_, i) => ({
      series: a,
      start: start + i * 1_000 * minute,
      n: 1_000,
      first: i * 1_000,
      last: i * 1_000 + 999,
    })),
  )
  await close()
})
