import { expect, test } from '@jest/globals'
import type { Store } from '../ports/store.ts'
import { describeLedger } from '../contract/ledger.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { commitOf, rowsOf, seriesOf, start, storedRow } from '../testing/rows.ts'
import { openDuckdbStore } from './store.ts'

const newFolder = temporaryFolders()
const open = (folder: string, recentRows = 100_000): Promise<Store> =>
  openDuckdbStore({ folder, config: duckdbConfig({ recentRows }), place: 'outbox' })

describeLedger('duckdb as outbox', async () => open(await newFolder()))
describeLedger('duckdb as outbox, from the disk', async () => open(await newFolder(), 0))

test('rows stay until every reader has passed them, over a restart too', async () => {
  const folder = await newFolder()
  const first = await open(folder)
  await first.ledger.readerCursor('analytics')
  for (let i = 1; i <= 300; i += 1)
    await first.ledger.commit(commitOf([storedRow({ observedAt: start + i, position: [i, 1] })], { cursor: i }))
  await first.close()
  const store = await open(folder)
  const read = await store.ledger.committedSince(0, 1_000)
  expect(read.map(({ rows }) => rows[0]?.position)).toEqual(Array.from({ length: 300 }, (_, i) => [i + 1, 1]))
  await store.ledger.moveReader('analytics', 290)
  expect((await store.ledger.committedSince(0, 1_000)).map(({ commit }) => commit)).toEqual([
    291, 292, 293, 294, 295, 296, 297, 298, 299, 300,
  ])
  await store.close()
})

test('its own telemetry answers nothing', async () => {
  const { telemetry, ledger, close } = await open(await newFolder())
  await ledger.commit(commitOf(rowsOf(seriesOf('a'), 10)))
  expect(await telemetry.range({ series: [seriesOf('a')], from: 0, to: start * 2 })).toEqual([])
  expect(await telemetry.latest()).toEqual(new Map())
  expect((await telemetry.size()).rows).toBe(0)
  await close()
})
