import { expect, test } from '@jest/globals'
import mqtt from 'mqtt'
import { deviceId } from '../domain/ids.ts'
import { createSubscribers } from './subscribers.ts'
import { afterwards, closed, freshFolder, inbox, login, openBroker, until } from './testing/brokers.ts'

/** Filters and the QoS granted, 128 for a refusal. */
async function granted(port: number, name: string, filters: readonly string[]): Promise<number[]> {
  const client = await login(port, name)
  const codes: number[] = []
  for (const filter of filters) {
    codes.push(
      await client.subscribeAsync(filter, { qos: 1 }).then(
        ([first]) => first?.qos ?? -1,
        () => 128,
      ),
    )
  }
  return codes
}

test('a device subscribes to its own receipts and commands only', async () => {
  const { port, reasons } = await openBroker()
  const own = ['receipts', 'commands', 'commands/#', 'commands/+/now'].map((end) => `devices/rtu-1/${end}`)
  expect(await granted(port, 'rtu-1', own)).toEqual([1, 1, 1, 1])
  const others = [
    '#',
    '+/+/receipts',
    'devices/#',
    'devices/+/receipts',
    'devices/rtu-2/receipts',
    'devices/rtu-1/#',
    'devices/rtu-1/readings',
    'observations/#',
    'warnings/#',
    '$SYS/#',
    '$share/g/devices/rtu-1/receipts',
  ]
  expect(await granted(port, 'rtu-1', others)).toEqual(others.map(() => 128))
  expect(new Set(reasons())).toEqual(new Set(['subscribe-foreign-topic', 'subscribe-reserved-topic']))
  expect(reasons()).toHaveLength(others.length)
})

test('a service account subscribes to what was judged only', async () => {
  const { port } = await openBroker()
  expect(await granted(port, 'dashboard', ['observations/#', 'observations/+/water_level/+', 'warnings/qingxi/+'])).toEqual([1, 1, 1])
  const others = ['#', '+/qingxi/#', 'observations', 'devices/#', 'devices/rtu-1/readings', '$SYS/#', '$share/g/observations/#']
  expect(await granted(port, 'dashboard', others)).toEqual(others.map(() => 128))
})

test('a service account publishes nothing, and no session of it lasts', async () => {
  const { port, broker, refused, deliveries } = await openBroker()
  const asked = { clean: false, clientId: 'as-it-likes' }
  const first = await login(port, 'dashboard', asked)
  await first.subscribeAsync('observations/#', { qos: 1 })
  const ended = closed(first)
  first.publish('observations/a/b/1', 'made up', { qos: 1 })
  await ended
  expect(refused).toMatchObject([{ reason: 'publish-not-allowed', device: 'dashboard', detail: 'observations/a/b/1' }])
  expect(deliveries).toEqual([])
  await until(() => !broker.listensBelow('observations'))
  const again = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username: 'secret-of-dashboard', ...asked, reconnectPeriod: 0 })
  afterwards(() => again.endAsync(true))
  expect(await new Promise((resolve) => again.once('connect', (packet) => resolve(packet.sessionPresent)))).toBe(false)
  await expect(
    login(port, 'dashboard', { will: { topic: 'warnings/a/w1', payload: Buffer.from('x'), qos: 0, retain: true } }),
  ).rejects.toThrow()
})

test('a service account is put out by its login, and only one connection has it', async () => {
  const { port, broker } = await openBroker()
  const first = await login(port, 'dashboard')
  const ended = closed(first)
  const second = await login(port, 'dashboard')
  await ended
  const cut = closed(second)
  broker.kick(deviceId('dashboard'))
  await cut
})

test('a client holds so many filters and no more', async () => {
  const { port } = await openBroker({}, { maxSubscriptions: 2 })
  const filters = ['receipts', 'commands', 'commands/1', 'commands'].map((end) => `devices/rtu-1/${end}`)
  expect(await granted(port, 'rtu-1', filters)).toEqual([1, 1, 128, 1])
})

test('a refused filter does not end the connection, nor spoil the others of its packet', async () => {
  const { port, broker } = await openBroker()
  const client = await login(port, 'rtu-1')
  const messages = inbox(client)
  await client.subscribeAsync(['devices/rtu-2/receipts', 'devices/rtu-1/receipts']).catch(() => undefined)
  expect(['rtu-1', 'rtu-2'].map((device) => broker.listens(`devices/${device}/receipts`))).toEqual([true, false])
  broker.publish('devices/rtu-2/receipts', 'not for you')
  broker.publish('devices/rtu-1/receipts', 'for you')
  await until(() => messages.length > 0)
  expect(messages).toEqual(['devices/rtu-1/receipts for you'])
})

test('messages reach those who subscribed, and cost nothing where nobody did', async () => {
  const { port, broker } = await openBroker()
  const dashboard = await login(port, 'dashboard')
  const messages = inbox(dashboard)
  broker.publish('observations/a/b/1', 'early')
  expect(broker.figures().published).toBe(0)
  await dashboard.subscribeAsync(['observations/a/#', 'warnings/+/+'])
  broker.publish('observations/z/b/1', 'of another station')
  broker.publish('observations/a/b/1', 'one')
  broker.publish('warnings/a/w1', new Uint8Array(Buffer.from('two')), { retain: true })
  await until(() => messages.length === 2)
  expect(messages.sort()).toEqual(['observations/a/b/1 one', 'warnings/a/w1 two'])
  await dashboard.unsubscribeAsync('observations/a/#')
  const { published } = broker.figures()
  broker.publish('observations/a/b/1', 'late')
  await dashboard.endAsync(true)
  expect(broker.figures().published).toBe(published)
})

test('a retained warning ends with an empty message', async () => {
  const { port, broker } = await openBroker()
  broker.publish('warnings/a/w1', 'active', { retain: true })
  broker.publish('warnings/a/w2', 'active', { retain: true })
  broker.publish('warnings/a/w1', '', { retain: true })
  const dashboard = await login(port, 'dashboard')
  const messages = inbox(dashboard)
  await dashboard.subscribeAsync('warnings/#')
  await until(() => messages.length > 0)
  expect(messages).toEqual(['warnings/a/w2 active!'])
})

test('a late subscriber has all that stands retained at once, with the QoS that it asked for', async () => {
  const { port, broker } = await openBroker()
  const topics = Array.from({ length: 2_000 }, (_, n) => `warnings/station-${n % 100}/w${n}`)
  for (const topic of topics) broker.publish(topic, 'active', { retain: true, qos: 1 })
  for (const qos of [0, 1] as const) {
    const late = await login(port, 'dashboard')
    const found: { topic: string; qos: number; retain: boolean }[] = []
    late.on('message', (topic, _payload, { qos, retain }) => found.push({ topic, qos, retain }))
    await late.subscribeAsync('warnings/#', { qos })
    await until(() => found.length === topics.length)
    expect(found).toEqual(topics.map((topic) => ({ topic, qos, retain: true })))
    await late.endAsync(true)
  }
})

test('a retained status, a session and what waits for it survive a restart', async () => {
  const persistencePath = await freshFolder()
  const before = await openBroker({ persistencePath })
  const away = await login(before.port, 'rtu-1', { clean: false, clientId: 'x' })
  await away.subscribeAsync(['devices/rtu-1/commands', 'devices/rtu-2/commands'], { qos: 1 }).catch(() => undefined)
  await away.publishAsync('devices/rtu-1/status', 'online', { qos: 1, retain: true })
  await away.endAsync()
  before.broker.publish('devices/rtu-1/commands', 'sample now', { qos: 1 })
  before.broker.publish('devices/rtu-2/commands', 'not for you', { qos: 1 })
  before.broker.publish('warnings/a/w1', 'active, until this process ends', { retain: true, qos: 1 })
  await before.broker.close()

  const after = await openBroker({ persistencePath })
  const back = mqtt.connect(`mqtt://127.0.0.1:${after.port}`, {
    username: 'rtu-1',
    password: 'secret-of-rtu-1',
    clean: false,
    clientId: 'x',
    reconnectPeriod: 0,
  })
  afterwards(() => back.endAsync(true))
  const messages = inbox(back)
  const present = new Promise<boolean>((resolve) => back.once('connect', (packet) => resolve(packet.sessionPresent)))
  expect(await present).toBe(true)
  await until(() => messages.length > 0)
  expect(messages).toEqual(['devices/rtu-1/commands sample now'])
  const dashboard = await login(after.port, 'dashboard')
  const warnings = inbox(dashboard)
  await dashboard.subscribeAsync('warnings/#')
  after.broker.publish('warnings/a/w2', 'told anew', { retain: true })
  await until(() => warnings.length > 0)
  expect(warnings).toEqual(['warnings/a/w2 told anew'])
})

test('what waits for a client that is away is bounded', async () => {
  for (const persistencePath of [null, await freshFolder()]) {
    const { port, broker, reasons } = await openBroker({ persistencePath }, { offlineQueue: 5 })
    const away = await login(port, 'rtu-1', { clean: false, clientId: 'x' })
    await away.subscribeAsync('devices/rtu-1/commands', { qos: 1 })
    await away.endAsync()
    await until(() => broker.figures().clients === 0)
    for (let n = 0; n < 8; n++) broker.publish('devices/rtu-1/commands', `${n}`, { qos: 1 })
    await until(() => reasons().length === 3)
    expect(reasons()).toEqual(['offline-queue-full', 'offline-queue-full', 'offline-queue-full'])
    const back = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username: 'secret-of-rtu-1', clean: false, clientId: 'x', reconnectPeriod: 0 })
    const messages = inbox(back)
    // QoS 1: one that is on its way while the client comes back may reach it twice
    await until(() => new Set(messages).size === 5)
    await back.endAsync()
    broker.publish('devices/rtu-1/commands', 'there is room again', { qos: 1 })
    expect(broker.figures().refused.get('offline-queue-full')).toBe(3)
  }
})

test('messages that are not kept reach a client that is there, and do not end its connection', async () => {
  for (const persistencePath of [null, await freshFolder()]) {
    const { port, broker } = await openBroker({ persistencePath }, { offlineQueue: 0 })
    const client = await login(port, 'rtu-1', { clean: false, clientId: 'x' })
    const messages = inbox(client)
    await client.subscribeAsync('devices/rtu-1/commands', { qos: 1 })
    for (let n = 0; n < 5; n++) {
      broker.publish('devices/rtu-1/commands', `${n}`, { qos: 1 })
      await until(() => messages.length > n || !client.connected)
    }
    expect(messages).toEqual([0, 1, 2, 3, 4].map((n) => `devices/rtu-1/commands ${n}`))
    expect(client.connected).toBe(true)
  }
})

test('it is known what connected clients listen to', () => {
  const subscribers = createSubscribers()
  const listens = (topics: Record<string, boolean>) => {
    for (const [topic, expected] of Object.entries(topics))
      expect({ topic, listen: subscribers.listen(topic) }).toEqual({ topic, listen: expected })
  }
  listens({ 'devices/a/receipts': false, 'observations/s/p/1': false })
  for (const filter of ['devices/a/receipts', 'devices/b/commands/#', 'warnings/s/+', 'devices/a/receipts']) subscribers.add(filter)
  listens({
    'devices/a/receipts': true,
    'devices/b/commands/7': true,
    'devices/c/receipts': false,
    'warnings/s/w': true,
    'observations/s/p/1': false,
  })
  expect([subscribers.listenBelow('warnings'), subscribers.listenBelow('observations')]).toEqual([true, false])
  subscribers.add('observations/+/p/#')
  listens({ 'observations/s/p/1': true, 'observations/s/other/1': false, 'observations/s': false })
  subscribers.add('observations/#')
  listens({ 'observations/s/other/1': true })
  for (const filter of ['devices/a/receipts', 'warnings/s/+', 'observations/+/p/#', 'observations/#']) subscribers.remove(filter)
  listens({ 'devices/a/receipts': true, 'warnings/s/w': false, 'observations/s/p/1': false, 'devices/b/commands/7': true })
  expect(subscribers.listenBelow('observations')).toBe(false)
  subscribers.add('#')
  expect(subscribers.listenBelow('observations')).toBe(true)
})
