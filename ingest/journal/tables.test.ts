import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { numberOf } from './block.ts'
import { checkTable } from './tables.ts'
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
    const { sound, entries } = checkTable(await aTable(50, bytes))
    expect(sound).toBe(true)
    expect(entries.map((entry) => numberOf(entry.key))).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  }
})

test('whatever bit is flipped, the blocks that come out are those that went in', async () => {
  const table = await aTable(60, 100)
  const whole = checkTable(table).entries
  const known = new Map(whole.map((entry) => [numberOf(entry.key), entry.value.length]))
  let unsound = 0
  const wrong: unknown[] = []
  for (let place = 0; place < table.length; place += 3) {
    const flipped = Buffer.from(table)
    flipped[place] = (flipped[place] ?? 0) ^ (1 << (place % 8))
    const { sound, entries } = checkTable(flipped)
    if (!sound) unsound++
    else if (entries.length < whole.length) wrong.push({ place, entries: entries.length })
    for (const entry of entries) if (known.get(numberOf(entry.key)) !== entry.value.length) wrong.push({ place, key: entry.key })
  }
  expect(wrong).toEqual([])
  expect(unsound).toBeGreaterThan(300)
})

test('a table cut off anywhere is not sound', async () => {
  const table = await aTable(20, 100)
  for (let length = 0; length < table.length; length += 7) expect(checkTable(table.subarray(0, length)).sound).toBe(false)
})
