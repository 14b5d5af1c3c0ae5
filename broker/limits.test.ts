import { expect, test } from '@jest/globals'
import mqttPacket from 'mqtt-packet'
import { ListenFailed } from './errors.ts'
import { closed, inbox, login, openBroker, rawConnection, until } from './testing/brokers.ts'

/** A CONNECT as rtu-1. */
const connect = (name = 'rtu-1') =>
  mqttPacket.generate({
    cmd: 'connect',
    clientId: 'x',
    username: name,
    password: Buffer.from(`secret-of-${name}`),
    keepalive: 60,
    clean: true,
    protocolId: 'MQTT',
    protocolVersion: 4,
  })

test('a packet that announces more than allowed ends the connection before it comes', async () => {
  const { port, reasons } = await openBroker()
  const stranger = await rawConnection(port)
  stranger.socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
  await stranger.closed
  expect(reasons()).toEqual(['packet-too-large'])

  const known = await rawConnection(port)
  known.socket.write(connect())
  await until(() => known.received().length === 4)
  known.socket.write(Buffer.from([0x32, 0x81, 0xd0, 0x0f]))
  await known.closed
  expect(reasons()).toEqual(['packet-too-large', 'packet-too-large'])
})

test('after the login packets may be as large as configured', async () => {
  const { port, deliveries } = await openBroker()
  const client = await login(port, 'rtu-1')
  await client.publishAsync('devices/rtu-1/readings', 'x'.repeat(250_000), { qos: 1 })
  expect(deliveries[0]?.payload.length).toBe(250_000)
  const ended = closed(client)
  client.publish('devices/rtu-1/readings', 'x'.repeat(257_000), { qos: 1 })
  await ended
  expect(deliveries).toHaveLength(1)
})

test('a connection that does not log in in time is closed', async () => {
  const { port, reasons } = await openBroker({}, { connectWithin: '20ms' })
  const { socket, closed: ended } = await rawConnection(port)
  socket.write(Buffer.from([0x10]))
  await ended
  expect(reasons()).toEqual(['connect-late'])
})

test('one address has so many connections that have not logged in; more wait for their turn, and not for ever', async () => {
  const { port, broker, reasons } = await openBroker({}, { maxStrangers: 3, connectWithin: '300ms' })
  const strangers = await Promise.all([1, 2, 3, 4].map(() => rawConnection(port)))
  await until(() => broker.figures().connections === 4)
  const waiting = login(port, 'rtu-1')
  strangers[0]?.socket.destroy()
  strangers[1]?.socket.destroy()
  // The third and fourth are served, and so is the one behind them.
  expect((await waiting).connected).toBe(true)
  await Promise.all(strangers.map((one) => one.closed))
  expect(new Set(reasons())).toEqual(new Set(['connect-late']))
  await until(() => broker.figures().connections === 1)
  expect(broker.figures().clients).toBe(1)
})

test('who waits for a turn that does not come is closed', async () => {
  const { port, broker, reasons } = await openBroker({}, { maxStrangers: 1, connectWithin: '100ms' })
  const [first, second] = [await rawConnection(port), await rawConnection(port)]
  await until(() => broker.figures().connections === 2)
  await Promise.all([first.closed, second.closed])
  await until(() => broker.figures().connections === 0)
  expect(reasons()).toContain('connect-late')
})

test('a whole fleet comes back at once behind one address', async () => {
  const { port, broker, reasons } = await openBroker()
  await Promise.all(Array.from({ length: 300 }, (_, n) => login(port, `rtu-${n}`)))
  expect(broker.figures()).toMatchObject({ connections: 300, clients: 300 })
  expect(reasons()).toEqual([])
})

test('there are so many connections in all', async () => {
  const { port, reasons } = await openBroker({}, { maxConnections: 1 })
  await login(port, 'rtu-1')
  const second = await rawConnection(port)
  await second.closed
  expect(reasons()).toEqual(['too-many-connections'])
})

test('a topic of too many levels ends the connection', async () => {
  const { port, reasons } = await openBroker()
  const client = await login(port, 'rtu-1')
  const ended = closed(client)
  client.publish(Array(17).fill('x').join('/'), 'x', { qos: 1 })
  await ended
  expect(reasons()).toEqual(['topic-levels'])
})

test.each([0, 1] as const)('a subscriber of QoS %d that takes nothing is cut off, and the others are served', async (qos) => {
  const { port, broker, reasons } = await openBroker({}, { drainWithin: '100ms' })
  const frozen = await rawConnection(port)
  frozen.socket.write(connect('dashboard'))
  await until(() => frozen.received().length === 4)
  frozen.socket.write(mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'observations/#', qos }] }))
  await until(() => frozen.received().length === 9)
  frozen.socket.pause()
  const healthy = await login(port, 'rtu-1')
  const messages = inbox(healthy)
  await healthy.subscribeAsync('devices/rtu-1/receipts')
  const large = 'x'.repeat(100_000)
  for (let n = 0; n < 200; n++) broker.publish('observations/a/b/1', large, { qos })
  for (let n = 0; n < 50; n++) broker.publish('devices/rtu-1/receipts', `${n}`)
  await until(() => messages.length === 50)
  await until(() => reasons().includes('not-draining'))
  await until(() => broker.figures().connections === 1)
})

test('2,000 messages reach a subscriber while another one takes none of them', async () => {
  const { port, broker, reasons } = await openBroker()
  const frozen = await rawConnection(port)
  frozen.socket.write(connect('dashboard'))
  await until(() => frozen.received().length === 4)
  frozen.socket.write(mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'observations/#', qos: 0 }] }))
  await until(() => frozen.received().length === 9)
  frozen.socket.pause()
  const healthy = await login(port, 'watcher-service')
  const messages = inbox(healthy)
  await healthy.subscribeAsync('observations/#')
  const payload = 'x'.repeat(4_000)
  for (let n = 0; n < 2_000; n++) broker.publish('observations/a/b/1', payload)
  await until(() => messages.length === 2_000)
  // They did not wait for the frozen one to be cut off.
  expect(reasons()).toEqual([])
  expect(broker.figures().connections).toBe(2)
})

test('an acknowledgement is the same whether written alone or with others', async () => {
  const { port } = await openBroker()
  const { socket, received } = await rawConnection(port)
  socket.write(connect())
  await until(() => received().length === 4)
  const publish = (messageId: number) =>
    mqttPacket.generate({ cmd: 'publish', topic: 'devices/rtu-1/readings', payload: '{}', qos: 1, messageId, dup: false, retain: false })
  socket.write(Buffer.concat([publish(1), publish(513), publish(65_535)]))
  await until(() => received().length === 16)
  expect(received().subarray(4).toString('hex')).toBe('400200014002020140' + '02ffff')
})

test('a port that is taken is named', async () => {
  const { port, broker } = await openBroker()
  await expect(broker.listenTcp(port, '127.0.0.1')).rejects.toThrow(ListenFailed)
  await expect(broker.listenTcp(port, '127.0.0.1')).rejects.toMatchObject({ code: 'broker-port-taken' })
})
