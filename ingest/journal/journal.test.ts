import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { deviceId } from '../../domain/ids.ts'
import { JournalClosed, JournalFormat, JournalFull, JournalLocked } from './errors.ts'
import type { DiskJournal } from './journal.ts'
import { openJournal } from './open.ts'
import { configured, delivery, everything, freshFolder, opened, texts } from './testing/journals.ts'

const day = 24 * 3_600_000

/** Writes `count` deliveries in groups of `together`. */
async function fill(journal: DiskJournal, count: number, together = 100, bytes = 10, receivedAt?: number): Promise<void> {
  for (let done = 0; done < count; done += together) {
    const group = Array.from({ length: Math.min(together, count - done) }, (_, i) => `${done + i}`.padEnd(bytes, ' '))
    await Promise.all(group.map((text) => journal.accept(delivery(text, receivedAt))))
  }
}

/** Waits until it is so. */
async function until(so: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await so())) await new Promise((resolve) => setTimeout(resolve, 2))
}

test('deliveries come out in the order they were accepted, numbered from 1 without gaps', async () => {
  const journal = await opened(await freshFolder())
  const sent = Array.from({ length: 500 }, (_, i) => `reading ${i}`)
  await Promise.all(sent.map((text) => journal.accept(delivery(text))))
  const { deliveries, damaged } = await everything(journal, 37)
  expect(texts(deliveries)).toEqual(sent)
  expect(deliveries.map((one) => one.number)).toEqual(sent.map((_, i) => i + 1))
  expect(damaged).toEqual([])
})

test('who asks for the number of a delivery gets that under which it is read', async () => {
  const journal = await opened(await freshFolder())
  const numbers: number[] = []
  for (let round = 0; round < 3; round++) {
    const waiting = Array.from({ length: 20 }, (_, i) => journal.acceptNumbered(delivery(`${round * 20 + i}`)))
    numbers.push(...(await Promise.all(waiting)))
  }
  const { deliveries } = await everything(journal, 100)
  expect(deliveries.map((one) => [one.number, Number(Buffer.from(one.payload).toString())])).toEqual(
    numbers.map((number, i) => [number, i]),
  )
  await journal.close()
  await expect(journal.acceptNumbered(delivery('late'))).rejects.toThrow(JournalClosed)
})

test('deliveries that wait together share one commit', async () => {
  const journal = await opened(await freshFolder())
  await Promise.all(Array.from({ length: 400 }, (_, i) => journal.accept(delivery(`${i}`))))
  expect(journal.figures()).toMatchObject({ newest: 400, commits: 1 })
})

test('a delivery is readable as soon as it is acknowledged, and listeners have heard of it', async () => {
  const journal = await opened(await freshFolder())
  let heard = 0
  journal.onAppended(() => heard++)
  for (let number = 1; number <= 5; number++) {
    await journal.accept(delivery(`${number}`))
    expect((await journal.read(number - 1, 10))?.cursor).toBe(number)
    expect(heard).toBe(number)
  }
  expect(await journal.read(5, 10)).toBeNull()
})

test('memory and disk give the same batches', async () => {
  const folder = await freshFolder()
  const journal = await opened(folder)
  await fill(journal, 1_000, 130)
  const fromMemory = await everything(journal, 77)
  await journal.close()
  const fromDisk = await everything(await opened(folder), 77)
  expect(fromDisk).toEqual(fromMemory)
  expect(fromDisk.deliveries).toHaveLength(1_000)
})

test('a reader that falls out of memory goes on from disk and back', async () => {
  const journal = await opened(await freshFolder(), { memoryBytes: 40_000 })
  await fill(journal, 1_000, 50)
  const { deliveries } = await everything(journal, 30)
  expect(deliveries.map((one) => one.number)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1))
})

test('all that stands in a delivery comes back', async () => {
  const folder = await freshFolder()
  const sent = [
    {
      device: deviceId('浊漳河-1'),
      source: 'http',
      topic: 'devices/浊漳河-1/readings',
      payload: Buffer.from([0, 255, 10]),
      receivedAt: -5.5,
    },
    { device: deviceId('clock'), source: 'tick', topic: '', payload: Buffer.alloc(0), receivedAt: 1_795_313_700_123 },
    { device: deviceId('m'), source: 'hj212', topic: '2011', payload: Buffer.alloc(100_000, 7), receivedAt: 0 },
  ] as const
  const journal = await opened(folder)
  for (const one of sent) await journal.accept(one)
  await journal.close()
  const { deliveries } = await everything(await opened(folder))
  expect(deliveries).toEqual(sent.map((one, i) => ({ ...one, number: i + 1 })))
})

test('numbers go on after a restart', async () => {
  const folder = await freshFolder()
  for (let round = 0; round < 3; round++) {
    const journal = await opened(folder)
    await fill(journal, 10)
    await journal.close()
  }
  const { deliveries, damaged } = await everything(await opened(folder))
  expect(deliveries.map((one) => one.number)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  expect(damaged).toEqual([])
})

test('numbers stay above what others have seen, even when the files are gone', async () => {
  const journal = await opened(await freshFolder(), {}, { after: 5_000 })
  await journal.accept(delivery('next'))
  const { deliveries, damaged } = await everything(journal, 10, 5_000)
  expect(deliveries.map((one) => one.number)).toEqual([5_001])
  expect(damaged).toEqual([])
})

test('a full journal holds deliveries, refuses them after a while, and goes on when there is room', async () => {
  const journal = await opened(await freshFolder(), { maxBytes: 1_000_000, hold: '20ms' })
  await fill(journal, 90, 10, 10_000)
  const refused = Array.from({ length: 20 }, (_, i) => journal.accept(delivery(`${i}`.padEnd(10_000))))
  const outcomes = await Promise.allSettled(refused)
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(JournalFull) })
  expect(journal.figures().refused).toBe(20)
  // what is left is too little for them, if not nothing
  expect(journal.trouble()).toMatch(/holds 9\d{5} of 1000000 bytes/)

  journal.release(80)
  await journal.accept(delivery('there is room again'))
  expect(texts((await everything(journal)).deliveries).at(-1)).toBe('there is room again')
  expect(journal.trouble()).toBeNull()
})

test('what is held is written as soon as the pipeline releases something', async () => {
  const journal = await opened(await freshFolder(), { maxBytes: 1_000_000, hold: '1h' })
  await fill(journal, 99, 9, 10_000)
  const held = journal.accept(delivery('held'.padEnd(20_000)))
  let written = false
  void held.then(() => (written = true))
  await journal.check()
  expect(written).toBe(false)
  journal.release(90)
  await held
  expect(journal.figures().refused).toBe(0)
})

test('a disk that runs short refuses, and recovers by itself when it has room', async () => {
  let free = 1_000_000_000
  const folder = await freshFolder()
  const journal = await opened(folder, { minFreeBytes: 500_000_000, hold: '10ms', checkEvery: '5ms' }, { freeBytes: async () => free })
  await journal.accept(delivery('room'))
  free = 400_000_000
  await until(() => journal.trouble() !== null)
  await expect(journal.accept(delivery('short'))).rejects.toThrow(/400000000 bytes free/)
  free = 600_000_000
  await until(() => journal.trouble() === null)
  await journal.accept(delivery('room again'))
  expect(texts((await everything(journal)).deliveries)).toEqual(['room', 'room again'])
})

test('more deliveries than may wait are refused at once', async () => {
  const journal = await opened(await freshFolder(), { maxWaiting: 50 })
  const outcomes = await Promise.allSettled(Array.from({ length: 80 }, (_, i) => journal.accept(delivery(`${i}`))))
  expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(50)
  expect(outcomes.slice(50).every((one) => one.status === 'rejected' && one.reason instanceof JournalFull)).toBe(true)
  expect(journal.figures()).toMatchObject({ newest: 50, refused: 30 })
  expect(journal.waiting()).toBe(0)
})

test('what is carried goes by age; what is not carried stays whatever its age', async () => {
  let now = 1_795_313_700_000
  const folder = await freshFolder()
  const journal = await opened(folder, { maxBytes: 2_000_000, keep: '7d', checkEvery: '5ms' }, { now: () => now })
  await fill(journal, 100, 10, 10_000, now)
  now += 8 * day
  await fill(journal, 10, 10, 10_000, now)
  await journal.check()
  expect(journal.figures().oldest).toBe(1)

  journal.release(50)
  await until(() => journal.figures().oldest > 1)
  await journal.check()
  const { oldest, bytes } = journal.figures()
  expect(oldest).toBeLessThanOrEqual(51)
  expect(bytes).toBeLessThan(1_000_000)
  const { deliveries, damaged } = await everything(journal)
  expect(deliveries[0]?.number).toBe(oldest)
  expect(deliveries.at(-1)?.number).toBe(110)
  expect(damaged).toEqual([])

  await journal.close()
  const again = await everything(await opened(folder, {}, { now: () => now }))
  expect(again.deliveries.map((one) => one.number)).toEqual(deliveries.map((one) => one.number))
  expect(again.damaged).toEqual([])
})

test('bytes are counted alike before and after a restart', async () => {
  const folder = await freshFolder()
  const journal = await opened(folder)
  await fill(journal, 3_000, 100, 300)
  const { bytes } = journal.figures()
  await journal.close()
  const after = (await opened(folder)).figures()
  expect(after.bytes / bytes).toBeGreaterThan(0.95)
  expect(after.bytes / bytes).toBeLessThan(1.05)
  expect(after).toMatchObject({ oldest: 1, newest: 3_000 })
})

test('closing writes what waits and refuses what comes later', async () => {
  const folder = await freshFolder()
  const journal = await opened(folder)
  const last = journal.accept(delivery('last'))
  await journal.close()
  await last
  await expect(journal.accept(delivery('too late'))).rejects.toThrow(JournalClosed)
  expect(texts((await everything(await opened(folder))).deliveries)).toEqual(['last'])
})

test('a second owner is told so', async () => {
  const folder = await freshFolder()
  await opened(folder)
  await expect(openJournal({ path: folder, config: configured(), now: () => 0 })).rejects.toThrow(JournalLocked)
})

test('a journal of a newer release is left alone', async () => {
  const folder = await freshFolder()
  await (await opened(folder)).close()
  const place = path.join(folder, 'journal.json')
  const marks: unknown = JSON.parse(await readFile(place, 'utf8'))
  await writeFile(place, JSON.stringify({ ...(marks as object), format: 2 }))
  await expect(openJournal({ path: folder, config: configured(), now: () => 0 })).rejects.toThrow(JournalFormat)
})

test('journal.json may be lost: the numbers still grow', async () => {
  const folder = await freshFolder()
  const journal = await opened(folder)
  await fill(journal, 10)
  await journal.close()
  await writeFile(path.join(folder, 'journal.json'), '{"format":')
  const again = await opened(folder)
  await again.accept(delivery('after'))
  const { deliveries, damaged } = await everything(again)
  expect(deliveries.at(-1)?.number).toBeGreaterThan(10)
  expect(deliveries).toHaveLength(11)
  expect(damaged).toEqual([])
})
