import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { parser as createParser, type IPublishPacket, type Packet } from 'mqtt-packet'
import { stringify } from 'yaml'
import { until } from '../broker/testing/brokers.ts'
import { deviceId } from '../domain/ids.ts'
import { createDeviceClient, type Timers } from './device-client.ts'
import { ServerAway, ServerSilent } from './errors.ts'
import { openFieldLine } from './field-lines.ts'
import { connectDevices } from './replay/connections.ts'
import { replay } from './replay/replay.ts'
import { readScenario } from './scenarios/scenario.ts'
import { simulate } from './simulate.ts'
import { createSimulation } from './simulation.ts'

const cleanups: (() => void)[] = []
afterEach(() => void cleanups.splice(0).forEach((cleanup) => cleanup()))

async function listening(server: Server, sockets: Set<Socket>): Promise<number> {
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

interface Seen extends Pick<IPublishPacket, 'topic' | 'dup'> {
  line: number
  payload: string
}

/** A broker that keeps its lines and swallows the PUBACKs that it is told to. */
async function openSwallower(swallows: (seen: Seen, before: readonly Seen[]) => boolean) {
  const [seen, sockets]: [Seen[], Set<Socket>] = [[], new Set()]
  const count = { lines: 0, swallowed: 0 }
  const server = createServer((socket) => {
    const line = (count.lines += 1)
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    const parser = createParser()
    parser.on('packet', (packet: Packet) => {
      const id = [(packet.messageId ?? 0) >> 8, (packet.messageId ?? 0) & 255] as const
      if (packet.cmd === 'connect') socket.write(Buffer.from([0x20, 2, 0, 0]))
      if (packet.cmd === 'subscribe') socket.write(Buffer.from([0x90, 3, ...id, 1]))
      if (packet.cmd !== 'publish') return
      const one = { line, topic: packet.topic, dup: packet.dup, payload: packet.payload.toString() }
      const isSwallowed = swallows(one, seen)
      seen.push(one)
      if (isSwallowed) count.swallowed += 1
      else socket.write(Buffer.from([0x40, 2, ...id]))
    })
    socket.on('data', (chunk) => parser.parse(chunk))
  })
  const leave = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: await listening(server, sockets), seen, count, sockets, leave }
}

/** Clock hands that move when the test says so: what nobody stopped runs. */
function handHeldTimers() {
  const pending = new Set<() => void>()
  const timers: Timers = {
    setTimeout(run, ms) {
      if (ms < 10_000) return setTimeout(run, 0)
      pending.add(run)
      return run
    },
    clearTimeout: (handle) => void pending.delete(handle as () => void),
  }
  const fire = (): void => {
    for (const run of [...pending]) if (pending.delete(run)) run()
  }
  return { timers, pending, fire }
}

const isReading = ({ topic }: Pick<Seen, 'topic'>): boolean => topic.endsWith('/readings')
const group = {
  ...{ at: 1_000, seq: null, position: null },
  readings: [{ name: 'ph', number: null, station: null, value: 7, unit: null, sourceQuality: null }],
}

test('a device whose PUBACK is swallowed breaks its line, comes back, and sends the same again with DUP', async () => {
  const broker = await openSwallower((one, before) => isReading(one) && !before.some(isReading))
  const { timers, pending, fire } = handHeldTimers()
  const troubles: string[] = []
  const client = createDeviceClient({
    ...{ url: `mqtt://127.0.0.1:${broker.port}`, device: deviceId('rtu-1'), secret: 'x', timers, answerWithinMs: 30_000 },
    onTrouble: (message) => troubles.push(message),
  })
  await client.connected
  client.send([group])
  await until(() => broker.count.swallowed === 1 && pending.size === 1)
  expect(client.figures().waiting).toBe(1)
  fire()
  await client.settled()
  const [first, second, ...more] = broker.seen.filter(isReading)
  expect([first?.dup, first?.line, second?.dup, second?.line, more]).toEqual([false, 1, true, 2, []])
  expect(second?.payload).toBe(first?.payload)
  expect(troubles).toEqual(['no acknowledgement within 30 s: the line is broken, and all that waits sent again'])
  await client.stop()
  expect(pending.size).toBe(0)
})

const title = { en: 'x', zh: 'x' }
const scenario = readScenario(stringify({ id: 'trial', title, about: title, lasts: '1h', weather: 'calm' }), 'trial')

/** A simulation against a broker that swallows, whose clock hands move when it does. */
function simulated(port: number, timers: Timers, stop?: AbortSignal) {
  const simulation = createSimulation({
    ...{ scenario, run: 'trial', stations: 21, seed: 1, startAt: Date.parse('2026-06-15T00:00:00Z'), lastsMs: null },
  })
  return simulate({
    ...{ simulation, speed: 'max', hands: null, timers, truth: null, ...(stop && { stop }) },
    url: `mqtt://127.0.0.1:${port}`,
    secrets: new Map(simulation.network.devices.map(({ id }) => [id, 'x'])),
    clock: () => Promise.resolve(),
    now: () => performance.now(),
    sleep: () => Promise.resolve(),
  })
}

test('a simulation goes on where one PUBACK was swallowed, counts it, and loses and reorders nothing', async () => {
  const clean = await openSwallower(() => false)
  const undisturbed = await simulated(clean.port, handHeldTimers().timers)
  const broker = await openSwallower((_, before) => before.length === 40)
  const { timers, pending, fire } = handHeldTimers()
  const running = simulated(broker.port, timers)
  await until(() => broker.count.swallowed === 1 && pending.size === 1)
  fire()
  const progress = await running
  expect([undisturbed.unanswered, progress.unanswered, progress.messages]).toEqual([0, 1, undisturbed.messages])
  expect(broker.seen.filter(({ dup }) => dup)).toHaveLength(1)
  const first = (seen: readonly Seen[], device: string): string[] =>
    seen.flatMap(({ topic, dup, payload }) => (!dup && topic.includes(device) ? [payload] : []))
  for (const { topic } of clean.seen) expect(first(broker.seen, topic)).toEqual(first(clean.seen, topic))
})

/** How something ends while the clock hands move. */
async function ends(running: Promise<unknown>, fire: () => void): Promise<unknown> {
  let end: unknown = null
  running.then(
    (value) => (end = value),
    (error: unknown) => (end = error),
  )
  await until(() => {
    fire()
    return end !== null
  })
  return end
}

test('a server that lets devices in and acknowledges nothing ends a simulation and a replay, with the reason', async () => {
  const broker = await openSwallower(() => true)
  const { timers, fire } = handHeldTimers()
  let swallowed = 0
  /** Only where all lines stand, and something was sent again. */
  const fireWith = (devices: number) => (): void => {
    if (broker.sockets.size < devices || broker.count.swallowed === swallowed) return
    swallowed = broker.count.swallowed
    fire()
  }
  const end = await ends(simulated(broker.port, timers), fireWith(21))
  expect(end).toBeInstanceOf(ServerSilent)
  expect(String(end)).toMatch(/sending as trial-\S+: 10 times in a row nothing was acknowledged in time/)
  const url = `mqtt://127.0.0.1:${broker.port}`
  const file = new URL('testdata/one-row.csv', import.meta.url).pathname
  const replaying = replay({
    ...{ files: [file], url, run: 'flood', secrets: new Map([['flood-Y1', 'x']]), speed: 'max', rate: null, resumeAfterRows: 0 },
    ...{ timers, now: () => 0, sleep: () => Promise.resolve() },
  })
  expect(await ends(replaying, fireWith(1))).toBeInstanceOf(ServerSilent)
})

test('a server that goes away with something on its way, or was never there, ends a simulation with that reason', async () => {
  const broker = await openSwallower((_, before) => before.length >= 40)
  const { timers, fire } = handHeldTimers()
  const end = await ends(simulated(broker.port, timers), () => {
    if (broker.count.swallowed > 0) broker.leave()
    if (broker.sockets.size === 0) fire()
  })
  expect(end).toBeInstanceOf(ServerAway)
  expect(String(end)).toMatch(/sending as trial-\S+: 10 times in a row there was no line to the server/)
  expect(await ends(simulated(broker.port, timers), fire)).toBeInstanceOf(ServerAway)
})

test('nobody misses the line of a server that hides, or on which there is nothing to send', async () => {
  const broker = await openSwallower(() => false)
  const { timers, pending, fire } = handHeldTimers()
  let isHidden = false
  const connections = await connectDevices({
    ...{ url: `mqtt://127.0.0.1:${broker.port}`, secrets: new Map([['rtu-1', 'x']]), timers, answerWithinMs: 30_000 },
    isHidden: () => isHidden,
  })
  broker.leave()
  await until(() => pending.size === 1)
  for (let times = 0; times < 20; times += 1) fire()
  isHidden = true
  const sent = connections.send('rtu-1', 'devices/rtu-1/readings', '{}')
  for (let times = 0; times < 20; times += 1) fire()
  isHidden = false
  for (let times = 0; times < 10; times += 1) fire()
  await expect(sent).rejects.toThrow(ServerAway)
  await connections.close()
  expect(pending.size).toBe(0)
})

test('a simulation that is stopped ends without a server that takes anything, and without one at all', async () => {
  const broker = await openSwallower(() => true)
  const stop = new AbortController()
  const running = simulated(broker.port, handHeldTimers().timers, stop.signal)
  await until(() => broker.count.swallowed > 0)
  stop.abort()
  expect(await running).toMatchObject({ acknowledged: 0, truth: null })
  broker.leave()
  const connecting = new AbortController()
  const never = simulated(broker.port, handHeldTimers().timers, connecting.signal)
  connecting.abort()
  expect(await never).toMatchObject({ messages: 0, truth: null })
})

test('a station of a field protocol that nobody answers sends again, counts it, and gives up with the same words', async () => {
  const sockets = new Set<Socket>()
  let heard = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('data', () => (heard += 1))
  })
  const port = await listening(server, sockets)
  const { timers, fire } = handHeldTimers()
  const device = { id: deviceId('works'), protocol: 'hj212', hj212: { mn: '0123456789ABCDEF' } } as Parameters<
    typeof openFieldLine
  >[0]['device']
  const line = openFieldLine({ device, secret: '123456', address: `127.0.0.1:${port}`, timers, stationClass: 72, st: '32' })
  cleanups.push(() => line.stop())
  await line.connected
  let end: unknown = null
  line.send('DataTime=20260615000000;w01018-Rtd=20,w01018-Flag=N', 0).catch((error: unknown) => (end = error))
  await until(() => {
    fire()
    return end !== null
  })
  expect(end).toBeInstanceOf(ServerSilent)
  expect(line.unanswered()).toBe(10)
  expect(heard).toBeGreaterThan(1)
  await expect(line.send('DataTime=20260615000500;w01018-Rtd=20,w01018-Flag=N', 1)).rejects.toThrow(ServerSilent)
  server.close()
  for (const socket of sockets) socket.destroy()
  const lonely = openFieldLine({ device, secret: '123456', address: `127.0.0.1:${port}`, timers, stationClass: 72, st: '32' })
  cleanups.push(() => lonely.stop())
  expect(await ends(lonely.connected, fire)).toBeInstanceOf(ServerAway)
})
