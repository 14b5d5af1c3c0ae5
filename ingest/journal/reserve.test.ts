import { stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import Value from 'typebox/value'
import { JournalConfig, openingBytes } from './config.ts'
import { createReserve } from './reserve.ts'
import { configured, freshFolder } from './testing/journals.ts'

const bytes = 2_500_000

test('the reserve is made where there is room for it beside what is kept free, goes on a full disk, and is made again', async () => {
  const folder = await freshFolder()
  let free = 10_000_000
  const reserve = createReserve(folder, bytes, async () => free)
  const held = async (): Promise<number | null> =>
    stat(path.join(folder, 'reserve')).then(
      ({ blocks }) => blocks * 512,
      () => null,
    )
  await reserve.make(8_000_000)
  expect(await held()).toBeNull()
  await Promise.all([reserve.make(5_000_000), reserve.make(5_000_000)])
  expect(await held()).toBeGreaterThanOrEqual(bytes)
  expect(await reserve.release()).toBe(false)
  free = bytes - 1
  expect([await reserve.release(), await held(), await reserve.release()]).toEqual([true, null, false])
  free = 10_000_000
  await reserve.make(0)
  expect(await held()).toBeGreaterThanOrEqual(bytes)
})

test('the disk must keep at least what the journal needs to open again', () => {
  expect(Value.Check(JournalConfig, configured({ minFreeBytes: openingBytes }))).toBe(true)
  expect(Value.Check(JournalConfig, configured({ minFreeBytes: openingBytes - 1 }))).toBe(false)
})

test('a folder that is not there has nothing to give and takes nothing', async () => {
  const reserve = createReserve(path.join(await freshFolder(), 'none'), bytes)
  expect(await reserve.release()).toBe(false)
  await reserve.make(0)
})
