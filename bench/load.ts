import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { build } from 'hdr-histogram-js'
import { connectFrame, publishTemplate, type PublishTemplate } from './frames.ts'

/** What a load generator process is told, as JSON in its first argument. */
export interface LoadOrder {
  port: number
  connections: number
  /** Messages of each connection. */
  messages: number
  /** Unacknowledged at a time and connection, at full speed. */
  window: number
  /** Offered messages/s in all; null = as fast as they are acknowledged. */
  rate: number | null
  /** Acknowledgements of the first so many seconds are not counted in the latency: the code is still being compiled. */
  warmUpSeconds?: number
  startAt: number
  stepMs: number
  logins: { user: string; password: string; topic: string; station: string }[] | null
}

export interface LoadResult {
  sent: number
  acknowledged: number
  seconds: number
  perSecond: number
  /** PUBACK latency, ms; null at full speed, where it says nothing. */
  p50: number | null
  p99: number | null
}

interface Line {
  socket: Socket
  template: PublishTemplate
  sent: number
  acknowledged: number
  /** Bytes of a PUBACK that came cut. */
  partial: number
  /** Send time by packet id, ring of 65,536. */
  sentAt: Float64Array | null
}

/** Connects, publishes QoS 1 and counts acknowledgements; ends when every message is acknowledged. */
export async function load(order: LoadOrder): Promise<LoadResult> {
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
  const lines = await Promise.all(Array.from({ length: order.connections }, (_, i) => openLine(order, i)))
  const total = order.connections * order.messages
  let acknowledged = 0
  const begun = performance.now()
  const countFrom = begun + (order.warmUpSeconds ?? 0) * 1000
  await new Promise<void>((resolve, reject) => {
    for (const line of lines) {
      line.socket.on('error', reject)
      line.socket.on('close', () => reject(new Error(`connection closed after ${acknowledged} of ${total}`)))
      line.socket.on('data', (chunk: Buffer) => {
        const acks = countAcks(line, chunk, order.rate === null || performance.now() < countFrom ? null : histogram)
        acknowledged += acks
        if (acknowledged === total) resolve()
        else if (order.rate === null) send(line, Math.min(acks, order.messages - line.sent))
      })
    }
    if (order.rate === null) for (const line of lines) send(line, Math.min(order.window, order.messages))
    else pace(lines, order.rate, order.messages)
  })
  const seconds = (performance.now() - begun) / 1000
  for (const line of lines) line.socket.removeAllListeners('close').destroy()
  const paced = order.rate !== null
  return {
    sent: total,
    acknowledged,
    seconds,
    perSecond: total / seconds,
    p50: paced ? histogram.getValueAtPercentile(50) / 1000 : null,
    p99: paced ? histogram.getValueAtPercentile(99) / 1000 : null,
  }
}

function openLine(order: LoadOrder, index: number): Promise<Line> {
  const login = order.logins?.[index] ?? null
  const topic = login?.topic ?? `devices/bench-${index}/readings`
  const station = login?.station ?? `bench-${String(index).padStart(4, '0')}`
  const template = publishTemplate(topic, station, 'water_level', order.startAt, order.stepMs)
  const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => socket.write(connectFrame(`bench-${index}`, login)))
    socket.once('data', (connack: Buffer) => {
      if (connack[0] !== 0x20 || connack[3] !== 0) return reject(new Error(`connection ${index} refused: ${connack.toString('hex')}`))
      socket.removeAllListeners('error')
      resolve({
        socket,
        template,
        sent: 0,
        acknowledged: 0,
        partial: 0,
        sentAt: order.rate === null ? null : new Float64Array(65_536),
      })
    })
  })
}

/** Sends the next `count` messages of a line in one write. */
function send(line: Line, count: number): void {
  if (count <= 0) return
  const size = line.template.bytes.length
  const out = Buffer.allocUnsafe(size * count)
  for (let i = 0; i < count; i += 1) {
    const packetId = 1 + (line.sent % 65_535)
    line.template.patch(line.sent, packetId)
    line.template.bytes.copy(out, i * size)
    if (line.sentAt) line.sentAt[packetId] = performance.now()
    line.sent += 1
  }
  line.socket.write(out)
}

/** A PUBACK is four bytes: 0x40 0x02 and the packet id. */
function countAcks(line: Line, chunk: Buffer, histogram: { recordValue: (value: number) => void } | null): number {
  const had = line.partial
  line.partial = (had + chunk.length) % 4
  const acks = Math.floor((had + chunk.length) / 4)
  if (histogram && line.sentAt) {
    const now = performance.now()
    for (let i = 0; i < acks; i += 1) {
      // acknowledged in the order sent (MQTT 3.1.1, 4.6): the i-th answer belongs to the i-th message
      const sentAt = line.sentAt[1 + ((line.acknowledged + i) % 65_535)] ?? now
      histogram.recordValue(Math.max(1, Math.round((now - sentAt) * 1000)))
    }
  }
  line.acknowledged += acks
  return acks
}

/** Offers `rate` messages/s, spread over the lines in turn, on a clock that catches up. */
function pace(lines: readonly Line[], rate: number, messages: number): void {
  const total = lines.length * messages
  const begun = performance.now()
  let offered = 0
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * rate))
    for (; offered < due; offered += 1) {
      const line = lines[offered % lines.length]
      if (line) send(line, 1)
    }
    if (offered >= total) clearInterval(timer)
  }, 1)
}
