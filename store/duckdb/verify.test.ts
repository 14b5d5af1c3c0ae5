import { copyFile, mkdir, readFile, truncate } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { blocksOf, damageUnread, flipIn } from '../testing/damage.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { commitOf, day, hour, quarantinedOf, rowsOf, seriesOf, start } from '../testing/rows.ts'
import type { Store } from '../ports/store.ts'
import { openDuckdbStore } from './store.ts'
import { verifyStoreIn } from './verify.ts'

const newFolder = temporaryFolders()
const open = (folder: string): Promise<Store> => openDuckdbStore({ folder, config: duckdbConfig() })
const ofDamage = { code: 'store-corrupt' }

/** A folder with a store of some blocks, closed. */
async function filledFolder(): Promise<string> {
  const folder = await newFolder()
  const store = await open(folder)
  for (let i = 0; i < 5; i += 1) {
    const quarantined = [quarantinedOf({ payload: Buffer.from(Array.from({ length: 60_000 }, (_, k) => (k * k * (i + 7)) % 251)) })]
    await store.ledger.commit(commitOf(rowsOf(seriesOf(`s${i}`), 20_000), { cursor: i + 1, quarantined }))
  }
  await store.maintain(start + day + 2 * hour)
  await store.close()
  return folder
}

test('damage of any block is found, also where nobody has asked yet, and a sound file is left as it is', async () => {
  const folder = await filledFolder()
  const file = path.join(folder, 'gauge.duckdb')
  const whole = await readFile(file)
  await verifyStoreIn(folder)
  expect((await readFile(file)).equals(whole)).toBe(true)
  const blocks = blocksOf(file)
  expect(blocks.length).toBeGreaterThan(3)
  let found = 0
  for (const block of blocks) {
    const copy = await newFolder()
    await copyFile(file, path.join(copy, 'gauge.duckdb'))
    flipIn(path.join(copy, 'gauge.duckdb'), block)
    // blocks that are free hold nothing
    found += await verifyStoreIn(copy).then(
      () => 0,
      (error: unknown) => (expect(error).toMatchObject(ofDamage), 1),
    )
  }
  expect(found).toBeGreaterThan(blocks.length / 2)
  await truncate(file, whole.length - 300_000)
  await expect(verifyStoreIn(folder)).rejects.toMatchObject(ofDamage)
})

test('a store that has met damage says so from then on, keeps no copy of it, and goes on with what is sound', async () => {
  const folder = await filledFolder()
  await damageUnread(folder)
  const store = await open(folder)
  await store.ping()
  expect(store.damage()).toBeNull()
  const to = path.join(folder, 'copy')
  await mkdir(to)
  await expect(store.copyTo?.(to)).rejects.toMatchObject(ofDamage)
  expect(store.damage()).toMatch(/gauge\.duckdb: the file is damaged .* put the one of the last backup in its place/)
  await expect(store.ping()).rejects.toMatchObject(ofDamage)
  expect(await store.ledger.commit(commitOf(rowsOf(seriesOf('new'), 10), { cursor: 9 }))).toBe(6)
  await expect(store.ping()).rejects.toMatchObject(ofDamage)
  await store.close()
})

test('whoever meets the damage first, readiness hears of it', async () => {
  const folder = await filledFolder()
  await damageUnread(folder)
  const store = await open(folder)
  const questions = [
    () => store.telemetry.range({ series: [0, 1, 2, 3, 4].map((i) => seriesOf(`s${i}`)), from: 0, to: start + 99 * day }),
    () => store.ledger.quarantine({ limit: 100 }),
    () => store.ledger.committedSince(0, 1_000_000),
    () => store.warnings.warnings({}),
    () => store.documents.list('setting'),
  ]
  const answers = await Promise.allSettled(questions.map((ask) => ask()))
  const refused = answers.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  await expect(store.ping()).rejects.toMatchObject(ofDamage)
  await store.close()
})

test('a sound store is read whole, also while it is written', async () => {
  const store = await open(await filledFolder())
  const [, commit] = await Promise.all([store.verify(), store.ledger.commit(commitOf(rowsOf(seriesOf('new'), 10), { cursor: 9 }))])
  expect([commit, store.damage()]).toEqual([6, null])
  await store.close()
})
