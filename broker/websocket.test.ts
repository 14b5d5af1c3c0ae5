import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import mqtt from 'mqtt'
import { WebSocket } from 'ws'
import { afterwards, inbox, openBroker, openWebSockets, rawConnection, rawWebSocket, until } from './testing/brokers.ts'
import { packetOf } from './testing/hostile-packets.ts'
import { UnfinishedMessage } from './unfinished-message.ts'

/** A CONNECT as rtu-1. */
const connect = packetOf('10 ( [ "MQTT" ] 04 c2 00 3c [ "x" ] [ "rtu-1" ] [ @secret ] )', 'secret-of-rtu-1')

const handshake = (...more: string[]): string =>
  [
    ...['GET /mqtt HTTP/1.1', 'Host: 127.0.0.1', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Protocol: mqtt'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...more, '', ''],
  ].join('\r\n')

/** The head of a frame of a client, with a mask that changes nothing. */
function headOf(length: number, { last = true, opcode = 2 } = {}): Buffer {
  const head = Buffer.alloc(14)
  head[0] = (last ? 0x80 : 0) + opcode
  head[1] = 0x80 + 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}

/** An upgraded connection that sends frames as they are. */
async function upgraded(port: number) {
  const raw = await rawConnection(port)
  raw.socket.write(handshake())
  await until(() => raw.received().includes('\r\n\r\n'))
  expect(raw.received().toString('latin1')).toContain('101 Switching Protocols')
  return raw
}

test('MQTT over WebSocket works on its path; other paths stay free', async () => {
  const { broker, heard } = await openBroker()
  const port = await openWebSockets(broker)
  const options = { username: 'rtu-1', password: 'secret-of-rtu-1', reconnectPeriod: 0 }
  const client = await mqtt.connectAsync(`ws://127.0.0.1:${port}/mqtt`, options)
  afterwards(() => client.endAsync(true))
  const messages = inbox(client)
  await client.subscribeAsync('devices/rtu-1/receipts')
  await Promise.all(
    Array.from({ length: 50 }, (_, n) => client.publishAsync('devices/rtu-1/readings', `${n}`.padEnd(2_000), { qos: n % 3 === 0 ? 2 : 1 })),
  )
  broker.publish('devices/rtu-1/receipts', 'kept')
  await until(() => messages.length === 1)
  expect(heard()).toHaveLength(50)
  await expect(mqtt.connectAsync(`ws://127.0.0.1:${port}/other`, options, false)).rejects.toThrow()
})

test('a text frame ends the connection, and nothing of it is read', async () => {
  const { broker, heard, reasons } = await openBroker()
  const port = await openWebSockets(broker)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, 'mqtt')
  socket.on('error', () => undefined)
  await once(socket, 'open')
  const ended = once(socket, 'close')
  socket.send('\u0010\u0000', { binary: false })
  await ended
  expect(reasons()).toEqual(['text-frame'])
  expect(heard()).toEqual([])
})

test('before the login a message that announces more than 4 kB ends the connection, after it not', async () => {
  const { broker, heard, reasons } = await openBroker()
  const port = await openWebSockets(broker)
  const { socket, closed } = await upgraded(port)
  socket.write(headOf(256_000))
  await closed
  expect(reasons()).toEqual(['packet-too-large'])

  const known = await rawWebSocket(port)
  known.socket.write(connect)
  await until(() => known.received().length === 4)
  const topic = packetOf('[ "devices/rtu-1/readings" ] 00 01')
  known.socket.write(Buffer.concat([packetOf('32 90 a1 0f'), topic, Buffer.alloc(250_000 - topic.length, 0x78)]))
  await until(() => known.received().length === 8)
  expect(heard()[0]).toHaveLength('devices/rtu-1/readings '.length + 250_000 - topic.length)
  known.socket.write(Buffer.alloc(257_000))
  await known.closed
  expect(reasons()).toEqual(['packet-too-large', 'packet-too-large'])
})

test('a message in many frames, or a frame in many pieces, ends the connection', async () => {
  const { broker, reasons } = await openBroker()
  const port = await openWebSockets(broker)
  const { socket, closed } = await upgraded(port)
  const byte = Buffer.from([0x10])
  const frames = Array.from({ length: 100 }, (_, n) => [headOf(1, { last: false, opcode: n === 0 ? 2 : 0 }), byte]).flat()
  socket.write(Buffer.concat(frames))
  await closed
  expect(reasons()).toEqual(['fragments'])

  const known = await upgraded(port)
  known.socket.write(Buffer.concat([headOf(connect.length), connect]))
  await until(() => broker.figures().clients === 1)
  known.socket.write(Buffer.concat(frames))
  await known.closed
  expect(reasons()).toEqual(['fragments', 'fragments'])
})

test('what a message announces and in how many parts it comes is seen from the heads of its frames, however they are cut', () => {
  const judged = (frames: Buffer[], piece: number, expected: string | null) => {
    const bytes = Buffer.concat(frames)
    const message = new UnfinishedMessage(4_000)
    let reason: string | null = null
    for (let at = 0; at < bytes.length && reason === null; at += piece) reason = message.add(bytes.subarray(at, at + piece))
    expect(reason).toBe(expected)
  }
  const whole = (length: number) => Buffer.concat([headOf(length), Buffer.alloc(length)])
  for (const piece of [1_000, 500_000]) {
    judged([whole(4_000), whole(4_000), whole(3)], piece, null)
    judged([whole(10), whole(4_001)], piece, 'packet-too-large')
    judged([headOf(3_000, { last: false }), Buffer.alloc(3_000), headOf(1_001, { opcode: 0 })], piece, 'packet-too-large')
    judged([whole(1), headOf(126, { opcode: 9 })], piece, 'websocket-malformed')
    judged([headOf(2 ** 40)], piece, 'packet-too-large')
  }
  judged([whole(10)], 1, null)
  judged([whole(100)], 1, 'fragments')
  judged([Buffer.from([0x82, 0x83, 0, 0, 0, 0, 1, 2, 3]), Buffer.from([0x82, 0xfe, 0x0f, 0xa1, 0, 0, 0, 0])], 3, 'packet-too-large')
})

test('who waits for its turn is not read: what it sends before its handshake is answered ends it', async () => {
  const { broker, reasons } = await openBroker({}, { maxStrangers: 1 })
  const port = await openWebSockets(broker)
  const first = await upgraded(port)
  const waiting = await rawConnection(port)
  waiting.socket.write(handshake())
  await until(() => broker.figures().connections === 2)
  waiting.socket.write(Buffer.alloc(250_000))
  await waiting.closed
  expect(waiting.received()).toHaveLength(0)
  expect(reasons()).toEqual(['too-early'])
  await until(() => broker.figures().connections === 1)

  const patient = rawWebSocket(port)
  await until(() => broker.figures().connections === 2)
  first.socket.destroy()
  const { socket, received } = await patient
  socket.write(connect)
  await until(() => received().length === 4)
})

test('an upgrade that the gate does not admit is refused and counted', async () => {
  const { broker, refused } = await openBroker()
  const port = await openWebSockets(broker, { admits: ({ headers }) => headers.origin === undefined, addressOf: () => '192.0.2.1' })
  const { socket, received, closed } = await rawConnection(port)
  socket.write(handshake('Origin: http://evil.example'))
  await closed
  expect(received().toString()).toContain('403 Forbidden')
  expect(refused).toEqual([{ reason: 'foreign-page', device: null, address: '192.0.2.1', detail: 'http://evil.example' }])
  await upgraded(port)
})
