import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { createKeys } from '../api/keys.ts'
import type { Permission } from '../api/permissions.ts'
import { deviceId } from '../domain/ids.ts'
import { createMemoryStore } from '../store/memory.ts'
import { identifyAmong, identifyPrograms } from './programs.ts'

test('a program logs in with a key that may read, under its name, its id, or the key alone', async () => {
  const keys = createKeys({ documents: createMemoryStore().documents, randomBytes, now: () => 1_000 })
  const make = (name: string, scopes: Permission[], expiresAt: number | null = null) => keys.make({ name, scopes, expiresAt, by: 'admin' })
  const device = { role: 'device', device: deviceId('rtu-1'), run: null } as const
  const identify = identifyAmong(identifyPrograms(keys), async (name) => (name === 'rtu-1' ? device : null))
  const enters = async (name: string, secret: string) => (await identify(name, Buffer.from(secret)))?.device ?? null

  const { key, token } = await make('node-red', ['read'])
  const login = `key node-red (${key.id})`
  for (const name of ['node-red', key.id, '']) expect([name, await enters(name, token)]).toEqual([name, login])
  expect(await identify('node-red', Buffer.from(token))).toEqual({ role: 'service', device: login, run: null })
  expect(await enters('another', token)).toBeNull()
  expect(await enters('node-red', `${token}x`)).toBeNull()
  expect(await enters('rtu-1', 'gk_any')).toBe('rtu-1')
  expect(await enters('writer', (await make('writer', ['data', 'devices'])).token)).toBeNull()
  expect(await enters('old', (await make('old', ['read'], 1_000)).token)).toBeNull()
})
