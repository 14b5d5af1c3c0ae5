import { expect, test } from '@jest/globals'
import { Recent } from './recent.ts'
import { delivery } from './testing/journals.ts'

const [blockBytes, together] = [1_000, 10]

/** Adds blocks of ten deliveries, one each so many ms, behind `number`; the number of the last delivery. */
function fill(recent: Recent, number: number, blocks: number, everyMs: number): number {
  for (let i = 0; i < blocks; i++) {
    const first = number + i * together + 1
    const deliveries = Array.from({ length: together }, () => delivery('1'))
    recent.add({ first, previous: first - 1, deliveries, newestReceivedAt: (first / together) * everyMs, bytes: blockBytes })
  }
  return number + blocks * together
}

/** How many of the newest deliveries up to `last` can be read. */
function held(recent: Recent, last: number): number {
  for (let after = 0; after < last; after += together) if (recent.read(after, 1, 1) !== null) return last - after
  return 0
}

test('a reader behind by less than there is room for finds everything in memory', () => {
  const recent = new Recent(64 * blockBytes)
  const last = fill(recent, 0, 64, 100)
  expect(recent.read(0, 1_000, Infinity)?.deliveries).toHaveLength(640)
  recent.release(last)
  expect(held(recent, fill(recent, last, 64, 100))).toBe(640)
})

test('a reader that is overtaken costs little memory until it comes back', () => {
  const recent = new Recent(64 * blockBytes)
  const last = fill(recent, 0, 200, 10)
  expect(recent.read(0, 1, 1)).toBeNull()
  expect(held(recent, last)).toBe(80)
  expect(held(recent, fill(recent, last, 30, 10))).toBe(380)
})

test('so does one that stands still for a minute, as while the store is away', () => {
  const recent = new Recent(64 * blockBytes)
  const last = fill(recent, 0, 20, 4_000)
  expect(recent.read(0, 1, 1)).toBeNull()
  expect(held(recent, last)).toBe(80)
})
