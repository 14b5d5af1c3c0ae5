import type { ReadingGroup } from '../domain/reading.ts'
import { writeMessage } from '../gateways/sl651/codec.ts'
import { control, hexText, writeFrame, type Frame } from '../gateways/sl651/frame.ts'
import { readBeijing, type Message, type Part } from '../gateways/sl651/message.ts'
import { createScanner } from '../gateways/sl651/scanner.ts'
import type { DeviceFigures } from './device-client.ts'
import { createStationClock, type FieldStation, type FieldStationParts, type StationClock } from './field-station.ts'
import { createStationMemory, partOf } from './sl651-memory.ts'
import { Uplink } from './uplink.ts'

export interface Sl651StationParts extends FieldStationParts {
  /** Station address, ten HEX digits. */
  address: string
  password: number
  encoding: Frame['encoding']
  /** Class byte (annex A). */
  stationClass: number
}

interface Upload {
  serial: number
  /** One frame, or the packets of M3. */
  frames: Frame[]
}

/** Timed report, request answers. */
const [timed, sample, period, chosen, clock] = [0x32, 0x37, 0x38, 0x3a, 0x4a]
/** Of its software; and the status word of a station that has nothing to tell: box closed, pump stopped. */
const [version, quiet] = ['GKSIM 1', 0x480]
/** Resends of one try (6.3), how long it waits for a confirmation, ms, and bytes of a packet. */
const [mostResends, confirmWithinMs, packetBytes] = [2, 10_000, 600]
const keepAliveMs = 40_000

/**
 * A station of SL 651 as a client over TCP: each group is a timed report (32H) that wants its confirmation, eight at a time. Without one it sends
 * again twice, then dials anew and begins afresh. Keeps the link alive, answers requests for a sample, a period, the clock and what it is; long answers
 * go in packets (M3), of which it sends again what is asked for.
 */
export function createSl651Station(parts: Sl651StationParts): FieldStation {
  return new Station(parts)
}

class Station implements FieldStation {
  readonly connected: Promise<void>
  readonly #parts: Sl651StationParts
  readonly #memory = createStationMemory()
  readonly #clock: StationClock
  readonly #uplink: Uplink<Upload, number>
  #scanner = createScanner()
  #keepAlive: unknown = null
  #serial = 0

  constructor(parts: Sl651StationParts) {
    this.#parts = parts
    this.#clock = createStationClock(parts)
    this.#uplink = new Uplink<Upload, number>({
      ...{ ...parts, answerWithinMs: confirmWithinMs, resends: mostResends },
      keyOf: ({ serial }) => serial,
      transmit: ({ frames }) => frames.forEach((frame) => this.#write(frame)),
      opened: () => this.#opened(),
      hear: (chunk) => this.#read(chunk),
    })
    this.connected = this.#uplink.connected
  }

  send(groups: readonly ReadingGroup[]): void {
    for (const group of groups) {
      const record = this.#memory.take({ ...group, at: (group.at ?? this.#parts.now()) + this.#clock.error() })
      if (record !== null) this.#add(timed, [this.#part(record)])
    }
  }

  settled(): Promise<void> {
    return this.#uplink.settled()
  }

  figures(): DeviceFigures {
    return this.#uplink.figures()
  }

  clockError(): number {
    return this.#clock.error()
  }

  loseLine(): void {
    this.#uplink.lose()
  }

  async stop(): Promise<void> {
    this.#parts.timers.clearTimeout(this.#keepAlive)
    this.#uplink.stop()
  }

  #part(record: { at: number; items: Part['items'] }): Part {
    return partOf(this.#parts.address, this.#parts.stationClass, record)
  }

  #opened(): void {
    this.#scanner = createScanner()
    this.#sayAlive()
  }

  #read(chunk: Buffer): void {
    for (const { frame } of this.#scanner.push(chunk).filter((found) => found.fault === undefined))
      if (frame.direction === 'down' && frame.station === this.#parts.address) this.#hear(frame)
  }

  /** 2FH, whose serial number is that of the last data frame. */
  #sayAlive(): void {
    const { timers } = this.#parts
    timers.clearTimeout(this.#keepAlive)
    this.#keepAlive = timers.setTimeout(() => this.#sayAlive(), keepAliveMs)
    this.#write(this.#frame(0x2f, this.#body(this.#serial || 1, [])))
  }

  #add(code: number, parts: Part[]): void {
    const serial = this.#nextSerial()
    this.#uplink.add([{ serial, frames: this.#framesOf(code, this.#body(serial, parts)) }])
  }

  #body(serial: number, parts: Part[]): Buffer {
    const message: Message = { serial, sentAt: this.#ownTime(), parts, text: null }
    return writeMessage(this.#parts.encoding, message)
  }

  #ownTime(): number {
    return Math.floor(this.#clock.now() / 1000) * 1000
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

  #write(frame: Frame): void {
    this.#uplink.write(writeFrame(frame))
  }

  #hear(frame: Frame): void {
    const head = headOf(frame)
    if (frame.end === control.ENQ) return this.#obey(frame.code, head)
    if (frame.end !== control.NAK) return void this.#uplink.answered(head.serial)
    const again = this.#uplink.waiting(head.serial)?.frames[(frame.packet?.number ?? 0) - 1]
    if (again !== undefined) this.#write({ ...again, end: control.ETX })
  }

  #obey(code: number, { sentAt, content }: Head): void {
    if (code === clock) {
      this.#clock.adjust(sentAt - this.#ownTime())
      return this.#write(
        this.#frame(clock, this.#body(this.#nextSerial(), [{ ...this.#part({ at: 0, items: [] }), stationClass: null, observedAt: null }])),
      )
    }
    const own = this.#ownAnswer(code)
    if (own !== null) return this.#write(this.#frame(code, own))
    if (code === chosen) return this.#add(chosen, this.#only(content))
    if (code === sample) {
      const newest = this.#memory.newest()
      this.#add(sample, newest === null ? [] : [this.#part(newest)])
    } else if (code === period) this.#add(period, this.#recall(content))
  }

  /** What it says of itself: version, state, event log, clock; null for other codes, and for what the ASCII encoding has no form for. */
  #ownAnswer(code: number): Buffer | null {
    const { encoding } = this.#parts
    const part: Part = { ...this.#part({ at: 0, items: [] }), stationClass: null, observedAt: null }
    const body = (items: Part['items'] = []): Buffer => this.#body(this.#nextSerial(), [{ ...part, items }])
    if (code === 0x51) return body()
    if (code === 0x46) return body([{ kind: 'status', bits: quiet }])
    if (encoding === 'ascii') return null
    if (code === 0x50) return body([{ kind: 'counters', values: Array.from({ length: 32 }, (_, i) => (i === 15 ? this.#serial : 0)) }])
    return code === 0x45 ? Buffer.concat([body(), Buffer.of(version.length), Buffer.from(version)]) : null
  }

  /** The newest of the elements that are asked for (3AH), by identifier alone or with their definitions behind. */
  #only(content: string): Part[] {
    const newest = this.#memory.newest()
    const wanted = new Set((content.match(/../g) ?? []).map((digits) => parseInt(digits, 16)))
    const items = newest?.items.filter((item) => item.kind === 'number' && wanted.has(item.id)) ?? []
    return newest === null ? [] : [this.#part({ at: newest.at, items })]
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
