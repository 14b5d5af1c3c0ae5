import { expect, test } from '@jest/globals'
import type { IClientOptions } from 'mqtt'
import mqttPacket, { type Packet } from 'mqtt-packet'
import type { BrokerConfig } from './config.ts'
import { closed, freshFolder, inbox, login, openBroker, rawConnection, refusedWith, until } from './testing/brokers.ts'
import { packetOf } from './testing/hostile-packets.ts'

// The behaviours of Eclipse Paho's interoperability test for MQTT 3.1.1, under the profile made for it.
const interop: Partial<BrokerConfig> = { profile: 'interop' }
const topics = ['TopicA', 'TopicA/B', 'Topic/C', 'TopicA/C', '/TopicA'] as const

const open = async () => openBroker({ persistencePath: await freshFolder() }, interop)
const session = (clientId: string): IClientOptions => ({ clientId, clean: false })

/** A connection that acknowledges nothing by itself. */
async function bare(port: number, clientId: string, { clean, keepAlive }: { clean: boolean; keepAlive: number }) {
  const { socket, received, closed: ended } = await rawConnection(port)
  const flags = clean ? 'c2' : 'c0'
  const seconds = keepAlive.toString(16).padStart(2, '0')
  socket.write(packetOf(`10 ( [ "MQTT" ] 04 ${flags} 00 ${seconds} [ "${clientId}" ] [ "bare" ] [ "secret-of-bare" ] )`))
  await until(() => received().length >= 4)
  const packets = (): Packet[] => {
    const found: Packet[] = []
    const parser = mqttPacket.parser()
    parser.on('packet', (packet) => found.push(packet))
    parser.parse(received())
    return found
  }
  return { socket, packets, closed: ended }
}

test('messages of QoS 0, 1 and 2 reach a subscriber, and are journalled all the same', async () => {
  const { port, heard } = await open()
  const client = await login(port, 'a')
  const messages = inbox(client)
  await client.subscribeAsync('TopicA', { qos: 2 })
  for (const qos of [0, 1, 2] as const) await client.publishAsync('TopicA', `qos ${qos}`, { qos })
  await until(() => messages.length === 3)
  expect(messages).toEqual(['TopicA qos 0', 'TopicA qos 1', 'TopicA qos 2'])
  expect(heard()).toEqual(messages)
})

test('retained messages come to new subscribers, until an empty one takes them away', async () => {
  const { port } = await open()
  const sender = await login(port, 'a')
  for (const [i, topic] of ['TopicA/B', 'Topic/C', 'TopicA/C'].entries())
    await sender.publishAsync(topic, `${i}`, { qos: i as 0 | 1 | 2, retain: true })
  const first = await login(port, 'b', { clientId: 'one' })
  const messages = inbox(first)
  await first.subscribeAsync('+/+', { qos: 2 })
  await until(() => messages.length === 3)
  expect(messages.sort()).toEqual(['Topic/C 1!', 'TopicA/B 0!', 'TopicA/C 2!'])
  for (const topic of ['TopicA/B', 'Topic/C', 'TopicA/C']) await sender.publishAsync(topic, '', { qos: 1, retain: true })
  const second = await login(port, 'c', { clientId: 'two' })
  const later = inbox(second)
  await second.subscribeAsync('+/+', { qos: 2 })
  await sender.publishAsync('Topic/C', 'now', { qos: 1 })
  await until(() => later.length > 0)
  expect(later).toEqual(['Topic/C now'])
})

test('what is sent to a session that is away waits for it', async () => {
  const { port, broker } = await open()
  const away = await login(port, 'a', session('away'))
  await away.subscribeAsync('+/+', { qos: 2 })
  await away.endAsync()
  await until(() => broker.figures().clients === 0)
  const sender = await login(port, 'b')
  await sender.publishAsync('TopicA/C', 'one', { qos: 1 })
  await sender.publishAsync('TopicA/C', 'two', { qos: 2 })
  const back = await bare(port, 'away', { clean: false, keepAlive: 60 })
  await until(() => back.packets().length >= 2)
  back.socket.write(packetOf('c0 00'))
  const published = () => back.packets().flatMap((one) => (one.cmd === 'publish' ? [`${String(one.payload)} qos ${one.qos}`] : []))
  await until(() => published().length === 2)
  expect(back.packets()[0]).toMatchObject({ cmd: 'connack', sessionPresent: true })
  expect(published()).toEqual(['one qos 1', 'two qos 2'])
})

test('overlapping subscriptions get each message once or once a filter, at the best QoS granted', async () => {
  const { port } = await open()
  const client = await login(port, 'a')
  const messages = inbox(client)
  await client.subscribeAsync({ 'TopicA/#': { qos: 2 }, 'TopicA/+': { qos: 1 } })
  await client.publishAsync('TopicA/C', 'overlapping', { qos: 2 })
  await client.publishAsync('TopicA/B', 'last', { qos: 2 })
  await until(() => messages.includes('TopicA/B last'))
  expect([1, 2]).toContain(messages.filter((one) => one === 'TopicA/C overlapping').length)
})

test('a client that is silent beyond its keep-alive time is cut and its will sent; without a keep-alive time it is not', async () => {
  const { port, reasons } = await open()
  const watcher = await login(port, 'a')
  const messages = inbox(watcher)
  await watcher.subscribeAsync('/TopicA', { qos: 2 })
  const patient = await bare(port, 'patient', { clean: true, keepAlive: 0 })
  const { socket, closed: ended } = await rawConnection(port)
  socket.write(packetOf('10 ( [ "MQTT" ] 04 c6 00 01 [ "silent" ] [ "/TopicA" ] [ "keep-alive expiry" ] [ "b" ] [ "secret-of-b" ] )'))
  await ended
  await until(() => messages.length === 1)
  expect(messages).toEqual(['/TopicA keep-alive expiry'])
  expect(reasons()).toEqual(['keep-alive'])
  patient.socket.write(packetOf('c0 00'))
  await until(() => patient.packets().some(({ cmd }) => cmd === 'pingresp'))
})

test('what a client did not acknowledge comes again when it is back, marked as sent again', async () => {
  const { port, broker } = await open()
  const first = await bare(port, 'forgetful', { clean: false, keepAlive: 60 })
  first.socket.write(packetOf('82 ( 00 01 [ "TopicA" ] 02 )'))
  const sender = await login(port, 'b')
  await until(() => first.packets().some(({ cmd }) => cmd === 'suback'))
  await sender.publishAsync('TopicA', 'one', { qos: 1 })
  await sender.publishAsync('TopicA', 'two', { qos: 2 })
  await until(() => first.packets().filter(({ cmd }) => cmd === 'publish').length === 2)
  first.socket.destroy()
  await first.closed
  await until(() => broker.figures().clients === 1)
  const second = await bare(port, 'forgetful', { clean: false, keepAlive: 60 })
  const again = () =>
    second.packets().flatMap((one) => (one.cmd === 'publish' ? [`${String(one.payload)} ${one.dup ? 'again' : 'new'}`] : []))
  await until(() => again().length === 2)
  expect(again()).toEqual(['one again', 'two again'])
})

test('filters that begin with a wildcard do not match topics that begin with $', async () => {
  const { port } = await open()
  const client = await login(port, 'a')
  const messages = inbox(client)
  await client.subscribeAsync(['#', '+/#', '+/+'], { qos: 2 })
  await client.publishAsync('$other/C', 'hidden', { qos: 1 })
  await client.publishAsync('Topic/C', 'seen', { qos: 1 })
  await until(() => messages.length > 0)
  expect(new Set(messages)).toEqual(new Set(['Topic/C seen']))
})

test('after an UNSUBSCRIBE nothing comes for its filter', async () => {
  const { port } = await open()
  const [client, sender] = [await login(port, 'a'), await login(port, 'b')]
  const messages = inbox(client)
  await client.subscribeAsync([topics[0], topics[1], topics[2]], { qos: 2 })
  await client.unsubscribeAsync(topics[0])
  for (const topic of topics.slice(0, 3)) await sender.publishAsync(topic, '', { qos: 1 })
  await until(() => messages.length === 2)
  expect(messages).toEqual(['TopicA/B ', 'Topic/C '])
})

test('a will goes to its subscribers when the connection breaks', async () => {
  const { port } = await open()
  const watcher = await login(port, 'a')
  const messages = inbox(watcher)
  await watcher.subscribeAsync('TopicA/C', { qos: 2 })
  const will = { topic: 'TopicA/C', payload: Buffer.from('client not disconnected'), qos: 2, retain: true } as const
  const broken = await login(port, 'b', { will })
  broken.stream.destroy()
  await until(() => messages.length === 1)
  expect(messages).toEqual(['TopicA/C client not disconnected'])
})

test('an empty client id is taken with a clean session and refused without', async () => {
  const { port } = await open()
  const raw = async (flags: string) => {
    const { socket, received } = await rawConnection(port)
    socket.write(packetOf(`10 ( [ "MQTT" ] 04 ${flags} 00 3c [ ] [ "a" ] [ "secret-of-a" ] )`))
    await until(() => received().length === 4)
    return received().toString('hex')
  }
  expect(await raw('c2')).toBe('20020000')
  expect(await raw('c0')).toBe('20020002')
})

test('a refused subscription is answered with 0x80, and the others of its packet are granted', async () => {
  const { port } = await open()
  const client = await bare(port, 'x', { clean: true, keepAlive: 60 })
  client.socket.write(packetOf('82 ( 00 01 [ "$SYS/#" ] 02 [ "TopicA" ] 01 )'))
  await until(() => client.packets().length === 2)
  expect(client.packets()[1]).toMatchObject({ cmd: 'suback', granted: [128, 1] })
})

test('client ids are kept: a second connection of the same id ends the first, whoever logs in', async () => {
  const { port, broker } = await open()
  const first = await login(port, 'a', { clientId: 'same' })
  const other = await login(port, 'a', { clientId: 'other' })
  const ended = closed(first)
  await login(port, 'b', { clientId: 'same' })
  await ended
  expect(broker.figures()).toMatchObject({ clients: 2, takeovers: 1, replacedIds: 0 })
  const put = closed(other)
  broker.kick('a' as never)
  await put
  await until(() => broker.figures().clients === 1)
})

test('logins are asked for and $SYS stays closed under the profile too', async () => {
  const { port, reasons } = await open()
  expect(await refusedWith(login(port, 'a', { password: 'wrong' }))).toBe(4)
  const client = await login(port, 'a')
  const ended = closed(client)
  client.publish('$SYS/broker/version', 'x', { qos: 1 })
  await ended
  expect(reasons()).toEqual(['login-refused', 'publish-reserved-topic'])
})
