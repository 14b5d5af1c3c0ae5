import { createSocket } from 'node:dgram'
import { afterEach, expect, test } from '@jest/globals'
import { unknownDevice } from '../../domain/codec.ts'
import { deviceId } from '../../domain/ids.ts'
import { sl651, writeMessage } from './codec.ts'
import { control, readFrame, writeFrame, type Frame } from './frame.ts'
import type { Item, Message } from './message.ts'
import { addressOf, closeGateways, openGateway, openLine, riverFleet, until } from './testing/gateways.ts'

afterEach(closeGateways)

const at = Date.UTC(2026, 10, 19, 3)
const level = (value: number): Item => ({ kind: 'number', id: 0x39, bytes: 4, decimals: 3, value })
const message = (serial: number, items: Item[], n = 1): Message => ({
  ...{ serial, sentAt: at + 16_000, text: null },
  parts: [{ station: addressOf(n), stationClass: 0x48, observedAt: at, items }],
})

const frame = (serial: number, more: Partial<Frame> = {}): Frame => ({
  ...{ encoding: 'hex', direction: 'up', centre: 5, station: addressOf(1), password: 0x03e8, code: 0x32, packet: null, end: control.ETX },
  body: writeMessage(more.encoding ?? 'hex', message(serial, [level(3.42)])),
  ...more,
})
const report = (serial: number, more: Partial<Frame> = {}): Buffer => writeFrame(frame(serial, more))
const serialOf = ({ body }: Frame): number => Buffer.from(body).readUInt16BE(0)

/** An accept that resolves and rejects when the test says so. */
function controlled() {
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  return { accept: () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject })), waiting }
}

test('an upload is confirmed after it is kept, in its own encoding, address order and serial number', async () => {
  const { accept, waiting } = controlled()
  const { port } = await openGateway({ accept })
  const line = await openLine(port)
  line.socket.write(report(0x34))
  await until(() => waiting.length === 1)
  expect(line.heard).toEqual([])
  waiting[0]?.resolve()
  await until(() => line.heard.length === 1)
  expect(line.heard[0]).toMatchObject({
    encoding: 'hex',
    direction: 'down',
    centre: 5,
    station: addressOf(1),
    password: 0x3e8,
    code: 0x32,
    end: control.EOT,
  })
  expect(Buffer.from(line.heard[0]?.body ?? []).toString('hex')).toBe('0034261119120000')

  const body = writeMessage('ascii', message(7, [level(1)]))
  line.socket.write(report(7, { encoding: 'ascii', body, end: control.ETB }))
  await until(() => waiting.length === 2)
  waiting[1]?.resolve()
  await until(() => line.heard.length === 2)
  expect(line.heard[1]).toMatchObject({ encoding: 'ascii', direction: 'down', end: control.ACK })
  expect(Buffer.from(line.heard[1]?.body ?? []).toString()).toBe('0007261119120000')
})

test('what is kept is the frame, for the codec', async () => {
  const { port, deliveries } = await openGateway()
  const line = await openLine(port)
  line.socket.write(report(1))
  await until(() => line.heard.length === 1)
  expect(deliveries[0]).toMatchObject({ device: 'gauge-1', source: 'sl651', topic: 'sl651/32' })
  const decoded = sl651.decode(deliveries[0]?.payload ?? Buffer.alloc(0), unknownDevice, 0)
  expect(decoded.groups).toEqual([
    expect.objectContaining({ at, readings: [expect.objectContaining({ name: 'water_level', value: 3.42 })] }),
  ])
})

test('the journal refuses: no confirmation, and the station that sends again is confirmed', async () => {
  const { accept, waiting } = controlled()
  const { port, refused, gateway } = await openGateway({ accept })
  const line = await openLine(port)
  line.socket.write(report(1))
  await until(() => waiting.length === 1)
  waiting[0]?.reject(new Error('the journal is full'))
  await until(() => refused.length === 1)
  expect(refused[0]?.reason).toBe('journal-refused')
  line.socket.write(report(1))
  await until(() => waiting.length === 2)
  waiting[1]?.resolve()
  await until(() => line.heard.length === 1)
  expect(gateway.figures()).toMatchObject({ kept: 1, stations: 1, connections: 1 })
})

test('what is not taken gets no answer and is counted by its reason', async () => {
  const { port, refused, deliveries } = await openGateway()
  const line = await openLine(port)
  const spoilt = report(1)
  spoilt[30] = (spoilt[30] ?? 0) ^ 1
  for (const bytes of [
    Buffer.from('hello'),
    spoilt,
    report(1, { direction: 'down', end: control.EOT }),
    report(1, { station: '9999999999' }),
    report(1, { password: 1 }),
    report(1, { code: 0xe1 }),
    report(1, { code: 0x4a }),
    report(1, { body: Buffer.from('00', 'hex') }),
    report(2, { code: 0x2f, body: Buffer.from('0002261119110000', 'hex') }),
    report(3),
  ])
    line.socket.write(bytes)
  await until(() => line.heard.length === 1)
  expect(refused.map(({ reason }) => reason)).toEqual([
    ...['junk', 'bad-crc', 'wrong-direction', 'unknown-station', 'wrong-password', 'unknown-function', 'unexpected-answer', 'bad-head'],
  ])
  expect(line.heard.map(serialOf)).toEqual([3])
  expect(deliveries).toHaveLength(1)
})

test('a line is closed after too many wrong passwords, and a station may be held to its addresses', async () => {
  const { port, refused } = await openGateway()
  const line = await openLine(port)
  for (let i = 0; i < 5; i++) line.socket.write(report(1, { password: i }))
  await until(() => line.closed())
  expect(refused.map(({ reason }) => reason)).toContain('too-many-passwords')
  const elsewhere = await openGateway({}, {}, riverFleet(1, {}, { addresses: ['10.0.0.0/8'] }))
  const other = await openLine(elsewhere.port)
  other.socket.write(report(1))
  await until(() => elsewhere.refused.length === 1)
  expect(elsewhere.refused[0]?.reason).toBe('foreign-address')
})

test('a station of mode M1 gets no confirmation; one that is to stay online gets ESC', async () => {
  const silent = await openGateway({}, {}, riverFleet(1, { mode: 'M1' }))
  const line = await openLine(silent.port)
  line.socket.write(report(1))
  await until(() => silent.gateway.figures().kept === 1)
  expect(line.heard).toEqual([])
  const staying = await openGateway({}, {}, riverFleet(1, { stayOnline: true }))
  const other = await openLine(staying.port)
  other.socket.write(report(1))
  await until(() => other.heard.length === 1)
  expect(other.heard[0]?.end).toBe(control.ESC)
})

/** An upload of three packets; serial number, time and station stand in the first. */
function packets(serial: number): Buffer[] {
  const body = writeMessage(
    'hex',
    message(
      serial,
      Array.from({ length: 12 }, (_, i) => ({ kind: 'number', id: 0x3c + (i % 8), bytes: 4, decimals: 3, value: i })),
    ),
  )
  const cuts = [0, 40, 70, body.length]
  return [1, 2, 3].map((number) =>
    report(serial, {
      packet: { total: 3, number },
      body: body.subarray(cuts[number - 1], cuts[number]),
      end: number === 3 ? control.ETX : control.ETB,
    }),
  )
}

test('packets of one upload are kept as one and confirmed once, with the last number', async () => {
  const { port, deliveries } = await openGateway()
  const line = await openLine(port)
  for (const packet of packets(9)) line.socket.write(packet)
  await until(() => line.heard.length === 1)
  expect(line.heard[0]).toMatchObject({ packet: { total: 3, number: 3 }, end: control.EOT })
  expect(deliveries).toHaveLength(1)
  expect(sl651.decode(deliveries[0]?.payload ?? Buffer.alloc(0), unknownDevice, 0).groups).toHaveLength(12)
})

test('a lost packet is asked for by its number, and the station sends it alone', async () => {
  const { port, deliveries } = await openGateway()
  const line = await openLine(port)
  const [first, second, third] = packets(9)
  for (const packet of [first, third]) line.socket.write(packet ?? '')
  await until(() => line.heard.length === 1)
  expect(line.heard[0]).toMatchObject({ packet: { total: 3, number: 2 }, end: control.NAK })
  const read = readFrame(second ?? Buffer.alloc(0), 0)
  if (typeof read === 'symbol' || !('frame' in read)) throw new Error('no frame')
  line.socket.write(writeFrame({ ...read.frame, end: control.ETX }))
  await until(() => line.heard.length === 2)
  expect(line.heard[1]).toMatchObject({ packet: { total: 3, number: 3 }, end: control.EOT })
  expect(sl651.decode(deliveries[0]?.payload ?? Buffer.alloc(0), unknownDevice, 0).groups).toHaveLength(12)
})

test('a packet that does not come is asked for twice, then the upload is given up', async () => {
  const { port, refused, deliveries } = await openGateway({}, { packetWithin: '5ms' })
  const line = await openLine(port)
  line.socket.write(packets(9)[0] ?? '')
  await until(() => refused.length === 1)
  expect(refused[0]?.reason).toBe('packets-lost')
  expect(line.heard.map(({ end, packet }) => [end, packet?.number])).toEqual([
    [control.NAK, 2],
    [control.NAK, 2],
  ])
  expect(deliveries).toEqual([])
})

test('an upload larger than it may be is refused', async () => {
  const { port, refused } = await openGateway({}, { maxUploadBytes: 80 })
  const line = await openLine(port)
  for (const packet of packets(9).slice(0, 2)) line.socket.write(packet)
  await until(() => refused.length === 1)
  expect(refused[0]?.reason).toBe('upload-too-large')
})

test('commands become requests: clock, sample and periods', async () => {
  const { port, gateway, deliveries } = await openGateway({}, {}, riverFleet(1, { periodQuery: 'definition' }))
  const line = await openLine(port)
  line.socket.write(report(1))
  await until(() => line.heard.length === 1)
  const device = deviceId('gauge-1')

  const clock = gateway.send(device, { kind: 'sync-clock' })
  await until(() => line.heard.length === 2)
  expect(line.heard[1]).toMatchObject({ code: 0x4a, end: control.ENQ })
  expect(Buffer.from(line.heard[1]?.body ?? []).toString('hex')).toBe('0000261119120000')
  line.socket.write(report(2, { code: 0x4a, body: Buffer.from('0002261119120000F1F10011223001', 'hex') }))
  expect(await clock).toMatchObject({ outcome: 'done' })

  const sample = gateway.send(device, { kind: 'sample-now' })
  await until(() => line.heard.length === 3)
  line.socket.write(report(3, { code: 0x37 }))
  expect(await sample).toMatchObject({ outcome: 'done' })
  expect(deliveries.at(-1)?.topic).toBe('sl651/37')

  const resend = gateway.send(device, { kind: 'resend', from: at, to: at + 3_600_000, everyMs: 300_000 })
  const asked = (): Frame[] => line.heard.filter(({ code, end }) => code === 0x38 && end === control.ENQ)
  for (const [i, element] of [
    ['39', '23'],
    ['f4', '60'],
  ].entries()) {
    await until(() => asked().length === i + 1)
    expect(Buffer.from(asked()[i]?.body ?? []).toString('hex')).toBe(
      `0000261119120000${'26111911'}${'26111912'}0418000005${element.join('')}`,
    )
    line.socket.write(
      report(4 + i, { code: 0x38, body: writeMessage('hex', message(4 + i, [{ kind: 'step', days: 0, hours: 0, minutes: 5 }])) }),
    )
  }
  expect(await resend).toEqual({ outcome: 'done', detail: '2 requests (38H) were answered' })
})

test("requests in the standard's words: version, status, event log, clock, chosen elements", async () => {
  const { port, gateway } = await openGateway({}, {}, riverFleet(1, { periodQuery: 'identifier' }))
  const line = await openLine(port)
  line.socket.write(report(1))
  await until(() => line.heard.length === 1)
  const device = deviceId('gauge-1')
  const ask = async (code: string, answer: string, fields: Record<string, string> = {}): Promise<string> => {
    const result = gateway.send(device, { kind: 'request', code, fields })
    await until(() => line.heard.at(-1)?.code === parseInt(code, 16) && line.heard.at(-1)?.end === control.ENQ)
    line.socket.write(report(9, { code: parseInt(code, 16), body: Buffer.from(`0009261119115958${answer}`, 'hex') }))
    return (await result).detail
  }
  const own = `F1F1${addressOf(1)}`
  expect(await ask('45', `${own}0556312E3031`)).toBe('software version "V1.01"')
  expect(await ask('46', `${own}452000000400`)).toBe('status 00000400: box open')
  expect(await ask('46', `${own}452000000003`)).toBe('status 00000003: mains off, battery low, box open, pump on')
  expect(await ask('50', `${own}0000000300${'00'.repeat(59)}`)).toBe('events: parameter changed 3')
  expect(await ask('51', own)).toBe('its clock shows 2026-11-19 11:59:58 (Beijing), 2 s behind ours')
  expect(await ask('3A', `${own}48F0F02611191200392300003420`, { elements: 'Z PJ' })).toBe('answered')
  expect(Buffer.from(line.heard.find(({ code, end }) => code === 0x3a && end === control.ENQ)?.body ?? []).toString('hex')).toBe(
    '00002611191200003920',
  )
  const refused = async (code: string, fields: Record<string, string>, sentence: string): Promise<void> => {
    const { outcome, detail } = await gateway.send(device, { kind: 'request', code, fields })
    expect([outcome, detail]).toEqual(['unsupported', expect.stringContaining(sentence)])
  }
  await refused('43', { content: '20' }, 'its device entry needs sl651: { settings: true }')
  await refused('48', {}, '48H is no request that is sent: what it carries is not described here')
  await refused('45', { x: '1' }, '45H has no field x')
  await refused('3A', { elements: 'Z nonsense' }, 'not "nonsense"')
  await refused('3A', {}, 'elements needs identifiers')
})

test('the configuration of a station is asked and set, where its entry declares the form', async () => {
  const { port, gateway } = await openGateway({}, {}, riverFleet(1, { settings: true }))
  const line = await openLine(port)
  line.socket.write(report(1))
  await until(() => line.heard.length === 1)
  const ask = async (code: string, content: string, answer: string): Promise<string> => {
    const result = gateway.send(deviceId('gauge-1'), { kind: 'request', code, fields: { content } })
    await until(() => line.heard.at(-1)?.code === parseInt(code, 16))
    expect(Buffer.from(line.heard.at(-1)?.body ?? []).toString('hex')).toBe(`0000261119120000${content.toLowerCase()}`)
    line.socket.write(report(9, { code: parseInt(code, 16), body: Buffer.from(`0009261119115958F1F1${addressOf(1)}${answer}`, 'hex') }))
    return (await result).detail
  }
  expect(await ask('43', '2023', '20080123100300')).toBe('its configuration: 20=1, 23=300')
  expect(await ask('42', '200805', '200805')).toBe('its configuration: 20=5')
  expect(await ask('41', '0105', '012005000000053801A13012345678')).toBe('its configuration: 01=5000000, 05=01A13012345678H')
  const odd = gateway.send(deviceId('gauge-1'), { kind: 'request', code: '42', fields: { content: '2' } })
  expect(await odd).toMatchObject({ outcome: 'unsupported' })
})

test('a station that does not answer is asked three times; one that is away, or cannot, is told at once', async () => {
  const { port, gateway } = await openGateway({}, { answerWithin: '5ms' })
  const device = deviceId('gauge-1')
  expect(await gateway.send(device, { kind: 'sample-now' })).toMatchObject({ outcome: 'unreachable' })
  expect(await gateway.send(device, { kind: 'set-interval', everyMs: 60_000 })).toMatchObject({ outcome: 'unsupported' })
  expect(await gateway.send(device, { kind: 'resend', from: 0, to: 1, everyMs: null })).toMatchObject({ outcome: 'unsupported' })
  const line = await openLine(port)
  line.socket.write(report(1))
  await until(() => line.heard.length === 1)
  expect(await gateway.send(device, { kind: 'sample-now' })).toMatchObject({
    outcome: 'no-answer',
    detail: 'no answer to 37H, sent 3 times',
  })
  const waiting = gateway.send(device, { kind: 'sync-clock' })
  gateway.kick(device)
  expect(await waiting).toMatchObject({ outcome: 'unreachable' })
  await until(() => line.closed())
})

test('close confirms what was read, then ends the lines', async () => {
  const { accept, waiting } = controlled()
  const { port, gateway } = await openGateway({ accept })
  const line = await openLine(port)
  line.socket.write(report(1))
  await until(() => waiting.length === 1)
  const closed = gateway.close()
  waiting[0]?.resolve()
  await closed
  await until(() => line.closed())
  expect(line.heard).toHaveLength(1)
})

test('datagrams are taken on the same port and confirmed to where they came from', async () => {
  const { port, deliveries, gateway, refused } = await openGateway({}, { udp: true })
  const socket = createSocket('udp4')
  const answers: Buffer[] = []
  socket.on('message', (bytes) => answers.push(bytes))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  socket.send(report(5), port, '127.0.0.1')
  await until(() => answers.length === 1)
  expect(readFrame(answers[0] ?? Buffer.alloc(0), 0)).toMatchObject({ frame: { end: control.EOT, code: 0x32 } })
  expect(deliveries).toHaveLength(1)
  socket.send(report(6).subarray(0, 30), port, '127.0.0.1')
  await until(() => refused.length === 1)
  expect(refused[0]?.reason).toBe('truncated')
  expect(gateway.figures().connections).toBe(1)
  socket.close()
})

test('while the journal stalls datagrams beyond what may wait are dropped and counted, and come again afterwards', async () => {
  const { accept, waiting } = controlled()
  const { port, refused, gateway } = await openGateway({ accept }, { udp: true, maxInFlight: 1 })
  const socket = createSocket('udp4')
  const confirmed = new Set<number>()
  socket.on('message', (bytes) => {
    const read = readFrame(bytes, 0)
    if (typeof read !== 'symbol' && 'frame' in read) confirmed.add(serialOf(read.frame))
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const levels = Array.from({ length: 300 }, (_, i) => level(i))
  const large = (serial: number): Buffer => report(serial, { body: writeMessage('hex', message(serial, levels)) })
  const send = (serial: number): Promise<void> => new Promise((resolve) => socket.send(large(serial), port, '127.0.0.1', () => resolve()))
  await send(1)
  await until(() => waiting.length === 1)
  // one is in flight: the line is held, and of the next only so many wait
  const room = Math.floor(16_384 / large(1).length)
  for (let serial = 2; serial <= room + 6; serial++) {
    await send(serial)
    if (serial > room + 1) await until(() => refused.length === serial - room - 1)
  }
  expect(refused.map(({ reason }) => reason)).toEqual(Array.from({ length: 5 }, () => 'busy'))
  expect(gateway.figures().refused.get('busy')).toBe(5)

  // the journal takes in again: what waited is confirmed, and what was dropped is when it comes again
  for (let done = 0; done <= room; done++) {
    await until(() => waiting.length > done)
    waiting[done]?.resolve()
  }
  await until(() => confirmed.size === room + 1)
  await send(room + 2)
  await until(() => waiting.length === room + 2)
  waiting[room + 1]?.resolve()
  await until(() => confirmed.has(room + 2))
  expect(refused).toHaveLength(5)
  socket.close()
})
