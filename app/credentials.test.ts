import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { createFleet } from '../domain/fleet.ts'
import type { DeviceCredentials } from '../domain/identity.ts'
import { deviceId, type DeviceId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import { createMemoryStore } from '../store/memory.ts'
import { riverNetwork } from '../testing/river-network.ts'
import { createCredentials, identifyOver } from './credentials.ts'

const minute = 60_000
const [one, two] = [deviceId('logger-1'), deviceId('logger-2')]

interface Desk {
  credentials: DeviceCredentials
  clock: { now: number }
  ended: DeviceId[]
  /** The same secrets as after a restart. */
  again: () => Promise<DeviceCredentials>
  fits: (device: string, secret: string) => Promise<boolean>
}

async function desk(): Promise<Desk> {
  const { documents } = createMemoryStore()
  const fleet = createFleet([readNetwork(riverNetwork(2), { file: 'river.yaml', run: null })])
  const clock = { now: Date.UTC(2026, 10, 28) }
  const open = () => createCredentials({ documents, fleet: () => fleet, randomBytes, now: () => clock.now })
  const credentials = await open()
  const ended: DeviceId[] = []
  credentials.onEnded((device) => ended.push(device))
  const fits = async (device: string, secret: string) => (await credentials.identify(device, Buffer.from(secret))) !== null
  return { credentials, clock, ended, again: open, fits }
}

async function issued(credentials: DeviceCredentials, device: DeviceId, overlapMs = 0): Promise<string> {
  const [made] = await credentials.issue([device], { overlapMs })
  return made?.secret ?? ''
}

test('a secret is its device and nobody else; alone it is a token', async () => {
  const { credentials, fits } = await desk()
  const secret = await issued(credentials, one)
  expect(secret).toMatch(/^[\w-]{22}$/)
  expect(await fits('logger-1', secret)).toBe(true)
  expect(await fits('', secret)).toBe(true)
  expect(await fits('logger-2', secret)).toBe(false)
  for (const name of ['nobody', '__proto__', 'constructor', '']) expect(await fits(name, 'wrong')).toBe(false)
  expect(await fits('logger-1', '')).toBe(false)
})

test('without an overlap a new secret ends the one before and whoever stands on it', async () => {
  const { credentials, fits, ended } = await desk()
  const first = await issued(credentials, one)
  expect(ended).toEqual([])
  const second = await issued(credentials, one)
  expect([await fits('logger-1', first), await fits('', first), await fits('logger-1', second)]).toEqual([false, false, true])
  expect(ended).toEqual([one])
})

test('with an overlap both are good until the moment, then the old one ends', async () => {
  const { credentials, clock, fits, ended } = await desk()
  const first = await issued(credentials, one)
  const second = await issued(credentials, one, 60 * minute)
  expect(await fits('logger-1', first)).toBe(true)
  expect(await fits('', first)).toBe(true)
  expect(credentials.standing(one)).toEqual({ madeAt: clock.now, firstUsedAt: null, earlierUntil: clock.now + 60 * minute })
  clock.now += 60 * minute
  expect(await fits('logger-1', first)).toBe(false)
  await credentials.sweep()
  expect(ended).toEqual([one])
  expect(await fits('', first)).toBe(false)
  expect(await fits('logger-1', second)).toBe(true)
})

test('five minutes after the new secret was first used the old one is over, also after a restart', async () => {
  const { credentials, clock, fits, again, ended } = await desk()
  const first = await issued(credentials, one)
  const second = await issued(credentials, one, 24 * 60 * minute)
  expect(await fits('logger-1', second)).toBe(true)
  clock.now += 4 * minute
  expect(await fits('logger-1', first)).toBe(true)
  await credentials.sweep()
  clock.now += minute
  expect(await fits('logger-1', first)).toBe(false)
  const reopened = await again()
  expect(await reopened.identify('logger-1', Buffer.from(first))).toBeNull()
  expect(await reopened.identify('logger-1', Buffer.from(second))).not.toBeNull()
  await credentials.sweep()
  // its connection was taken over when it came with the new one
  expect(ended).toEqual([])
})

test('two changes in a row leave two secrets, not three', async () => {
  const { credentials, fits } = await desk()
  const secrets = [await issued(credentials, one), await issued(credentials, one, 60 * minute), await issued(credentials, one, 60 * minute)]
  expect(await Promise.all(secrets.map((secret) => fits('logger-1', secret)))).toEqual([false, true, true])
  expect(await Promise.all(secrets.map((secret) => fits('', secret)))).toEqual([false, true, true])
})

test('a revoked device is out, for good', async () => {
  const { credentials, fits, again, ended } = await desk()
  const secret = await issued(credentials, one)
  await credentials.issue([one], { overlapMs: minute })
  expect(await credentials.revoke(one)).toBe(true)
  expect(await credentials.revoke(one)).toBe(false)
  expect(await fits('logger-1', secret)).toBe(false)
  expect(ended).toContain(one)
  expect(credentials.standing(one)).toBeNull()
  await credentials.sweep()
  expect(await (await again()).identify('logger-1', Buffer.from(secret))).toBeNull()
})

test('a chosen secret needs its name', async () => {
  const { credentials, fits } = await desk()
  await credentials.keep([{ device: two, secret: '123456' }])
  expect(await fits('logger-2', '123456')).toBe(true)
  expect(await fits('', '123456')).toBe(false)
})

test('a station of SL 651 gets two bytes, which are no token', async () => {
  const { credentials, fits } = await desk()
  const [made] = await credentials.issue([two], { protocols: new Map([[two, 'sl651']]) })
  const secret = made?.secret ?? ''
  expect(secret).toMatch(/^[0-9A-F]{4}$/)
  expect([await fits('logger-2', secret), await fits('', secret)]).toEqual([true, false])
})

test('a logger of HJ 212 gets six letters and digits, and a change of them overlaps', async () => {
  const { credentials, fits } = await desk()
  const [made] = await credentials.issue([two], { protocols: new Map([[two, 'hj212']]) })
  const first = made?.secret ?? ''
  expect(first).toMatch(/^[0-9A-Za-z]{6}$/)
  await credentials.keep([{ device: two, secret: 'Ab12Cd' }], 60 * minute)
  expect([await fits('logger-2', first), await fits('logger-2', 'Ab12Cd')]).toEqual([true, true])
  expect([await fits('', first), await fits('', 'Ab12Cd')]).toEqual([false, false])
})

test('nothing of what is kept is a secret', async () => {
  const { documents } = createMemoryStore()
  const credentials = await createCredentials({ documents, fleet: () => createFleet([]), randomBytes, now: () => 0 })
  const [made] = await credentials.issue([one])
  expect(JSON.stringify(await documents.list('credential'))).not.toContain(made?.secret)
})

test('a login of a field protocol opens nothing but its gateway', async () => {
  const { credentials } = await desk()
  const protocols = new Map([[two, 'hj212']])
  const fleet = () => ({ devices: { get: (device: DeviceId) => ({ protocol: protocols.get(device) ?? 'mqtt' }) } }) as never
  const overMqtt = identifyOver('mqtt', credentials, fleet)
  await credentials.keep([{ device: two, secret: '123456' }])
  expect(await overMqtt('logger-2', Buffer.from('123456'))).toBeNull()
  expect(await identifyOver('hj212', credentials, fleet)('logger-2', Buffer.from('123456'))).not.toBeNull()
  expect(await overMqtt('logger-1', Buffer.from(await issued(credentials, one)))).not.toBeNull()
})
