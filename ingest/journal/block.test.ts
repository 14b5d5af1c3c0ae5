import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Delivery, JournalledDelivery } from '../../domain/delivery.ts'
import { deviceId } from '../../domain/ids.ts'
import { blockKey, BlockWriter, intact, numberOf, readDeliveries, readHeader } from './block.ts'
import { delivery } from './testing/journals.ts'

const anyDelivery: fc.Arbitrary<Delivery> = fc.record({
  device: fc.string({ unit: 'grapheme', maxLength: 40 }).map(deviceId),
  source: fc.constantFrom('mqtt', 'http', 'hj212', 'sl651', 'szy206', 'tick'),
  topic: fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 })),
  payload: fc.uint8Array({ maxLength: 300 }),
  receivedAt: fc.double({ noNaN: true, noDefaultInfinity: true }),
})

function written(deliveries: readonly Delivery[], first: number, previous: number): Buffer {
  const writer = new BlockWriter(64)
  for (const one of deliveries) writer.append(one)
  return Buffer.from(writer.finish(first, previous))
}

function read(block: Buffer, after = 0, limit = Infinity): JournalledDelivery[] {
  const header = readHeader(block)
  if (typeof header === 'string') throw new Error(header)
  const into: JournalledDelivery[] = []
  readDeliveries(block, header, after, limit, into)
  return into
}

test('what is written into a block is read out of it, each delivery under its number', () => {
  fc.assert(
    fc.property(fc.array(anyDelivery, { minLength: 1, maxLength: 20 }), fc.maxSafeNat(), (deliveries, before) => {
      const first = Math.min(before + 1, Number.MAX_SAFE_INTEGER - 100)
      const block = written(deliveries, first, first - 1)
      expect(intact(block)).toBe(true)
      expect(read(block)).toEqual(deliveries.map((one, index) => ({ ...one, payload: Buffer.from(one.payload), number: first + index })))
    }),
  )
})

test('a writer can be used again after a reset', () => {
  const writer = new BlockWriter(64)
  writer.append(delivery('first'))
  writer.finish(1, 0)
  writer.reset()
  writer.append(delivery('second', 17))
  const block = writer.finish(2, 1)
  expect(readHeader(block)).toEqual({ first: 2, previous: 1, count: 1, newestReceivedAt: 17 })
  expect(read(block).map((one) => one.payload.toString())).toEqual(['second'])
})

test('reading starts behind a number and stops at a limit', () => {
  const block = written(
    ['a', 'b', 'c', 'd', 'e'].map((text) => delivery(text)),
    11,
    10,
  )
  const numbers = (after: number, limit: number, expected: number[]) =>
    expect(read(block, after, limit).map((one) => one.number)).toEqual(expected)
  numbers(0, 9, [11, 12, 13, 14, 15])
  numbers(12, 9, [13, 14, 15])
  numbers(12, 2, [13, 14])
  numbers(15, 9, [])
})

test('any flipped bit is seen', () => {
  const block = written([delivery('{"seq":1}'), delivery('{"seq":2}')], 5, 4)
  for (let bit = 0; bit < block.length * 8; bit++) {
    const flipped = Buffer.from(block)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const header = readHeader(flipped)
    expect(header === 'damaged' || !intact(flipped)).toBe(true)
  }
})

test('a block cut off anywhere is damaged', () => {
  const block = written([delivery('{"seq":1}')], 5, 4)
  for (let length = 0; length < block.length; length++) {
    const cut = block.subarray(0, length)
    expect(readHeader(cut) === 'damaged' || !intact(cut)).toBe(true)
  }
})

test('keys sort as their numbers do', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
      expect(numberOf(blockKey(a))).toBe(a)
      expect(Math.sign(Buffer.compare(blockKey(a), blockKey(b)))).toBe(Math.sign(a - b))
    }),
  )
})

test('a topic that no wire can carry is refused and leaves the block as it was', () => {
  const writer = new BlockWriter(64)
  writer.append(delivery('before'))
  expect(() => writer.append({ ...delivery('x'), topic: 't'.repeat(65_536) })).toThrow(RangeError)
  writer.append(delivery('after'))
  expect(read(Buffer.from(writer.finish(1, 0))).map((one) => one.payload.toString())).toEqual(['before', 'after'])
})
