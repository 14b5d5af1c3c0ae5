import { connect, type Socket } from 'node:net'
import type { DeviceId } from '../domain/ids.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { writeMessage } from '../gateways/sl651/codec.ts'
import { control, hexText, writeFrame, type Frame } from '../gateways/sl651/frame.ts'
import { readBeijing, type Message, type Part } from '../gateways/sl651/message.ts'
import { createScanner } from '../gateways/sl651/scanner.ts'
import type { DeviceClient, DeviceFigures, Timers } from './device-client.ts'
import { createStationMemory, partOf } from './sl651-memory.ts'

export interface Sl651StationParts {
  /** Where the gateway listens. */
  host: string
  port: number
  device: DeviceId
  /** Station address, ten HEX digits. */
  address: string
  password: number
  encoding: Frame['encoding']
  /** Class byte (annex A). */
  stationClass: number
  timers: Timers
  /** The true time, epoch ms. */
  now: () => number
  /** How much its clock gains a day, ms; 0 = a good one. */
  driftMsPerDay?: number
  onTrouble?: (message: string) => void
}

/** A simulated hydrology station with its own memory. */
export interface Sl651Station extends DeviceClient {
  /** Loses its line; it comes back after a second and sends again what was not confirmed. */
  loseLine(): void
  /** How far its clock is ahead of the true time, ms. */
  clockError(): number
}

interface Upload {
  serial: number
  /** One frame, or the packets of M3. */
  frames: Frame[]
  times: number
  timer: unknown
}

/** Timed report, request answers. */
const [timed, sample, period, clock] = [0x32, 0x37, 0x38, 0x4a]
/** Resends of one try (6.3), and how long it waits for a confirmation. */
const [mostResends, confirmWithinMs, reconnectMs, keepAliveMs] = [2, 10_000, 1_000, 40_000]
/** Uploads on their way at a time, in memory, and bytes of a packet. */
const [mostInFlight, mostQueued, packetBytes] = [8, 20_000, 600]
const day = 86_400_000

/**
 * A station of SL 651 as a client over TCP: each group is a timed report (32H) that wants its confirmation, eight at a time. Without one it sends
 * again twice, then dials anew and begins afresh. Keeps the link alive, answers requests for a sample, a period and the clock; long answers
 * go in packets (M3), of which it sends again what is asked for.
 */
export function createSl651Station(parts: Sl651StationParts): Sl651Station {
  return new Station(parts)
}

class Station implements Sl651Station {
  readonly connected: Promise<void>
  readonly #parts: Sl651StationParts
  readonly #memory = createStationMemory()
  readonly #queue: Upload[] = []
  readonly #inFlight = new Map<number, Upload>()
  readonly #startedAt: number
  #waiters: (() => void)[] = []
  #counts = { acknowledged: 0, dropped: 0 }
  #socket: Socket | null = null
  #redial: unknown = null
  #keepAlive: unknown = null
  #serial = 0
  /** What a 4AH has corrected. */
  #correction = 0
  #isOver = false
  #isTold = false
  #dialled: () => void = () => undefined

  constructor(parts: Sl651StationParts) {
    this.#parts = parts
    this.#startedAt = parts.now()
    this.connected = new Promise((resolve) => (this.#dialled = resolve))
    this.#dial()
  }

  send(groups: readonly ReadingGroup[]): void {
    for (const group of groups) {
      const record = this.#memory.take({ ...group, at: (group.at ?? this.#parts.now()) + this.clockError() })
      if (record !== null) this.#add(timed, [this.#part(record)])
    }
    this.#pump()
  }

  settled(): Promise<void> {
    return this.#isSettled() ? Promise.resolve() : new Promise((resolve) => this.#waiters.push(resolve))
  }

  figures(): DeviceFigures {
    return { ...this.#counts, waiting: this.#queue.length + this.#inFlight.size }
  }

  clockError(): number {
    const { driftMsPerDay = 0, now } = this.#parts
    return Math.round(((now() - this.#startedAt) * driftMsPerDay) / day) + this.#correction
  }

  loseLine(): void {
    this.#socket?.destroy()
  }

  async stop(): Promise<void> {
    const { timers } = this.#parts
    this.#isOver = true
    for (const timer of [this.#redial, this.#keepAlive]) timers.clearTimeout(timer)
    for (const { timer } of this.#inFlight.values()) timers.clearTimeout(timer)
    this.#socket?.destroy()
    this.#wake()
  }

  #part(record: { at: number; items: Part['items'] }): Part {
    return partOf(this.#parts.address, this.#parts.stationClass, record)
  }

  #isSettled(): boolean {
    return this.#isOver || (this.#queue.length === 0 && this.#inFlight.size === 0)
  }

  #wake(): void {
    if (this.#isSettled()) for (const wake of this.#waiters.splice(0)) wake()
  }

  #dial(): void {
    const { host, port, onTrouble } = this.#parts
    const scanner = createScanner()
    const socket = connect({ host, port, noDelay: true })
    socket.on('connect', () => {
      this.#socket = socket
      this.#isTold = false
      this.#dialled()
      this.#sayAlive()
      this.#pump()
    })
    socket.on('data', (chunk) => {
      for (const found of scanner.push(Buffer.from(chunk)))
        if (found.fault === undefined && found.frame.direction === 'down' && found.frame.station === this.#parts.address)
          this.#hear(found.frame)
    })
    socket.on('error', (error) => {
      if (!this.#isTold) onTrouble?.(error.message)
      this.#isTold = true
    })
    socket.on('close', () => this.#lost(socket))
  }

  /** What was not confirmed goes back to the head of the queue. */
  #lost(socket: Socket): void {
    const { timers } = this.#parts
    if (this.#socket === socket) this.#socket = null
    timers.clearTimeout(this.#keepAlive)
    const unconfirmed = [...this.#inFlight.values()]
    this.#inFlight.clear()
    for (const upload of unconfirmed) {
      timers.clearTimeout(upload.timer)
      upload.times = 0
    }
    this.#queue.unshift(...unconfirmed)
    if (!this.#isOver) this.#redial = timers.setTimeout(() => this.#dial(), reconnectMs)
  }

  /** 2FH, whose serial number is that of the last data frame. */
  #sayAlive(): void {
    this.#keepAlive = this.#parts.timers.setTimeout(() => this.#sayAlive(), keepAliveMs)
    this.#write(this.#frame(0x2f, this.#body(this.#serial || 1, [])))
  }

  #add(code: number, parts: Part[]): void {
    this.#serial = (this.#serial % 65_535) + 1
    const body = this.#body(this.#serial, parts)
    this.#queue.push({ serial: this.#serial, frames: this.#framesOf(code, body), times: 0, timer: null })
    const over = this.#queue.length - mostQueued
    if (over > 0) this.#counts.dropped += this.#queue.splice(0, over).length
  }

  #body(serial: number, parts: Part[]): Buffer {
    const message: Message = { serial, sentAt: this.#ownTime(), parts, text: null }
    return writeMessage(this.#parts.encoding, message)
  }

  #ownTime(): number {
    return Math.floor((this.#parts.now() + this.clockError()) / 1000) * 1000
  }

  #frame(code: number, body: Buffer, more: Partial<Frame> = {}): Frame {
    const { encoding, address, password } = this.#parts
    return { encoding, direction: 'up', centre: 1, station: address, password, code, packet: null, body, end: control.ETX, ...more }
  }

  /** Long bodies go in packets, the last ends with ETX. */
  #framesOf(code: number, body: Buffer): Frame[] {
    const total = Math.ceil(body.length / packetBytes)
    if (total <= 1) return [this.#frame(code, body)]
    return Array.from({ length: total }, (_, i) =>
      this.#frame(code, body.subarray(i * packetBytes, (i + 1) * packetBytes), {
        packet: { total, number: i + 1 },
        end: i === total - 1 ? control.ETX : control.ETB,
      }),
    )
  }

  #pump(): void {
    while (this.#socket !== null && !this.#isOver && this.#inFlight.size < mostInFlight) {
      const upload = this.#queue.shift()
      if (upload === undefined) return
      this.#inFlight.set(upload.serial, upload)
      this.#transmit(upload)
    }
  }

  #transmit(upload: Upload): void {
    upload.times += 1
    upload.timer = this.#parts.timers.setTimeout(() => {
      if (upload.times <= mostResends) this.#transmit(upload)
      else this.loseLine()
    }, confirmWithinMs)
    for (const frame of upload.frames) this.#write(frame)
  }

  #write(frame: Frame): void {
    this.#socket?.write(writeFrame(frame))
  }

  #hear(frame: Frame): void {
    const head = headOf(frame)
    if (frame.end === control.ENQ) return this.#obey(frame.code, head)
    const upload = this.#inFlight.get(head.serial)
    if (upload === undefined) return
    const again = frame.end === control.NAK ? upload.frames[(frame.packet?.number ?? 0) - 1] : undefined
    if (again !== undefined) return this.#write({ ...again, end: control.ETX })
    if (frame.end === control.NAK) return
    this.#parts.timers.clearTimeout(upload.timer)
    this.#inFlight.delete(head.serial)
    this.#counts.acknowledged += 1
    this.#pump()
    this.#wake()
  }

  #obey(code: number, { sentAt, content }: Head): void {
    if (code === clock) {
      this.#correction += sentAt - this.#ownTime()
      return this.#write(
        this.#frame(clock, this.#body(this.#nextSerial(), [{ ...this.#part({ at: 0, items: [] }), stationClass: null, observedAt: null }])),
      )
    }
    if (code === sample) {
      const newest = this.#memory.newest()
      this.#add(sample, newest === null ? [] : [this.#part(newest)])
    } else if (code === period) this.#add(period, this.#recall(content))
    this.#pump()
  }

  #nextSerial(): number {
    return (this.#serial = (this.#serial % 65_535) + 1)
  }

  /** `from(8) to(8) 0418 dhm element …` as HEX digits. Its first part only: what is longer is asked for in another request. */
  #recall(content: string): Part[] {
    const [from, to] = [readBeijing(`${content.slice(0, 8)}00`), readBeijing(`${content.slice(8, 16)}00`)]
    const [days = 0, hours = 0, minutes = 0] = (content.slice(20, 26).match(/../g) ?? []).map(Number)
    const stepMs = ((days * 24 + hours) * 60 + minutes) * 60_000
    const found = this.#memory.period(parseInt(content.slice(26, 28), 16), { from, to, stepMs })
    return found.map((record) => this.#part(record))
  }
}

interface Head {
  serial: number
  sentAt: number
  /** What follows, as HEX digits. */
  content: string
}

function headOf({ encoding, body }: Frame): Head {
  const text = encoding === 'hex' ? hexText(body) : Buffer.from(body).toString('latin1')
  return { serial: parseInt(text.slice(0, 4), 16), sentAt: readBeijing(text.slice(4, 16)), content: text.slice(16) }
}
