import { expect, test } from '@jest/globals'
import { keepHeapSmall, ownHeap } from './heap.ts'

const megabytes = 1_000_000
const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

test('the heap is collected when it has grown by a quarter and 16 MB since the last time, one collection at a time', async () => {
  let due: (() => void) | null = null
  const heap = { bytes: 80 * megabytes, collections: 0, done: (): void => undefined }
  const stop = keepHeapSmall(
    { timers: { setTimeout: (run) => (due = run), clearTimeout: () => (due = null) } },
    {
      used: () => heap.bytes,
      collect: () => {
        heap.collections += 1
        return new Promise<void>((done) => (heap.done = done))
      },
    },
  )
  const look = async (bytes: number): Promise<number> => {
    heap.bytes = bytes
    const run = due
    due = null
    run?.()
    await turn()
    return heap.collections
  }
  expect(await look(115 * megabytes)).toBe(0)
  expect(await look(117 * megabytes)).toBe(1)
  // nobody looks before the collection is done
  expect(due).toBeNull()
  heap.bytes = 90 * megabytes
  heap.done()
  await turn()
  expect(await look(128 * megabytes)).toBe(1)
  expect(await look(129 * megabytes)).toBe(2)
  await stop()
  heap.done()
  await turn()
  expect(due).toBeNull()
})

test('what nobody holds any more is gone when the process has collected, without a word', async () => {
  const warnings: Error[] = []
  const hear = (warning: Error): void => void warnings.push(warning)
  process.on('warning', hear)
  const before = ownHeap.used()
  const gone = new WeakRef(Array.from({ length: 100_000 }, (_, i) => [i]))
  await turn()
  expect(gone.deref()).toBeDefined()
  await turn()
  await ownHeap.collect()
  await turn()
  expect(gone.deref()).toBeUndefined()
  expect(before).toBeGreaterThan(megabytes)
  expect(warnings).toEqual([])
  process.off('warning', hear)
})
