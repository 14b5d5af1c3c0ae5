import { once } from 'node:events'
import net from 'node:net'
import { expect, test } from '@jest/globals'
import mqtt, { type IPublishPacket, type Packet } from 'mqtt-packet'
import { createKeepAlive } from './keep-alive.ts'
import { afterwards, closed, login, openBroker, until } from './testing/brokers.ts'

const readings = 'devices/rtu-1/readings'

/** Deliveries that wait until the test lets them go. */
function gate() {
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  let isOpen = false
  return {
    waiting,
    accept: () => (isOpen ? Promise.resolve() : new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))),
    open() {
      isOpen = true
      for (const one of waiting) one.resolve()
    },
  }
}

/** A logged-in client that sends what it is given in one piece, and what comes back. */
async function rawClient(port: number) {
  const socket = net.connect(port, '127.0.0.1')
  afterwards(() => Promise.resolve(socket.destroy()))
  const answers: Packet[] = []
  const parser = mqtt.parser()
  parser.on('packet', (packet) => answers.push(packet))
  socket.on('data', (bytes) => parser.parse(bytes))
  socket.on('error', () => undefined)
  const send = (...packets: Packet[]) => socket.write(Buffer.concat(packets.map((packet) => mqtt.generate(packet))))
  const [username, password] = ['rtu-1', Buffer.from('secret-of-rtu-1')]
  send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'rtu-1', keepalive: 60, username, password })
  await until(() => answers.length === 1)
  return { socket, answers, send, acknowledged: () => answers.flatMap((one) => (one.cmd === 'puback' ? [one.messageId ?? 0] : [])) }
}

const publish = (messageId: number, topic = readings, changed: Partial<IPublishPacket> = {}): Packet => {
  const payload = `${messageId}`
  return { cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false, ...changed }
}

test('what comes on one topic, on others between, twice, and without an acknowledgement, is kept in the order it came', async () => {
  const { port, heard } = await openBroker()
  const client = await rawClient(port)
  client.send(publish(1))
  await until(() => client.acknowledged().length === 1)
  client.send(
    ...[publish(2), publish(258), publish(3, readings, { qos: 0 }), publish(4, 'devices/rtu-1/senml'), publish(5)],
    ...[publish(2, readings, { dup: true }), publish(6, 'devices/rtu-1/status', { retain: true }), publish(7)],
  )
  await until(() => client.acknowledged().length === 8)
  expect(heard().map((one) => one.replace('devices/rtu-1/', ''))).toEqual([
    ...['readings 1', 'readings 2', 'readings 258', 'readings 3', 'senml 4', 'readings 5'],
    ...['readings 2', 'status 6', 'readings 7'],
  ])
  expect(client.acknowledged()).toEqual([1, 2, 258, 4, 5, 2, 6, 7])
})

test('no message is acknowledged before it is kept, and none that is not', async () => {
  const { accept, waiting } = gate()
  const { port } = await openBroker({ accept })
  const client = await rawClient(port)
  client.send(publish(1))
  await until(() => waiting.length === 1)
  waiting[0]?.resolve()
  await until(() => client.acknowledged().length === 1)
  client.send(publish(2), publish(3), publish(4))
  await until(() => waiting.length === 4)
  waiting[1]?.resolve()
  await until(() => client.acknowledged().length === 2)
  const ended = once(client.socket, 'close')
  waiting[2]?.reject(new Error('full'))
  waiting[3]?.resolve()
  await ended
  expect(client.acknowledged()).toEqual([1, 2])
})

test('of a client whose messages are not kept yet no more is read than allowed, and all of it afterwards', async () => {
  const { accept, open, waiting } = gate()
  const { port, deliveries } = await openBroker({ accept }, { maxInFlight: 4 })
  const client = await rawClient(port)
  client.send(publish(1))
  await until(() => waiting.length === 1)
  // more in all than one read brings: what a read brings is taken whole
  for (let id = 2; id <= 100; id++) {
    client.send(publish(id, readings, { payload: String(id).padEnd(4_096) }))
    // what another client hears shows that the broker has had its turn
    if (id % 20 === 0) await (await login(port, `rtu-${id}`)).endAsync()
  }
  expect(deliveries.length).toBeLessThan(100)
  open()
  await until(() => client.acknowledged().length === 100)
  expect(deliveries.map(({ payload }) => Number(Buffer.from(payload).toString()))).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
})

test('a device that only publishes is not taken for silent, one that says nothing is', async () => {
  const { port, reasons } = await openBroker({}, { keepAliveAtLeast: '500ms', keepAliveAtMost: '500ms' })
  const client = await login(port, 'rtu-1', { keepalive: 0 })
  const twiceItsTime = performance.now() + 1_600
  while (performance.now() < twiceItsTime) await client.publishAsync(readings, '{}', { qos: 1 })
  expect(reasons()).toEqual([])
  await closed(client)
  expect(reasons()).toEqual(['keep-alive'])
})

test('a message with a wrong packet behind it in one piece is kept all the same, and the connection ends', async () => {
  const { port, reasons, heard } = await openBroker()
  const client = await rawClient(port)
  client.send(publish(1))
  await until(() => client.acknowledged().length === 1)
  const ended = once(client.socket, 'close')
  client.socket.write(Buffer.concat([mqtt.generate(publish(2)), Buffer.of(0xf0, 0)]))
  await ended
  expect(reasons()).toEqual(['packet-type'])
  expect(heard()).toEqual([`${readings} 1`, `${readings} 2`])
})

test('a device that is not read because the journal stalls is not called silent', async () => {
  const { accept, open, waiting } = gate()
  const { port, reasons } = await openBroker({ accept }, { maxInFlight: 1, keepAliveAtLeast: '200ms', keepAliveAtMost: '200ms' })
  const client = await rawClient(port)
  client.send(publish(1))
  await until(() => waiting.length === 1)
  waiting[0]?.resolve()
  await until(() => client.acknowledged().length === 1)
  client.send(publish(2))
  await until(() => waiting.length === 2)
  client.send({ cmd: 'pingreq' })
  const threeTimesItsTime = performance.now() + 900
  await until(() => performance.now() > threeTimesItsTime)
  expect(reasons()).toEqual([])
  open()
  await until(() => client.acknowledged().length === 2)
})

test('a connection that went while its wrong login waited for an answer leaves nothing behind', async () => {
  const silences: string[] = []
  const keepAlive = createKeepAlive(
    () => false,
    () => silences.push('silent'),
  )
  keepAlive.end()
  keepAlive.begin(0.001)
  const later = performance.now() + 50
  await until(() => performance.now() > later)
  expect(silences).toEqual([])
})
