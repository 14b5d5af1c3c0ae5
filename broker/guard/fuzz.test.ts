import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import mqttPacket, { type Packet } from 'mqtt-packet'
import { configured, openBroker, rawConnection, until } from '../testing/brokers.ts'
import { packetOf } from '../testing/hostile-packets.ts'
import { FrameGuard } from './frame-guard.ts'

const long = process.env['GAUGEKEEPER_LONG'] === '1'

const login = packetOf('10 ( [ "MQTT" ] 04 c2 00 3c [ "rtu-1" ] [ "rtu-1" ] [ "secret-of-rtu-1" ] )')
const own = 'devices/rtu-1/readings'

const level = fc.stringMatching(/^[a-z0-9河é-]{0,6}$/)
const topic = fc.oneof(
  { weight: 3, arbitrary: fc.constant(own) },
  fc
    .array(level, { minLength: 1, maxLength: 16 })
    .map((parts) => parts.join('/'))
    .filter((text) => text !== ''),
)
const filter = fc.oneof(topic, fc.constantFrom('#', '+', '+/+', 'a/#', '+/b', '/+/#'))
const messageId = fc.integer({ min: 1, max: 65_535 })
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)

const publish = fc.record({ topic, messageId, qos, retain: fc.boolean(), dup: fc.boolean(), payload: fc.uint8Array({ maxLength: 300 }) })
const packet: fc.Arbitrary<Packet> = fc.oneof(
  publish.map((one): Packet => ({ cmd: 'publish', ...one, dup: one.dup && one.qos > 0, payload: Buffer.from(one.payload) })),
  fc
    .record({ messageId, subscriptions: fc.array(fc.record({ topic: filter, qos }), { minLength: 1, maxLength: 8 }) })
    .map((one): Packet => ({ cmd: 'subscribe', ...one })),
  fc
    .record({ messageId, unsubscriptions: fc.array(filter, { minLength: 1, maxLength: 8 }) })
    .map((one): Packet => ({ cmd: 'unsubscribe', ...one })),
  fc
    .tuple(fc.constantFrom('puback' as const, 'pubrec' as const, 'pubrel' as const, 'pubcomp' as const), messageId)
    .map(([cmd, id]): Packet => ({ cmd, messageId: id })),
  fc.constantFrom<Packet>({ cmd: 'pingreq' }, { cmd: 'disconnect' }),
)
const rightStream = fc.array(packet, { maxLength: 6 }).map((packets) => Buffer.concat(packets.map((one) => mqttPacket.generate(one))))

/** Changes that turn right bytes into wrong ones, at places from 0 to 1 of the length. */
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const mutation = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 255 })).map(([at, byte]) => (bytes: Buffer) => {
    const changed = Buffer.from(bytes)
    if (changed.length > 0) changed[Math.floor(at * changed.length)] = byte
    return changed
  }),
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([at, bit]) => (bytes: Buffer) => {
    const changed = Buffer.from(bytes)
    const index = Math.floor(at * changed.length)
    if (changed.length > 0) changed[index] = (changed[index] ?? 0) ^ (1 << bit)
    return changed
  }),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 5 })).map(([at, added]) => (bytes: Buffer) => {
    const index = Math.floor(at * bytes.length)
    return Buffer.concat([bytes.subarray(0, index), added, bytes.subarray(index)])
  }),
  fc.tuple(place, fc.integer({ min: 1, max: 9 })).map(([at, count]) => (bytes: Buffer) => {
    const index = Math.floor(at * bytes.length)
    return Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + count)])
  }),
)
const mutated = fc
  .tuple(rightStream, fc.array(mutation, { minLength: 1, maxLength: 3 }))
  .map(([bytes, changes]) => changes.reduce((changed, change) => change(changed), bytes))

/** What a guard that has seen the login says, when the bytes come in pieces of these sizes, over and over. */
function judge(bytes: Buffer, sizes: readonly number[]) {
  const guard = new FrameGuard(configured())
  guard.pass(login)
  guard.loggedIn()
  const passed: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length && guard.fault === null; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    const packets = guard.pass(Buffer.from(bytes.subarray(at, at + size)))
    if (packets !== null) passed.push(packets)
    at += size
  }
  return { passed: Buffer.concat(passed), fault: guard.fault?.reason ?? null }
}

/** What the broker's parser reads; null when it objects. */
function parsed(bytes: Buffer): Packet[] | null {
  const found: Packet[] = []
  let objected = false
  const parser = mqttPacket.parser()
  parser.on('packet', (one) => found.push(one))
  parser.on('error', () => (objected = true))
  parser.parse(bytes)
  return objected ? null : found
}

const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 })

test('right packets pass, whatever pieces they come in, and the parser reads the same packets', () => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 6 }), sizes, (packets, pieces) => {
      const bytes = Buffer.concat(packets.map((one) => mqttPacket.generate(one)))
      const { passed, fault } = judge(bytes, pieces)
      if (fault !== null || !passed.equals(bytes)) throw new Error(`refused for ${fault}: ${bytes.toString('hex')}`)
      if (parsed(passed)?.length !== packets.length) throw new Error(`read otherwise: ${bytes.toString('hex')}`)
    }),
    { numRuns: long ? 50_000 : 1_000 },
  )
})

test('of wrong bytes nothing passes that the parser objects to, and the pieces they come in change nothing', () => {
  fc.assert(
    fc.property(mutated, sizes, (bytes, pieces) => {
      const whole = judge(bytes, [Math.max(1, bytes.length)])
      const cut = judge(bytes, pieces)
      const each = judge(bytes, [1])
      if (whole.fault !== each.fault || cut.fault !== each.fault) throw new Error(`${whole.fault}, ${cut.fault}, ${each.fault}`)
      if (!bytes.subarray(0, each.passed.length).equals(each.passed)) throw new Error('other bytes passed than came')
      if (whole.fault === null && !whole.passed.equals(each.passed)) throw new Error('pieces pass otherwise')
      if (parsed(each.passed) === null) throw new Error(`the parser objects to ${each.passed.toString('hex')}`)
    }),
    { numRuns: long ? 150_000 : 3_000 },
  )
})

test('a stream cut at any byte is never acknowledged for more than was kept, and the broker goes on', async () => {
  const { port, broker, deliveries, refused } = await openBroker()
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, rightStream), place, async (bytes, at) => {
      const before = deliveries.length
      const { socket, received, closed } = await rawConnection(port)
      let ended = false
      void closed.then(() => (ended = true))
      socket.write(login)
      await until(() => received().length >= 4 || ended)
      const middle = Math.floor(at * bytes.length)
      socket.write(bytes.subarray(0, middle))
      socket.write(bytes.subarray(middle))
      socket.end()
      await until(() => ended)
      socket.destroy()
      await until(() => broker.figures().connections === 0)
      const acknowledged = parsed(received())?.filter(({ cmd }) => cmd === 'puback' || cmd === 'pubrec').length ?? 0
      // A QoS 2 message that comes twice is acknowledged twice and handed over twice: the key of its readings makes them one.
      if (acknowledged > deliveries.length - before) throw new Error(`${acknowledged} acknowledged, ${deliveries.length - before} kept`)
    }),
    { numRuns: long ? 3_000 : 150 },
  )
  expect(broker.figures().deliveries).toBe(deliveries.length)
  expect(refused.every(({ reason }) => reason !== 'malformed-packet')).toBe(true)
}, 600_000)
