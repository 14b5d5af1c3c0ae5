import { execFileSync } from 'node:child_process'
import { existsSync, watch } from 'node:fs'
import { expect, test } from '@jest/globals'
import { needing } from '../../testing/needing.ts'
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
  for (const sign of ['gauge.duckdb.new', 'gauge.duckdb.new.wal']) {
    const seen = appears(folder, sign)
    const child = await startChild(committer, [folder, JSON.stringify(duckdbConfig()), '0'])
    await seen
    child.process.kill('SIGKILL')
    await child.ended
  }
  await expectWhole(folder, 0)
}, 120_000)

/** Resolves when a file of this name is made in the folder. */
function appears(folder: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_event, file) => {
      if (file !== name) return
      watcher.close()
      resolve()
    })
  })
}

const prlimit = {
  found: existsSync('/usr/bin/prlimit') ? '/usr/bin/prlimit' : null,
  missing: 'prlimit not found: apt-get install -y util-linux',
}

needing(
  [prlimit],
  'a full disk refuses commits, and there is nothing lost or doubled when there is room again',
  async (command) => {
    for (const config of [duckdbConfig({ logLimit: '1GB' }), duckdbConfig({ logLimit: '1MB' })]) {
      const folder = await newFolder()
      const child = await startChild(committer, [folder, JSON.stringify(config), '60'], [command, '--fsize=2000000:unlimited'])
      const lines: string[] = []
      const refused = (): number => lines.filter((line) => line === 'refused store-unavailable').length
      for (let line = await child.line(); line !== null; line = await child.line()) {
        lines.push(line)
        if (refused() === 2) execFileSync(command, ['--pid', String(child.process.pid), '--fsize=unlimited:unlimited'])
      }
      expect(refused()).toBeGreaterThanOrEqual(2)
      expect(lines.filter((line) => !line.startsWith('refused'))).toEqual([
        'opened',
        ...Array.from({ length: 60 }, (_, i) => String(i + 1)),
      ])
      await expectWhole(folder, 60)
    }
  },
  120_000,
)
