import { cp, open, readFile, rm, stat, truncate } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { DiskJournal } from './journal.ts'
import type { NumberRange } from './marks.ts'
import { delivery, everything, freshFolder, opened, storageFiles, texts } from './testing/journals.ts'

/** Text of a delivery that can be found in the files. */
const textOf = (number: number): string => `{"seq":${number},"mark":"<${number}>"}`.padEnd(200)

/** Blocks of ten deliveries, numbered from the next number on. */
async function write(journal: DiskJournal, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, i) => journal.accept(delivery(textOf(number + i)))))
  }
}

/** A closed journal of 500 deliveries in one table file, as after two restarts. */
async function closedJournal(): Promise<string> {
  const folder = await freshFolder()
  const journal = await opened(folder)
  await write(journal, 1, 500)
  await journal.close()
  await (await opened(folder)).close()
  return folder
}

async function placeOf(file: string, number: number): Promise<number> {
  return (await readFile(file)).indexOf(`<${number}>`)
}

async function flipBit(file: string, at: number): Promise<void> {
  const handle = await open(file, 'r+')
  const byte = Buffer.alloc(1)
  await handle.read(byte, 0, 1, at)
  byte[0] = (byte[0] ?? 0) ^ 0x10
  await handle.write(byte, 0, 1, at)
  await handle.close()
}

/** Checks that all but the damaged numbers are there, that no number is missing without being named, and that new ones are higher. */
async function checkAfterDamage(folder: string, upTo: number, expected: NumberRange[] | null): Promise<NumberRange[]> {
  const journal = await opened(folder)
  const { deliveries, damaged } = await everything(journal, 64)
  const present = new Set(deliveries.map((one) => one.number))
  expect(deliveries.filter((one) => Buffer.from(one.payload).toString() !== textOf(one.number))).toEqual([])
  const named = (number: number) => damaged.some((range) => range.first <= number && number <= range.last)
  const all = Array.from({ length: upTo }, (_, i) => i + 1)
  expect(all.filter((number) => present.has(number) === named(number))).toEqual([])
  if (expected) expect(damaged).toEqual(expected)
  expect(journal.figures().damaged).toBe(damaged.reduce((sum, range) => sum + range.last - range.first + 1, 0))
  await journal.accept(delivery('after the damage'))
  const last = (await everything(journal)).deliveries.at(-1)
  expect(Buffer.from(last?.payload ?? []).toString()).toBe('after the damage')
  expect(last?.number).toBeGreaterThan(500)
  return damaged
}

test('a bit flipped in a table costs its block, which is named', async () => {
  const folder = await closedJournal()
  const [table] = await storageFiles(folder, '.ldb')
  await flipBit(table ?? '', await placeOf(table ?? '', 123))
  await checkAfterDamage(folder, 500, [{ first: 121, last: 130 }])
})

test('the first and the last block are named too', async () => {
  const folder = await closedJournal()
  const [table] = await storageFiles(folder, '.ldb')
  await flipBit(table ?? '', await placeOf(table ?? '', 3))
  await flipBit(table ?? '', await placeOf(table ?? '', 498))
  await checkAfterDamage(folder, 500, [
    { first: 1, last: 10 },
    { first: 491, last: 500 },
  ])
})

test('damage is counted once however often it is met, also over a restart', async () => {
  const folder = await closedJournal()
  const [table] = await storageFiles(folder, '.ldb')
  await flipBit(table ?? '', await placeOf(table ?? '', 123))
  for (let round = 0; round < 3; round++) {
    const journal = await opened(folder)
    await everything(journal)
    await everything(journal, 7, 60)
    expect(journal.figures().damaged).toBe(10)
    await journal.close()
  }
})

test('wherever a bit flips in a table, all numbers are read or named', async () => {
  const folder = await closedJournal()
  const [table = ''] = await storageFiles(folder, '.ldb')
  const { size } = await stat(table)
  // Steps of a prime, and every byte of the end, where the index and the footer are.
  const places = [...Array.from({ length: 40 }, (_, i) => (i * 7_919) % size), ...Array.from({ length: 40 }, (_, i) => size - 1 - i * 37)]
  for (const place of places) {
    const copy = await freshFolder()
    await copyFolder(folder, copy)
    await flipBit(path.join(copy, 'blocks', path.basename(table)), place)
    const damaged = await checkAfterDamage(copy, 500, null)
    expect(damaged.length).toBeLessThanOrEqual(1)
  }
})

test('a bit flipped in the log of a killed process costs what it held, which is named', async () => {
  const folder = await killedJournal()
  const [log = ''] = await storageFiles(folder, '.log')
  await flipBit(log, await placeOf(log, 123))
  const damaged = await checkAfterDamage(folder, 500, null)
  expect(damaged).toHaveLength(1)
  expect(damaged[0]?.first).toBeLessThanOrEqual(123)
  expect(damaged[0]?.last).toBeGreaterThanOrEqual(123)
})

test('a log cut off anywhere gives up its end, and no number comes twice', async () => {
  for (const share of [0.999, 0.9, 0.5, 0.1, 0]) {
    const folder = await killedJournal()
    const [log = ''] = await storageFiles(folder, '.log')
    await truncate(log, Math.floor((await stat(log)).size * share))
    // after a power cut nothing says that there was more: nobody was acknowledged for what was not synced
    await rm(path.join(folder, 'tip'))
    const journal = await opened(folder)
    const { deliveries, damaged } = await everything(journal)
    expect(deliveries.map((one) => one.number)).toEqual(Array.from({ length: deliveries.length }, (_, i) => i + 1))
    expect(deliveries.length).toBeLessThan(500)
    expect(damaged).toEqual([])
    await journal.accept(delivery('next'))
    expect((await everything(journal)).deliveries.at(-1)?.number).toBeGreaterThan(500)
  }
})

test('what was acknowledged last and cannot be read any more is named, also when nothing stands behind it', async () => {
  const folder = await killedJournal()
  const [log = ''] = await storageFiles(folder, '.log')
  await flipBit(log, await placeOf(log, 493))
  const [last] = await checkAfterDamage(folder, 500, null)
  expect(last?.last).toBe(500)
  const cut = await killedJournal()
  const [end = ''] = await storageFiles(cut, '.log')
  await truncate(end, await placeOf(end, 301))
  await checkAfterDamage(cut, 500, [{ first: 301, last: 500 }])
})

test('a damaged note of the newest number says nothing', async () => {
  for (const at of [0, 7, 8, 15]) {
    const folder = await killedJournal()
    await flipBit(path.join(folder, 'tip'), at)
    const { damaged } = await everything(await opened(folder))
    expect(damaged).toEqual([])
  }
})

test('a table that is gone is named, and the rest is read', async () => {
  const folder = await freshFolder()
  for (let round = 0; round < 3; round++) {
    const journal = await opened(folder)
    await write(journal, round * 500 + 1, round * 500 + 500)
    await journal.close()
  }
  await (await opened(folder)).close()
  const tables = await storageFiles(folder, '.ldb')
  await rm(tables[1] ?? '')
  const journal = await opened(folder)
  const { deliveries, damaged } = await everything(journal)
  expect(deliveries).toHaveLength(1_000)
  expect(damaged).toEqual([{ first: 501, last: 1_000 }])
  await journal.accept(delivery('next'))
  expect((await everything(journal, 100, 1_000)).deliveries.at(-1)?.number).toBeGreaterThan(1_500)
})

test('a journal whose list of tables is damaged is put together again', async () => {
  const folder = await closedJournal()
  for (const name of await storageFiles(folder, '')) if (path.basename(name).startsWith('MANIFEST')) await truncate(name, 20)
  const journal = await opened(folder)
  const { deliveries } = await everything(journal)
  expect(texts(deliveries)).toEqual(Array.from({ length: 500 }, (_, i) => textOf(i + 1)))
})

/** A copy of a journal's files taken while it is open: what a killed process leaves behind. */
async function killedJournal(): Promise<string> {
  const live = await freshFolder()
  const journal = await opened(live)
  await write(journal, 1, 500)
  const folder = await freshFolder()
  await copyFolder(live, folder)
  await journal.close()
  return folder
}

const copyFolder = (from: string, to: string): Promise<void> => cp(from, to, { recursive: true })
