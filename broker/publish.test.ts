import { expect, test } from '@jest/globals'
import { closed, inbox, login, openBroker, refusedWith, until } from './testing/brokers.ts'

/** An accept that resolves and rejects when the test says so. */
function controlled() {
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  return {
    accept: () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject })),
    waiting,
  }
}

test('a message is acknowledged only after it is kept', async () => {
  const { accept, waiting } = controlled()
  const { port, broker } = await openBroker({ accept })
  const client = await login(port, 'rtu-1')
  let acknowledged = false
  const sent = client.publishAsync('devices/rtu-1/readings', '{}', { qos: 1 }).then(() => (acknowledged = true))
  await until(() => waiting.length === 1)
  // A whole exchange with the broker lies between: an acknowledgement on its way would have come.
  await client.subscribeAsync('devices/rtu-1/receipts')
  expect(acknowledged).toBe(false)
  expect(broker.figures().deliveries).toBe(0)
  waiting[0]?.resolve()
  await sent
  expect(broker.figures().deliveries).toBe(1)
})

test('messages that the journal refuses are not acknowledged, and the connection ends', async () => {
  const { accept, waiting } = controlled()
  const { port, broker } = await openBroker({ accept })
  const client = await login(port, 'rtu-1')
  const outcomes = [1, 2, 3].map((n) =>
    client.publishAsync('devices/rtu-1/readings', `${n}`, { qos: 1 }).then(
      () => 'acknowledged',
      () => 'not acknowledged',
    ),
  )
  await until(() => waiting.length === 3)
  const ended = closed(client)
  waiting[1]?.reject(new Error('full'))
  await ended
  waiting[2]?.reject(new Error('full'))
  waiting[0]?.resolve()
  await client.endAsync(true)
  expect(await Promise.all(outcomes)).toEqual(['not acknowledged', 'not acknowledged', 'not acknowledged'])
  await until(() => broker.figures().refused.get('journal-refused') === 2)
  expect(broker.figures().deliveries).toBe(1)
})

test('deliveries that share a promise are all acknowledged by it', async () => {
  let release = (): void => undefined
  const together = new Promise<void>((resolve) => (release = resolve))
  const { port, deliveries } = await openBroker({ accept: () => together })
  const clients = await Promise.all(['rtu-1', 'rtu-2', 'rtu-3'].map((name) => login(port, name)))
  const sent = clients.flatMap((client, i) =>
    Array.from({ length: 20 }, (_, n) => client.publishAsync(`devices/rtu-${i + 1}/readings`, `${n}`, { qos: 1 })),
  )
  await until(() => deliveries.length === 60)
  release()
  await Promise.all(sent)
})

test('QoS 0, 1 and 2 are all kept, each once', async () => {
  const { port, heard } = await openBroker()
  const client = await login(port, 'rtu-1')
  for (const qos of [0, 1, 2] as const) await client.publishAsync('devices/rtu-1/readings', `qos ${qos}`, { qos })
  await until(() => heard().length === 3)
  expect(heard()).toEqual(['devices/rtu-1/readings qos 0', 'devices/rtu-1/readings qos 1', 'devices/rtu-1/readings qos 2'])
})

test('what is handed over names the login, the topic, the bytes and the time', async () => {
  const { port, deliveries } = await openBroker({ now: () => 1_795_313_700_000 })
  const client = await login(port, 'rtu-1')
  await client.publishAsync('v1/devices/me/telemetry', Buffer.from([0, 255]), { qos: 1 })
  expect(deliveries).toEqual([
    { device: 'rtu-1', source: 'mqtt', topic: 'v1/devices/me/telemetry', payload: Buffer.from([0, 255]), receivedAt: 1_795_313_700_000 },
  ])
})

test('a device publishes to its own topics only; anything else ends its connection', async () => {
  const { port, refused, heard } = await openBroker()
  const allowed = ['readings', 'senml', 'status', 'commands/17/reply'].map((end) => `devices/rtu-1/${end}`)
  const client = await login(port, 'rtu-1')
  for (const topic of [...allowed, 'v1/devices/me/telemetry']) await client.publishAsync(topic, '', { qos: 1 })
  expect(heard()).toHaveLength(5)

  const ends = async (topic: string, reason: string, name = 'rtu-1') => {
    const offender = await login(port, name)
    const ended = closed(offender)
    offender.publish(topic, 'x', { qos: 1 })
    await ended
    expect(refused.at(-1)).toMatchObject({ reason, device: name, detail: topic, address: '127.0.0.1' })
  }
  await ends('devices/rtu-2/readings', 'publish-foreign-topic')
  await ends('devices/rtu-1/receipts', 'publish-foreign-topic')
  await ends('devices/rtu-1/commands', 'publish-foreign-topic')
  await ends('devices/rtu-1/commands/1/2/reply', 'publish-foreign-topic')
  await ends('devices/rtu-1/commands//reply', 'publish-foreign-topic')
  await ends('devices/rtu-1', 'publish-foreign-topic')
  await ends('devices/rtu-1/readings/', 'publish-foreign-topic')
  await ends('Devices/rtu-1/readings', 'publish-foreign-topic')
  await ends('observations/qingxi/water_level/1', 'publish-foreign-topic')
  await ends('$SYS/broker/version', 'publish-reserved-topic')
  await ends('$share/a/b', 'publish-reserved-topic')
  await ends('observations/qingxi/water_level/1', 'publish-not-allowed', 'dashboard')
  expect(heard()).toHaveLength(5)
})

test('readings are kept but never retained; the status is both', async () => {
  const { port, broker, heard } = await openBroker()
  const client = await login(port, 'rtu-1')
  await client.publishAsync('devices/rtu-1/readings', '{}', { qos: 1, retain: true })
  await client.publishAsync('devices/rtu-1/status', 'online', { qos: 1, retain: true })
  expect(heard()).toHaveLength(2)
  broker.publish('observations/qingxi/water_level/1', '{"value":3}', { retain: true })
  const dashboard = await login(port, 'dashboard')
  const messages = inbox(dashboard)
  await dashboard.subscribeAsync('observations/#')
  await until(() => messages.length === 1)
  expect(messages).toEqual(['observations/qingxi/water_level/1 {"value":3}!'])
})

test('a will is kept and retained when the connection breaks, and not when the device says goodbye', async () => {
  const { port, heard } = await openBroker()
  const will = { topic: 'devices/rtu-1/status', payload: Buffer.from('offline'), qos: 1, retain: true } as const
  const polite = await login(port, 'rtu-1', { will })
  await polite.endAsync()
  const broken = await login(port, 'rtu-1', { will })
  await broken.publishAsync('devices/rtu-1/readings', 'before', { qos: 1 })
  broken.stream.destroy()
  await until(() => heard().length === 2)
  expect(heard()).toEqual(['devices/rtu-1/readings before', 'devices/rtu-1/status offline'])
})

test('a refused message leaves its sender able to log in again', async () => {
  const { port } = await openBroker()
  const client = await login(port, 'rtu-1')
  const ended = closed(client)
  client.publish('devices/rtu-2/readings', 'x', { qos: 1 })
  await ended
  expect(await refusedWith(login(port, 'rtu-1'))).toBe('logged in')
})
