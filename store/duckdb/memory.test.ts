import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from '@jest/globals'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { openDuckdbStore } from './store.ts'

const newFolder = temporaryFolders()
const megabytes = 1_000_000

test('what was freed goes back to the system when it is asked for', async () => {
  const store = await openDuckdbStore({ folder: await newFolder(), config: duckdbConfig() })
  const other = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  await other.run('CREATE TABLE large AS SELECT range AS a, random() AS b, hash(range) AS c FROM range(4_000_000)')
  await other.run('DROP TABLE large')
  const before = process.memoryUsage.rss()
  await store.releaseMemory()
  expect(before - process.memoryUsage.rss()).toBeGreaterThan(20 * megabytes)
  other.closeSync()
  await store.close()
})
