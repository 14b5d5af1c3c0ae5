import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { parser as createParser, type Packet } from 'mqtt-packet'
import { LoadGenerator } from './generator.ts'
import { LoadRefused } from './line.ts'
import { strangersOf } from './network.ts'
import type { LoadOrder, LoadTick, Pace } from './order.ts'
import { serveLoad, type LoadTells, type LoadTold } from './worker.ts'

interface Seen {
  device: string
  seq: number
  packetId: number
}

interface Sink {
  port: number
  seen: Seen[]
  sockets: Set<Socket>
}

const servers: Server[] = []
afterEach(() => void servers.splice(0).forEach((server) => server.close()))

/** A broker that answers each packet as `answer` says; absent = CONNACK and PUBACK. */
async function openSink(answer: (packet: Packet, socket: Socket, seen: readonly Seen[]) => boolean = () => true): Promise<Sink> {
  const [seen, sockets]: [Seen[], Set<Socket>] = [[], new Set()]
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    const parser = createParser()
    parser.on('packet', (packet: Packet) => {
      if (packet.cmd === 'publish')
        seen.push({
          device: packet.topic,
          seq: (JSON.parse(packet.payload.toString()) as { seq: number }).seq - 1_000_000,
          packetId: packet.messageId ?? 0,
        })
      if (!answer(packet, socket, seen)) return
      if (packet.cmd === 'connect') socket.write(Buffer.from([0x20, 2, 0, 0]))
      if (packet.cmd === 'publish') socket.write(Buffer.from([0x40, 2, (packet.messageId ?? 0) >> 8, (packet.messageId ?? 0) & 255]))
    })
    socket.on('data', (chunk) => parser.parse(chunk))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, seen, sockets }
}

const orderOf = (port: number, devices: number, pace: Pace, others: Partial<LoadOrder> = {}): LoadOrder => ({
  ...{ host: '127.0.0.1', port, devices: strangersOf('load', devices), pace, keepAliveSeconds: 60 },
  ...{ comingsPerMinute: 0, drainMs: 10_000, startAt: Date.UTC(2026, 0, 1), stepMs: 1000 },
  ...others,
})

async function make(order: LoadOrder): Promise<{ ticks: LoadTick[]; end: Awaited<ReturnType<LoadGenerator['run']>> }> {
  const generator = new LoadGenerator(order, () => performance.now())
  const ticks: LoadTick[] = []
  try {
    await generator.open(() => undefined)
    return { end: await generator.run((tick) => ticks.push(tick)), ticks }
  } finally {
    generator.close()
  }
}

const sum = (ticks: readonly LoadTick[], read: (tick: LoadTick) => number): number => ticks.reduce((all, tick) => all + read(tick), 0)
const numbersOf = (seen: readonly Seen[]): Map<string, number[]> => {
  const found = new Map<string, number[]>()
  for (const { device, seq } of seen) found.set(device, [...(found.get(device) ?? []), seq])
  return found
}

test('a closed load sends each device its messages in order, never more than its window unacknowledged', async () => {
  const held: (() => void)[] = []
  let mostHeld = 0
  const sink = await openSink((packet, socket) => {
    if (packet.cmd !== 'publish') return true
    held.push(() => void socket.write(Buffer.from([0x40, 2, (packet.messageId ?? 0) >> 8, (packet.messageId ?? 0) & 255])))
    mostHeld = Math.max(mostHeld, held.length)
    setImmediate(() => held.shift()?.())
    return false
  })
  const { end } = await make(orderOf(sink.port, 3, { kind: 'closed', window: 4, messages: 50, ms: null }))
  expect(end).toMatchObject({ offered: 150, acknowledged: 150 })
  expect(mostHeld).toBeLessThanOrEqual(12)
  const expected = Array.from({ length: 50 }, (_, i) => i)
  for (const numbers of numbersOf(sink.seen).values()) expect(numbers).toEqual(expected)
})

test('an open load offers its messages in turn, whether or not they are acknowledged', async () => {
  const sink = await openSink((packet) => packet.cmd !== 'publish')
  const phases = [
    { perSecond: 400, ms: 100 },
    { perSecond: 1000, ms: 60 },
  ]
  const { end, ticks } = await make(orderOf(sink.port, 10, { kind: 'open', phases }, { drainMs: 50 }))
  expect(end).toMatchObject({ offered: 100, acknowledged: 0 })
  expect([...numbersOf(sink.seen).values()].map((numbers) => numbers.length)).toEqual(Array.from({ length: 10 }, () => 10))
  expect(sum(ticks, (tick) => tick.offered)).toBe(100)
})

test('a connection that ends comes back and sends again what was not acknowledged', async () => {
  let cut = false
  const sink = await openSink((packet, socket, seen) => {
    if (packet.cmd !== 'publish' || cut || seen.length < 10) return true
    cut = true
    socket.destroy()
    return false
  })
  const { end, ticks } = await make(orderOf(sink.port, 1, { kind: 'closed', window: 5, messages: 20, ms: null }))
  expect(end).toMatchObject({ offered: 20, acknowledged: 20 })
  expect(new Set(sink.seen.map(({ seq }) => seq)).size).toBe(20)
  expect([sum(ticks, (tick) => tick.broken), sum(ticks, (tick) => tick.resent) > 0]).toEqual([1, true])
})

test('connections that come and go lose nothing and are not counted as broken', async () => {
  const sink = await openSink()
  const comings = { comingsPerMinute: 6_000 }
  const { end, ticks } = await make(orderOf(sink.port, 5, { kind: 'open', phases: [{ perSecond: 500, ms: 400 }] }, comings))
  expect(end).toMatchObject({ offered: 200, acknowledged: 200 })
  expect(new Set(sink.seen.map(({ device, seq }) => `${device} ${seq}`)).size).toBe(200)
  expect(sum(ticks, (tick) => tick.broken)).toBe(0)
})

test('an acknowledgement of nothing is counted and acknowledges nothing', async () => {
  const sink = await openSink((packet, socket) => {
    if (packet.cmd === 'publish') socket.write(Buffer.from([0x40, 2, 0xee, 0xee]))
    return true
  })
  const { end, ticks } = await make(orderOf(sink.port, 1, { kind: 'closed', window: 1, messages: 3, ms: null }))
  expect(end.acknowledged).toBe(3)
  expect(sum(ticks, (tick) => tick.strange)).toBe(3)
})

test('a login that is refused ends the load with its reason', async () => {
  const sink = await openSink((packet, socket) => {
    if (packet.cmd === 'connect') socket.end(Buffer.from([0x20, 2, 0, 5]))
    return false
  })
  await expect(make(orderOf(sink.port, 2, { kind: 'closed', window: 1, messages: 1, ms: null }))).rejects.toThrow(LoadRefused)
})

test('a login that a busy server cuts short is tried again', async () => {
  let cuts = 0
  const sink = await openSink((packet, socket) => {
    if (packet.cmd !== 'connect' || cuts > 0) return true
    cuts += 1
    socket.resetAndDestroy()
    return false
  })
  const { end } = await make(orderOf(sink.port, 1, { kind: 'closed', window: 1, messages: 2, ms: null }))
  expect([cuts, end.acknowledged]).toEqual([1, 2])
})

test('an early load sends while others log in, and whoever comes late sends all that was due', async () => {
  const late: (() => void)[] = []
  let first: string | null = null
  const sink = await openSink((packet, socket) => {
    if (packet.cmd !== 'connect') return true
    first ??= packet.clientId
    const isLate = packet.clientId !== first
    if (isLate) late.push(() => void socket.write(Buffer.from([0x20, 2, 0, 0])))
    return !isLate
  })
  const told: LoadTells[] = []
  let listener: (told: LoadTold) => void = () => undefined
  const channel = { tell: (what: LoadTells) => void told.push(what), onTold: (to: typeof listener) => void (listener = to) }
  const served = serveLoad(channel, () => performance.now())
  listener({ order: orderOf(sink.port, 3, { kind: 'open', phases: [{ perSecond: 300, ms: 100 }] }, { early: true }) })
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await until(() => told.some((what) => 'ready' in what))
  listener({ begin: true })
  await until(() => sink.seen.length === 10)
  expect([late.length, new Set(sink.seen.map(({ device }) => device)).size]).toEqual([2, 1])
  for (const letIn of late) letIn()
  await served
  expect(told.find((what) => 'end' in what)).toMatchObject({ end: { offered: 30, acknowledged: 30 } })
  expect([...numbersOf(sink.seen).values()].map((numbers) => numbers.length)).toEqual([10, 10, 10])
})

test('a load that is stopped waits for the acknowledgements of what it has sent', async () => {
  const sink = await openSink()
  const generator = new LoadGenerator(orderOf(sink.port, 2, { kind: 'closed', window: 3, messages: null, ms: null }), () =>
    performance.now(),
  )
  await generator.open(() => undefined)
  const running = generator.run(() => undefined)
  while (sink.seen.length < 20) await new Promise((resolve) => setTimeout(resolve, 5))
  generator.stop()
  const end = await running
  generator.close()
  expect(end.acknowledged).toBe(end.offered)
})
