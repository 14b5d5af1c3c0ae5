import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { createMemoryStore } from '../store/memory.ts'
import type { DocumentStore } from '../store/ports/documents.ts'
import { createKeys } from './keys.ts'

function keysOver(documents: DocumentStore = createMemoryStore().documents) {
  const clock = { now: 1_000 }
  const parts = { documents, randomBytes, now: () => clock.now }
  const keys = createKeys(parts)
  const ended: string[] = []
  keys.onEnded(({ name }) => ended.push(name))
  const make = (name: string, expiresAt: number | null = null) => keys.make({ name, scopes: ['read'], expiresAt, by: 'admin' })
  return { keys, make, ended, clock, again: () => createKeys(parts) }
}

test('who holds a connection of a key is told when it is revoked, and once when it has run out', async () => {
  const { keys, make, ended, clock } = keysOver()
  const { key } = await make('revoked')
  await make('short', 5_000)
  await make('long', 9_000)
  expect(await keys.revoke(key.id)).toBe(true)
  expect(ended).toEqual(['revoked'])
  for (const now of [4_999, 5_000, 6_000]) {
    clock.now = now
    await keys.sweep()
  }
  expect(ended).toEqual(['revoked', 'short'])
})

test('a use that is on its way does not bring back a key that is revoked meanwhile', async () => {
  const { documents } = createMemoryStore()
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(write: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(write)
    turn = done
    return done
  }
  const { keys, make, clock, again } = keysOver({
    ...documents,
    put: (...document) => inTurn(() => documents.put(...document)),
    remove: (...place) => inTurn(() => documents.remove(...place)),
  })
  const { key, token } = await make('display')
  clock.now = 100_000
  const [used, revoked] = await Promise.all([keys.holder(token), keys.revoke(key.id)])
  expect([used, revoked]).toEqual([null, true])
  expect([await keys.holder(token), await again().list()]).toEqual([null, []])
})

test('a key that the store does not take away stays good, and a guess asks the store for nothing', async () => {
  let asked = 0
  const { documents } = createMemoryStore()
  const { keys, make } = keysOver({
    ...documents,
    remove: () => Promise.reject(new Error('away')),
    get: (collection, key) => (asked++, documents.get(collection, key)),
    list: (collection, page) => (asked++, documents.list(collection, page)),
  })
  const { key, token } = await make('display')
  await expect(keys.revoke(key.id)).rejects.toThrow('away')
  expect((await keys.holder(token))?.name).toBe('display')
  const before = asked
  expect(await keys.holder('gk_guess')).toBeNull()
  expect(asked).toBe(before)
})
