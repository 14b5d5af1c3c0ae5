import { expect, test } from '@jest/globals'
import { keepHeapSmall, ownHeap } from './heap.ts'

const megabytes = 1_000_000
const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

/** A keeper whose clock and heap stand still until they are told. */
function keeper() {
  const heap = { bytes: 80 * megabytes, collections: 0, done: (): void => undefined }
  const kept = { isCatchingUp: false, waitMs: 0, releases: 0, due: null as (() => void) | null }
  const stop = keepHeapSmall(
    {
      timers: {
        setTimeout: (run, ms) => {
          kept.waitMs = ms
          return (kept.due = run)
        },
        clearTimeout: () => (kept.due = null),
      },
      isCatchingUp: () => kept.isCatchingUp,
      release: () => {
        kept.releases += 1
        return Promise.reject(new Error('away'))
      },
    },
    {
      used: () => {
        if (Number.isNaN(heap.bytes)) throw new Error('EMFILE: too many open files, uv_resident_set_memory')
        return heap.bytes
      },
      collect: () => {
        heap.collections += 1
        return new Promise<void>((done) => (heap.done = done))
      },
    },
  )
  const look = async (bytes: number): Promise<number> => {
    heap.bytes = bytes
    const run = kept.due
    kept.due = null
    run?.()
    await turn()
    return heap.collections
  }
  const collected = async (bytes: number): Promise<void> => {
    heap.bytes = bytes
    heap.done()
    await turn()
  }
  return { kept, look, collected, stop }
}

test('the heap is collected when it has grown by a quarter and 16 MB since the last time, one collection at a time', async () => {
  const { kept, look, collected, stop } = keeper()
  expect(await look(115 * megabytes)).toBe(0)
  expect(await look(117 * megabytes)).toBe(1)
  // nobody looks before the collection is done
  expect(kept.due).toBeNull()
  await collected(90 * megabytes)
  expect(await look(128 * megabytes)).toBe(1)
  expect(await look(129 * megabytes)).toBe(2)
  await stop()
  await collected(90 * megabytes)
  expect(kept.due).toBeNull()
})

test('while a backlog is carried it is looked at more often, and collected when it has grown by a twentieth and 4 MB', async () => {
  const { kept, look, collected, stop } = keeper()
  expect(kept.waitMs).toBe(2_000)
  kept.isCatchingUp = true
  expect(await look(87 * megabytes)).toBe(0)
  expect(kept.waitMs).toBe(100)
  expect(await look(89 * megabytes)).toBe(1)
  kept.isCatchingUp = false
  await collected(80 * megabytes)
  expect(kept.waitMs).toBe(2_000)
  await stop()
})

test('what a collection freed goes back to the system; a store that refuses keeps nobody from the next one', async () => {
  const { kept, look, collected, stop } = keeper()
  await look(117 * megabytes)
  expect(kept.releases).toBe(0)
  await collected(80 * megabytes)
  expect(kept.releases).toBe(1)
  await look(117 * megabytes)
  await collected(80 * megabytes)
  expect(kept.releases).toBe(2)
  await stop()
})

test('what was freed goes back once a minute though nothing is collected, and every 5 s while the store is away', async () => {
  const { kept, look, stop } = keeper()
  kept.isCatchingUp = true
  for (let i = 0; i < 49; i += 1) await look(80 * megabytes)
  expect(kept.releases).toBe(0)
  expect(await look(80 * megabytes)).toBe(0)
  expect(kept.releases).toBe(1)
  for (let i = 0; i < 50; i += 1) await look(80 * megabytes)
  expect(kept.releases).toBe(2)
  kept.isCatchingUp = false
  for (let i = 0; i < 29; i += 1) await look(80 * megabytes)
  expect(kept.releases).toBe(2)
  await look(80 * megabytes)
  expect(kept.releases).toBe(3)
  await stop()
})

test('a heap that cannot be measured now is measured at the next look', async () => {
  const { kept, look, stop } = keeper()
  expect(await look(NaN)).toBe(0)
  expect(kept.due).not.toBeNull()
  expect(await look(117 * megabytes)).toBe(1)
  await stop()
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
