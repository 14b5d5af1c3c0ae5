import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { differences, type Difference } from './compare.ts'

interface Item {
  key: number
  value: number
}

async function* streamOf(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}

async function found(a: readonly Item[], b: readonly Item[]): Promise<Difference<Item>[]> {
  const all: Difference<Item>[] = []
  const how = { order: (x: Item, y: Item) => x.key - y.key, isAlike: (x: Item, y: Item) => x.value === y.value }
  for await (const one of differences(streamOf(a), streamOf(b), how)) all.push(one)
  return all
}

const side = fc
  .dictionary(fc.integer({ min: 0, max: 30 }).map(String), fc.integer({ min: 0, max: 2 }))
  .map((items) => Object.entries(items).map(([key, value]) => ({ key: Number(key), value })))

test('two streams differ exactly where one lacks a key or both have it with another value', async () => {
  await fc.assert(
    fc.asyncProperty(side, side, async (a, b) => {
      const expected = Array.from({ length: 31 }, (_, key) => ({
        a: a.find((item) => item.key === key) ?? null,
        b: b.find((item) => item.key === key) ?? null,
      })).filter((one) => one.a?.value !== one.b?.value)
      expect(await found(a, b)).toEqual(expected)
    }),
  )
})
