import { expect, test } from '@jest/globals'
import { afterwards, openBroker, until } from '../broker/testing/brokers.ts'
import { unknownDevice } from '../domain/codec.ts'
import { deviceId } from '../domain/ids.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { nativeJson } from '../ingest/codecs/native-json.ts'
import { createDeviceClient, type DeviceClient } from './device-client.ts'

const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }
const start = Date.parse('2026-11-15T00:00:00Z')
const group = (minute: number): ReadingGroup => ({
  at: start + minute * 60_000,
  seq: null,
  position: null,
  readings: [{ name: 'water_level', number: null, station: null, value: minute / 100, unit: null, sourceQuality: null }],
})
const groups = (count: number, from = 0) => Array.from({ length: count }, (_, i) => group(from + i))

function device(port: number, name = 'rtu-1', secret = `secret-of-${name}`, onTrouble?: (message: string) => void): DeviceClient {
  const parts = { url: `mqtt://127.0.0.1:${port}`, device: deviceId(name), secret, timers }
  const client = createDeviceClient(onTrouble ? { ...parts, onTrouble } : parts)
  afterwards(() => client.stop())
  return client
}

test('readings go out in the native format and are counted when acknowledged', async () => {
  const { port, deliveries } = await openBroker()
  const client = device(port)
  await client.connected
  client.send([group(0)])
  client.send(groups(61, 1))
  await client.settled()
  expect(client.figures()).toEqual({ acknowledged: 62, waiting: 0, dropped: 0 })
  const sent = deliveries
    .filter((each) => each.topic === 'devices/rtu-1/readings')
    .map((each) => nativeJson.decode(each.payload, unknownDevice, 0))
  expect(sent.flatMap((each) => each.rejections)).toEqual([])
  expect(sent.flatMap((each) => each.groups)).toEqual(groups(62).map((each, i) => ({ ...each, seq: i + 1 })))
  expect(sent.map((each) => each.groups.length)).toEqual([1, 60, 1])
})

test('what is asked for again comes from its memory, and every command is answered', async () => {
  const { port, deliveries, broker } = await openBroker()
  const parts = { url: `mqtt://127.0.0.1:${port}`, device: deviceId('rtu-1'), secret: 'secret-of-rtu-1', timers }
  const client = createDeviceClient({ ...parts, loses: ({ at }) => at !== null && at >= start + 60_000 && at < start + 180_000 })
  afterwards(() => client.stop())
  await client.connected
  client.send(groups(5))
  await client.settled()
  const readings = () => deliveries.filter(({ topic }) => topic.endsWith('/readings'))
  const sent = () => readings().flatMap(({ payload }) => nativeJson.decode(payload, unknownDevice, 0).groups)
  expect(sent().map(({ seq }) => seq)).toEqual([1, 4, 5])
  await until(() => broker.listens('devices/rtu-1/commands'))
  const answered = async (command: object, reply: string) => {
    const topic = 'devices/rtu-1/commands/c1/reply'
    const count = deliveries.length
    broker.publish('devices/rtu-1/commands', JSON.stringify({ id: 'c1', ...command }), { qos: 1 })
    await until(() => deliveries.slice(count).some((each) => each.topic === topic))
    const answer = deliveries.slice(count).find((each) => each.topic === topic)
    expect(Buffer.from(answer?.payload ?? []).toString()).toContain(reply)
  }
  await answered({ kind: 'resend', from: start + 60_000, to: start + 180_000, everyMs: null }, '2 readings')
  await client.settled()
  expect(sent().map(({ seq }) => seq)).toEqual([1, 4, 5, 2, 3])
  await answered({ kind: 'set-interval', everyMs: 60_000 }, 'refused')
  await answered({ kind: 'sample-now' }, 'refused')
  await answered({ kind: 'sync-clock', now: 0 }, 'done')
})

test('online and offline are said on the retained topic of the device', async () => {
  const { port, heard } = await openBroker()
  const client = device(port)
  await client.connected
  await until(() => heard().includes('devices/rtu-1/status online'))
  await client.stop()
  expect(heard()).toContain('devices/rtu-1/status offline')
})

test('at most 20 messages are on their way', async () => {
  const held: (() => void)[] = []
  const { port, deliveries } = await openBroker({
    accept: (delivery) => (delivery.topic.endsWith('/readings') ? new Promise<void>((resolve) => held.push(resolve)) : Promise.resolve()),
  })
  const client = device(port)
  await client.connected
  for (let i = 0; i < 30; i += 1) client.send([group(i)])
  await until(() => held.length > 0)
  expect(client.figures()).toEqual({ acknowledged: 0, waiting: 30, dropped: 0 })
  let most = 0
  const release = setInterval(() => {
    most = Math.max(most, held.length)
    for (const resolve of held.splice(0)) resolve()
  }, 1)
  await client.settled()
  clearInterval(release)
  expect(most).toBeLessThanOrEqual(20)
  expect(client.figures().acknowledged).toBe(30)
  expect(deliveries.length).toBeGreaterThanOrEqual(21)
})

test('what was not acknowledged comes again when the broker is back', async () => {
  const first = await openBroker({
    accept: (delivery) => (delivery.topic.endsWith('/readings') ? new Promise<void>(() => undefined) : Promise.resolve()),
  })
  const troubles: string[] = []
  const client = device(first.port, 'rtu-1', undefined, (message) => troubles.push(message))
  await client.connected
  client.send(groups(3))
  await until(() => first.deliveries.some((each) => each.topic.endsWith('/readings')))
  await first.broker.close()
  client.send(groups(2, 3))
  const second = await openBroker()
  const port = await second.broker.listenTcp(first.port, '127.0.0.1')
  expect(port).toBe(first.port)
  await client.settled()
  expect(client.figures()).toEqual({ acknowledged: 5, waiting: 0, dropped: 0 })
  const times = second.deliveries.flatMap((each) =>
    each.topic.endsWith('/readings') ? nativeJson.decode(each.payload, unknownDevice, 0).groups : [],
  )
  expect(new Set(times.map((each) => each.at)).size).toBe(5)
})

test('a refused login is told, and what it holds is given up', async () => {
  const { port } = await openBroker()
  const client = device(port, 'rtu-1', 'wrong')
  client.send(groups(70))
  await expect(client.connected).rejects.toThrow('device rtu-1: the broker refused the login')
  await client.settled()
  client.send([group(80)])
  await client.settled()
  expect(client.figures()).toEqual({ acknowledged: 0, waiting: 0, dropped: 71 })
})

test('a logger without a broker keeps a week and drops the oldest', async () => {
  const { port, broker } = await openBroker()
  await broker.close()
  const troubles: string[] = []
  const client = device(port, 'rtu-1', undefined, (message) => troubles.push(message))
  await until(() => troubles.length > 0)
  client.send(groups(12_000))
  const { waiting, dropped } = client.figures()
  expect(dropped).toBe(1_920)
  expect(waiting).toBe(10_080)
  expect(troubles).toHaveLength(1)
  await client.stop()
})
