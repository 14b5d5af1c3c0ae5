import { createHmac, randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { createPasswordLines, type PasswordLines } from '../api/passwords.ts'
import { createFleet } from '../domain/fleet.ts'
import { deviceId, type DeviceId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { DocumentStore } from '../store/ports/documents.ts'
import { riverNetwork } from '../testing/river-network.ts'
import { createCredentials, type KeptCredentials } from './credentials.ts'
import { identifyOver } from './identify-over.ts'
import type { CredentialBody } from './held-secrets.ts'

const minute = 60_000
const [one, two] = [deviceId('logger-1'), deviceId('logger-2')]

interface Desk {
  credentials: KeptCredentials
  documents: DocumentStore
  clock: { now: number }
  ended: DeviceId[]
  /** The same secrets as after a restart. */
  again: () => Promise<KeptCredentials>
  /** What is kept of a device. */
  keptOf: (device: string) => Promise<CredentialBody | undefined>
  /** Times that scrypt was asked. */
  slow: { asked: number }
  fits: (device: string, secret: string) => Promise<boolean>
}

async function desk(): Promise<Desk> {
  const { documents } = createMemoryStore()
  const fleet = createFleet([readNetwork(riverNetwork(2), { file: 'river.yaml', run: null })])
  const clock = { now: Date.UTC(2026, 10, 28) }
  const slow = { asked: 0 }
  const passwordLine = counting(createPasswordLines(randomBytes), slow)
  const open = () => createCredentials({ documents, fleet: () => fleet, passwordLine, randomBytes, now: () => clock.now })
  const credentials = await open()
  const ended: DeviceId[] = []
  credentials.onEnded((device) => ended.push(device))
  const fits = async (device: string, secret: string) => (await credentials.identify(device, Buffer.from(secret))) !== null
  const keptOf = async (device: string) => (await documents.get<CredentialBody>('credential', device))?.body
  return { credentials, documents, clock, ended, again: open, keptOf, slow, fits }
}

const counting =
  (lines: PasswordLines, slow: { asked: number }): PasswordLines =>
  (waitingAtMost) => {
    const { keep, fits } = lines(waitingAtMost)
    return { keep, fits: (password, kept) => (slow.asked++, fits(password, kept)) }
  }

/** Writes wait, as they do behind a busy store, until they are let through, in the order asked. */
function heldUp(documents: DocumentStore) {
  const waiting: (() => void)[] = []
  const write = documents.putAll.bind(documents)
  documents.putAll = async (collection, list) => {
    await new Promise<void>((go) => waiting.push(go))
    await write(collection, list)
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    asked: async () => {
      while (waiting.length === 0) await turn()
    },
    through: async (works: Promise<unknown>[]) => {
      let done = false
      const all = Promise.all(works).finally(() => (done = true))
      for (; !done; await turn()) waiting.shift()?.()
      await all
    },
  }
}

async function issued(credentials: KeptCredentials, device: DeviceId, overlapMs = 0): Promise<string> {
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

test('a second rotation before the first was used keeps the secret that the device uses', async () => {
  const { credentials, fits, ended } = await desk()
  const first = await issued(credentials, one)
  expect(await fits('logger-1', first)).toBe(true)
  const lost = await issued(credentials, one, 60 * minute)
  const third = await issued(credentials, one, 60 * minute)
  expect([await fits('logger-1', first), await fits('logger-1', lost), ended]).toEqual([true, false, []])
  expect(await fits('logger-1', third)).toBe(true)
  const fourth = await issued(credentials, one, 60 * minute)
  expect([await fits('logger-1', third), await fits('logger-1', fourth), await fits('logger-1', first)]).toEqual([true, true, false])
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
  const reopened = await again()
  expect(await reopened.identify('logger-1', Buffer.from(secret))).toBeNull()
  expect(reopened.isRevoked(one)).toBe(true)
  await issued(reopened, one)
  expect([reopened.isRevoked(one), (await again()).isRevoked(one)]).toEqual([false, false])
})

test('what a sweep keeps is never older than a secret that is being made', async () => {
  const { credentials, documents, fits, again } = await desk()
  const first = await issued(credentials, one)
  const busy = heldUp(documents)
  const making = issued(credentials, one)
  await busy.asked()
  expect(await fits('logger-1', first)).toBe(true)
  await busy.through([making, credentials.sweep()])
  const reopened = await again()
  const identified = await Promise.all([first, await making].map((secret) => reopened.identify('logger-1', Buffer.from(secret))))
  expect(identified).toEqual([null, { role: 'device', device: one, run: null }])
})

test('a device that is revoked while it gets a secret has none', async () => {
  const { credentials, documents, fits, again, ended } = await desk()
  const busy = heldUp(documents)
  const making = issued(credentials, one)
  await busy.asked()
  const revoking = credentials.revoke(one)
  await busy.through([making, revoking])
  expect([await revoking, await fits('logger-1', await making), credentials.standing(one), ended]).toEqual([true, false, null, [one, one]])
  expect((await again()).standing(one)).toBeNull()
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
  const passwordLine = createPasswordLines(randomBytes)
  const credentials = await createCredentials({ documents, fleet: () => createFleet([]), passwordLine, randomBytes, now: () => 0 })
  const [made] = await credentials.issue([one])
  expect(JSON.stringify(await documents.list('credential'))).not.toContain(made?.secret)
})

test('a password that can be found by trying is kept as scrypt, with a salt of its own; 128 random bits need none', async () => {
  const { credentials, keptOf, fits } = await desk()
  await credentials.keep([one, two].map((device) => ({ device, secret: '123456' })))
  const [first, second] = [await keptOf('logger-1'), await keptOf('logger-2')]
  expect(first).toMatchObject({ chosen: true, scrypt: { cost: 14, key: expect.stringMatching(/^[0-9a-f]{64}$/) } })
  expect([first?.hmac, first?.scrypt?.key === second?.scrypt?.key]).toEqual([undefined, false])
  await credentials.issue([one], { protocols: new Map([[one, 'hj212']]), overlapMs: minute })
  expect(await keptOf('logger-1')).toMatchObject({ scrypt: {}, earlier: { scrypt: first?.scrypt, chosen: true } })
  expect(await fits('logger-1', '123456')).toBe(true)
  await issued(credentials, two)
  expect(await keptOf('logger-2')).toEqual({ hmac: expect.stringMatching(/^[0-9a-f]{64}$/), madeAt: expect.any(Number), firstUsedAt: null })
})

test('after a restart a password costs scrypt until it was right once, and no more until it is another one', async () => {
  const { credentials, slow, again } = await desk()
  await credentials.keep([{ device: two, secret: '123456' }])
  const reopened = await again()
  const fits = async (secret: string) => (await reopened.identify('logger-2', Buffer.from(secret))) !== null
  expect(await Promise.all(['654321', '123456', '123456', '123456'].map(fits))).toEqual([false, true, true, true])
  expect(slow.asked).toBe(2)
  expect([await fits('123456'), await fits('654321'), await fits('x'.repeat(513))]).toEqual([true, false, false])
  expect(slow.asked).toBe(2)
  await reopened.keep([{ device: two, secret: '654321' }])
  expect([await fits('123456'), await fits('654321')]).toEqual([false, true])
})

test('a password that ends while it is looked at lets nobody in', async () => {
  const { credentials, again, clock } = await desk()
  await credentials.keep([{ device: one, secret: '123456' }])
  await credentials.keep([{ device: two, secret: '123456' }])
  await credentials.keep([{ device: two, secret: '654321' }], minute)
  const reopened = await again()
  const looking = [one, two].map((device) => reopened.identify(device, Buffer.from('123456')))
  await reopened.revoke(one)
  clock.now += minute
  expect(await Promise.all(looking)).toEqual([null, null])
})

test('passwords that an earlier release kept as HMAC log in and are kept as scrypt, those of stations that are away too', async () => {
  const { credentials, documents, keptOf, again } = await desk()
  await credentials.issue([one])
  await documents.put('setting', 'credential-key', { hex: '07'.repeat(32) }, 0)
  const hmac = (secret: string): string => createHmac('sha256', Buffer.alloc(32, 7)).update(secret).digest('hex')
  const earlier = { hmac: hmac('111111'), until: Date.UTC(2026, 10, 29), chosen: true as const }
  await documents.put('credential', 'logger-2', { hmac: hmac('123456'), madeAt: 1, firstUsedAt: 2, chosen: true, earlier }, 0)
  const reopened = await again()
  const fits = async (secret: string) => (await reopened.identify('logger-2', Buffer.from(secret))) !== null
  expect([await fits('123456'), await fits('111111'), await fits('222222')]).toEqual([true, true, false])
  await reopened.harden()
  await reopened.sweep()
  expect(await keptOf('logger-2')).toEqual({
    ...{ scrypt: expect.any(Object), madeAt: 1, firstUsedAt: 2, chosen: true },
    earlier: { scrypt: expect.any(Object), until: earlier.until, chosen: true },
  })
  expect(await keptOf('logger-1')).toHaveProperty('hmac')
  const third = await again()
  const fitsThen = async (secret: string) => (await third.identify('logger-2', Buffer.from(secret))) !== null
  expect([await fitsThen('222222'), await fitsThen('123456'), await fitsThen('111111'), await fits('123456')]).toEqual([
    ...[false, true, true, true],
  ])
})

test('another door computes nothing for the password of a field protocol, and a simulated station needs no scrypt', async () => {
  const { credentials, slow, keptOf } = await desk()
  await credentials.keep([{ device: two, secret: '123456' }])
  const over = (run: string | null) => (() => ({ devices: { get: () => ({ protocol: 'hj212', run }) } })) as never
  expect(await identifyOver('mqtt', credentials, over(null))('logger-2', Buffer.from('123456'))).toBeNull()
  expect(slow.asked).toBe(0)
  const { documents } = createMemoryStore()
  const passwordLine = createPasswordLines(randomBytes)
  const simulated = await createCredentials({ documents, fleet: over('storm'), passwordLine, randomBytes, now: () => 0 })
  const [made] = await simulated.issue([one])
  expect(made?.secret).toHaveLength(6)
  expect((await documents.get<CredentialBody>('credential', one))?.body).toHaveProperty('hmac')
  expect(await keptOf('logger-2')).not.toHaveProperty('hmac')
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
