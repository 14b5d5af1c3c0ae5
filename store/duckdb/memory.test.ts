import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from '@jest/globals'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { openEngine } from './engine.ts'
import { releaseMemory } from './release.ts'
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

test('pages of the file go while nobody asks, and stay while somebody does', async () => {
  const folder = await newFolder()
  const [config, file] = [duckdbConfig({ restingMemory: '4MB' }), path.join(folder, 'gauge.duckdb')]
  const engine = await openEngine(file, path.join(folder, 'spill'), config)
  const held = (): Promise<number> =>
    engine.read('asking', async (session) => Number((await session.rows('SELECT sum(memory_usage_bytes) FROM duckdb_memory()'))[0]?.[0]))
  await engine.alone('filling', async (session) => {
    await session.run('CREATE TABLE large AS SELECT range AS a, random() AS b FROM range(2_000_000)')
    await session.run('CHECKPOINT gauge')
  })
  const sum = (): Promise<number> =>
    engine.read('asking', async (session) => Number((await session.rows('SELECT sum(a) FROM large'))[0]?.[0]))
  const all = await sum()
  const before = await held()
  expect(before).toBeGreaterThan(8 * megabytes)
  const asking = sum()
  await releaseMemory(engine, config)
  expect(await asking).toBe(all)
  expect(await held()).toBe(before)
  await releaseMemory(engine, config)
  expect(await held()).toBeLessThan(4.1 * megabytes)
  expect(await sum()).toBe(all)
  await engine.close()
})
