import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { numberOf } from './block.ts'
import { checkTable, findDamagedTables, inMemory } from './tables.ts'
import { delivery, freshFolder, opened, storageFiles } from './testing/journals.ts'

/** A table as the storage engine writes it, with `count` blocks of one delivery. */
async function aTable(count: number, bytes: number): Promise<Buffer> {
  const folder = await freshFolder()
  const journal = await opened(folder)
  for (let number = 1; number <= count; number++) await journal.accept(delivery(`${number}`.padEnd(bytes)))
  await journal.close()
  await (await opened(folder)).close()
  const [file = ''] = await storageFiles(folder, '.ldb')
  return readFile(file)
}

test('a table that the engine wrote is sound, with all its blocks', async () => {
  for (const bytes of [10, 5_000]) {
    const { sound, entries } = checkTable(inMemory(await aTable(50, bytes)))
    expect(sound).toBe(true)
    expect(entries.map((entry) => numberOf(entry.key))).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  }
})

test('whatever bit is flipped, the blocks that come out are those that went in', async () => {
  const table = await aTable(60, 100)
  const whole = checkTable(inMemory(table)).entries
  const known = new Map(whole.map((entry) => [numberOf(entry.key), entry.length]))
  let unsound = 0
  const wrong: unknown[] = []
  for (let place = 0; place < table.length; place += 3) {
    const flipped = Buffer.from(table)
    flipped[place] = (flipped[place] ?? 0) ^ (1 << (place % 8))
    const { sound, entries } = checkTable(inMemory(flipped))
    if (!sound) unsound++
    else if (entries.length < whole.length) wrong.push({ place, entries: entries.length })
    for (const entry of entries) if (known.get(numberOf(entry.key)) !== entry.length) wrong.push({ place, key: entry.key })
  }
  expect(wrong).toEqual([])
  expect(unsound).toBeGreaterThan(300)
})

test('a table cut off anywhere is not sound', async () => {
  const table = await aTable(20, 100)
  for (let length = 0; length < table.length; length += 7) expect(checkTable(inMemory(table.subarray(0, length))).sound).toBe(false)
})

test('on disk, a damaged table is found with what can be read of it, and a sound one is not', async () => {
  const folder = await freshFolder()
  const table = await aTable(40, 100_000)
  const flipped = Buffer.from(table)
  const { entries } = checkTable(inMemory(table))
  const victim = entries[20]?.at ?? 0
  flipped[victim] = 0
  await writeFile(path.join(folder, '000001.ldb'), table)
  await writeFile(path.join(folder, '000002.ldb'), flipped)
  const [found, ...others] = await findDamagedTables(folder)
  expect(others).toEqual([])
  expect(path.basename(found?.file ?? '')).toBe('000002.ldb')
  const whole = entries.filter(({ at }) => at !== victim)
  expect(found?.saved.map(({ key }) => numberOf(key))).toEqual(whole.map(({ key }) => numberOf(key)))
  expect(
    found?.saved.every(({ value }, i) => value.equals(table.subarray(whole[i]?.at, (whole[i]?.at ?? 0) + (whole[i]?.length ?? 0)))),
  ).toBe(true)
})
