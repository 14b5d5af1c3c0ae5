import { expect, test } from '@jest/globals'
import { childProcesses } from '../testing/child.ts'
import { batchRows } from '../testing/committer.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { seriesOf, start } from '../testing/rows.ts'
import { openDuckdbStore } from './store.ts'

const newFolder = temporaryFolders()
const startChild = childProcesses()
const committer = 'store/testing/committer.ts'

/** Opens what a killed process left: every part of it must stand at the same commit. */
async function expectWhole(folder: string, atLeast: number): Promise<void> {
  const store = await openDuckdbStore({ folder, config: duckdbConfig() })
  const newest = store.ledger.newest()
  expect(newest).toBeGreaterThanOrEqual(atLeast)
  expect(store.ledger.cursor()).toBe(newest)
  if (newest > 0) {
    expect((await store.telemetry.size()).rows).toBe(newest * (batchRows - 1) + 1)
    const versions = await store.telemetry.versions({ series: seriesOf('qingxi'), observedAt: start })
    expect(versions.map((state) => state.value)).toEqual(Array.from({ length: newest }, (_, i) => i + 1))
    expect((await store.ledger.counts()).map((total) => total.received)).toEqual([newest * batchRows])
    expect((await store.ledger.quarantine({ limit: 10_000 })).length).toBe(newest)
    expect(await store.ledger.watermarks()).toEqual([{ run: null, at: newest }])
    expect((await store.telemetry.latest()).size).toBe(newest + 1)
    expect((await store.ledger.committedSince(newest - 1, 1))[0]?.rows.length).toBe(batchRows)
  }
  await store.close()
}

test('a process killed in the middle of commits leaves each of them whole or not at all', async () => {
  const folder = await newFolder()
  let acknowledged = 0
  for (const commits of [0, 1, 4, 9]) {
    const child = await startChild(committer, [folder, JSON.stringify(duckdbConfig({ logLimit: '1MB' })), '100000'])
    expect(await child.line()).toBe('opened')
    for (let i = 0; i < commits; i += 1) acknowledged = Number(await child.line())
    child.process.kill('SIGKILL')
    await child.ended
    await expectWhole(folder, acknowledged)
  }
}, 120_000)

test('a process killed during upkeep loses nothing', async () => {
  const folder = await newFolder()
  const child = await startChild(committer, [folder, JSON.stringify(duckdbConfig({ logLimit: '1MB' })), '100000', 'maintain'])
  let acknowledged = 0
  for (let i = 0; i < 12; i += 1) acknowledged = Number((await child.line())?.replace('opened', '0'))
  child.process.kill('SIGKILL')
  await child.ended
  await expectWhole(folder, acknowledged)
}, 120_000)

test('a process killed while it makes the file leaves a folder that opens', async () => {
  const folder = await newFolder()
  for (const wait of [0, 20, 60]) {
    const child = await startChild(committer, [folder, JSON.stringify(duckdbConfig()), '0'])
    await Promise.race([child.line(), new Promise((resolve) => setTimeout(resolve, wait))])
    child.process.kill('SIGKILL')
    await child.ended
  }
  await expectWhole(folder, 0)
}, 120_000)
