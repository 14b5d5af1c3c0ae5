import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from '@jest/globals'
import type { Store } from '../ports/store.ts'
import { runId } from '../../domain/ids.ts'
import { childProcesses } from '../testing/child.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { commitOf, countOf, day, hour, quarantinedOf, rowsOf, seriesOf, start, storedRow, warningOf } from '../testing/rows.ts'
import { openDuckdbStore } from './store.ts'

const newFolder = temporaryFolders()
const startChild = childProcesses()
const open = (folder: string): Promise<Store> => openDuckdbStore({ folder, config: duckdbConfig() })

async function answers({ telemetry, ledger, warnings, documents }: Store): Promise<unknown> {
  const series = [seriesOf('a'), seriesOf('b'), seriesOf('qingxi')]
  return {
    cursor: [ledger.cursor(), ledger.newest(), ledger.deferred(), await ledger.nextDeferred(10)],
    range: await telemetry.range({ series, from: 0, to: start + 10 * day }),
    versions: await telemetry.versions({ series: seriesOf('qingxi'), observedAt: start }),
    latest: await telemetry.latest(),
    rollups: await telemetry.rollups({ series, size: '1h', from: 0, to: start + day }),
    committed: await ledger.committedSince(0, 1_000_000),
    reader: await ledger.readerCursor('analytics'),
    counts: await ledger.counts(),
    quarantine: await ledger.quarantine({ limit: 100 }),
    watermarks: new Set((await ledger.watermarks()).map(({ run, at }) => `${run} ${at}`)),
    warnings: await warnings.warnings({}),
    warningVersions: await warnings.warningVersions(warningOf().id),
    documents: await documents.list('setting'),
  }
}

async function fill({ telemetry, ledger, warnings, documents }: Store): Promise<void> {
  await ledger.readerCursor('analytics')
  const moving = storedRow({ position: [121.5, 28.25], seq: -7, run: runId('flood') })
  await ledger.commit(
    commitOf([...rowsOf(seriesOf('a'), 3_000), moving], {
      cursor: 5,
      counts: [countOf('a', { received: 3, duplicate: 3 })],
      watermarks: [{ run: runId('flood'), at: start }],
    }),
  )
  const revised = { ...moving, value: null, flag: 9, arrival: 'revised', receivedAt: start + hour, delivery: 2 } as const
  await ledger.commit(
    commitOf([...rowsOf(seriesOf('b'), 10), revised], {
      cursor: 9,
      deferredCursor: 6,
      deferred: [7, 9],
      counts: [countOf('a', { received: 1, quarantined: 1 })],
      quarantined: [quarantinedOf()],
      watermarks: [{ run: null, at: start + hour }],
    }),
  )
  await telemetry.putRollups([
    { series: seriesOf('a'), size: '1h', start, end: start + hour, n: 2, min: 0, mean: 0.5, max: 1, sum: 1, completeness: null },
  ])
  await warnings.putWarnings([warningOf(), warningOf({ version: 2, state: 'cleared' })], { reader: 'analytics', commit: 1 })
  await documents.put('setting', 'language', { default: 'zh' }, start)
}

test('everything is there after opening again', async () => {
  const folder = await newFolder()
  const first = await open(folder)
  await fill(first)
  const before = await answers(first)
  await first.close()
  for (let i = 0; i < 2; i += 1) {
    const again = await open(folder)
    expect(await answers(again)).toEqual(before)
    await again.close()
  }
})

test('numbers go on where they were', async () => {
  const folder = await newFolder()
  const first = await open(folder)
  await fill(first)
  await first.close()
  const again = await open(folder)
  expect(await again.ledger.commit(commitOf(rowsOf(seriesOf('c'), 3), { cursor: 12, quarantined: [quarantinedOf({ delivery: 4 })] }))).toBe(
    3,
  )
  expect((await again.ledger.quarantine({ limit: 1 }))[0]?.id).toBe(2)
  expect((await again.telemetry.range({ series: [seriesOf('c')], from: 0, to: start + day })).length).toBe(3)
  await again.close()
})

test('a folder that is open cannot be opened twice', async () => {
  const folder = await newFolder()
  const store = await open(folder)
  await expect(open(folder)).rejects.toMatchObject({ code: 'store-locked' })
  await store.ping()
  await store.close()
  const child = await startChild('store/testing/committer.ts', [folder, JSON.stringify(duckdbConfig()), '1000000'])
  expect(await child.line()).toBe('opened')
  await expect(open(folder)).rejects.toMatchObject({ code: 'store-locked' })
})

test('a file that is none, or is damaged, is named as such and left as it is', async () => {
  const folder = await newFolder()
  const file = path.join(folder, 'gauge.duckdb')
  const store = await open(folder)
  await fill(store)
  await store.close()
  const whole = await readFile(file)
  const flipped = Buffer.from(whole)
  flipped.fill(0xff, 4_096, 4_200)
  for (const bytes of [flipped, whole.subarray(0, 20_000), Buffer.from('no database'), Buffer.alloc(0)]) {
    await writeFile(file, bytes)
    await expect(open(folder)).rejects.toMatchObject({ code: 'store-corrupt' })
    expect((await readFile(file)).equals(bytes)).toBe(true)
  }
})

/** The statements that make a file of format 1 as its release left it: two commits, the last up to delivery 9. */
const format1 = await readFile(new URL('testdata/format-1.sql', import.meta.url), 'utf8')

test('a file of format 1 is brought up to date when it is opened, and its readings are those it held', async () => {
  const folder = await newFolder()
  const instance = await DuckDBInstance.create(path.join(folder, 'gauge.duckdb'))
  const connection = await instance.connect()
  await connection.run(format1)
  connection.closeSync()
  instance.closeSync()
  for (let i = 0; i < 2; i += 1) {
    const store = await open(folder)
    expect([store.ledger.cursor(), store.ledger.deferred()]).toEqual([9, { cursor: 9, waiting: 0 }])
    expect((await store.ledger.committedSince(0, 10)).map(({ rows }) => rows.map(({ value }) => value))).toEqual([[3.42], [3.5]])
    await store.close()
  }
  const store = await open(folder)
  expect(await store.ledger.commit(commitOf([], { cursor: 12, deferredCursor: 10, deferred: [11] }))).toBe(3)
  expect(await store.ledger.nextDeferred(10)).toEqual([11])
  await store.ledger.commit(commitOf([], { cursor: 13, quarantined: [quarantinedOf()] }))
  expect((await store.ledger.quarantine({ limit: 9 })).map(({ id }) => id)).toEqual([1])
  expect(await store.ledger.amendments({})).toEqual([])
  const [[row] = []] = (await store.ledger.committedSince(1, 1)).map(({ rows }) => rows)
  if (row === undefined) throw new Error('the file held two commits with a row each')
  const judged = { at: row.receivedAt + hour, delivery: 14 }
  await store.ledger.commit(commitOf([{ ...row, flag: 3, arrival: 'judged', judged }], { cursor: 14 }))
  const versions = await store.telemetry.versions(row)
  expect(versions.slice(-2).map(({ flag, knownAt }) => [flag, knownAt])).toEqual([
    [row.flag, row.receivedAt],
    [3, judged.at],
  ])
  await store.close()
})

test('a file of a newer release is refused before anything is written', async () => {
  const folder = await newFolder()
  await (await open(folder)).close()
  const instance = await DuckDBInstance.create(path.join(folder, 'gauge.duckdb'))
  const connection = await instance.connect()
  await connection.run('UPDATE format SET version = 99')
  connection.closeSync()
  instance.closeSync()
  const before = await readFile(path.join(folder, 'gauge.duckdb'))
  await expect(open(folder)).rejects.toMatchObject({ code: 'store-format' })
  expect((await readFile(path.join(folder, 'gauge.duckdb'))).equals(before)).toBe(true)
})

test('a store that is closed refuses further work', async () => {
  const store = await open(await newFolder())
  const made = store.ledger.commit(commitOf(rowsOf(seriesOf('a'), 10)))
  await store.close()
  await expect(made).resolves.toBe(1)
  await expect(store.ledger.commit(commitOf([]))).rejects.toMatchObject({ code: 'store-unavailable' })
  await expect(store.ping()).rejects.toMatchObject({ code: 'store-unavailable' })
})
