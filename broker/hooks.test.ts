import { expect, test } from '@jest/globals'
import type { PublishPacket } from 'aedes'
import type { Delivery } from '../domain/delivery.ts'
import { createAcknowledger } from './acknowledge.ts'
import { createHooks } from './hooks.ts'
import { profiles } from './profiles.ts'
import { createPublishRates } from './publish-rate.ts'
import { createRefusalCounter } from './refusals.ts'
import { createSubscribers } from './subscribers.ts'

/** Publishes what Aedes publishes for a client that went with an earlier process: there is no client, only its id. */
function willOf(clientId: string, topic: string) {
  const kept: Delivery[] = []
  const refused: string[] = []
  const hooks = createHooks({
    sessions: new WeakMap(),
    subscribers: createSubscribers(),
    refusals: createRefusalCounter(({ reason }) => refused.push(reason)),
    identify: async () => null,
    keep: (delivery, done) => {
      kept.push(delivery)
      done(null)
    },
    now: () => 7,
    profile: profiles.strict,
    pace: { wrong: () => 0 },
    rateOf: createPublishRates(() => 7, { publishesPerSecond: 1, publishBurst: 1, maxConnections: 1 }),
    limits: { maxClientIdBytes: 64, maxSubscriptions: 16, keepAliveAtLeastS: 10, keepAliveAtMostS: 600 },
    onReplaced: () => undefined,
    onLogin: () => undefined,
    onHeld: () => undefined,
    onReply: () => undefined,
  })
  let outcome: Error | null | undefined
  const will = { cmd: 'publish', topic, payload: Buffer.from('offline'), qos: 1, retain: true, dup: false, clientId }
  hooks.authorizePublish(null, will as unknown as PublishPacket, (error) => (outcome = error))
  return { kept: kept.map((one) => `${one.device} ${one.topic} ${Buffer.from(one.payload).toString()}`), refused, went: outcome === null }
}

test('the will of a client of an earlier process is kept under its login, and goes nowhere else', () => {
  expect(willOf('rtu-1', 'devices/rtu-1/status')).toEqual({ kept: ['rtu-1 devices/rtu-1/status offline'], refused: [], went: true })
  const elsewhere = { kept: [], refused: ['publish-unknown-client'], went: false }
  expect(willOf('rtu-1', 'devices/rtu-2/status')).toEqual(elsewhere)
  expect(willOf('rtu-1', 'devices/rtu-1/readings')).toEqual(elsewhere)
  expect(willOf('', 'devices//status')).toEqual(elsewhere)
})

test('one continuation serves all deliveries of a group, whatever a callback does', async () => {
  const counts = { kept: 0, refused: 0, thrown: 0 }
  let group = Promise.resolve()
  const keep = createAcknowledger(() => group, {
    kept: (count) => (counts.kept += count),
    refused: (count) => (counts.refused += count),
    thrown: () => counts.thrown++,
  })
  const called: string[] = []
  const send = (name: string) => keep({} as Delivery, (error) => called.push(`${name} ${error?.message ?? 'kept'}`))
  send('a')
  keep({} as Delivery, () => {
    throw new Error('a connection that is gone')
  })
  send('b')
  await group
  await Promise.resolve()
  send('c')
  await group
  await Promise.resolve()
  group = Promise.reject(new Error('full'))
  send('d')
  send('e')
  await group.catch(() => undefined)
  await Promise.resolve()
  expect(called).toEqual(['a kept', 'b kept', 'c kept', 'd full', 'e full'])
  expect(counts).toEqual({ kept: 4, refused: 2, thrown: 1 })
})
