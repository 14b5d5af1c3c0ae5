import { connect, type Socket } from 'node:net'
import type { DeviceId } from '../domain/ids.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { writeData } from '../gateways/hj212/encode.ts'
import { writeFrame, writeQn, writeTime, type Edition, type Frame, type Framing } from '../gateways/hj212/frame.ts'
import { judge } from '../gateways/hj212/judge.ts'
import { fieldOf } from '../gateways/hj212/requests.ts'
import { createScanner } from '../gateways/hj212/scanner.ts'
import { parseInstant } from '../domain/time.ts'
import type { DeviceClient, DeviceFigures, Timers } from './device-client.ts'
import { createLoggerMemory, toFactors, type HistoryRecord } from './hj212-memory.ts'

export interface Hj212StationParts {
  /** Where the gateway listens. */
  host: string
  port: number
  device: DeviceId
  mn: string
  password: string
  edition: Edition
  /** System code: 21 surface water, 22 air, 31 air pollution source, 32 waste water. */
  st: string
  timers: Timers
  /** The true time, epoch ms. */
  now: () => number
  /** How much its clock gains a day, ms; 0 = a good one. */
  driftMsPerDay?: number
  /** Encrypts its data areas (2025). */
  encrypt?: Framing['encrypt']
  onTrouble?: (message: string) => void
}

/** A simulated data logger with its own memory. */
export interface Hj212Station extends DeviceClient {
  /** Loses its line; it comes back after a second and sends again what was not answered. */
  loseLine(): void
  /** How far its clock is ahead of the true time, ms. */
  clockError(): number
}

interface Message {
  cn: string
  area: string
  part: Frame['part']
  /** Sent so many times; again after each loss of the line. */
  times: number
  timer: unknown
  isOld: boolean
  /** Called when it is answered. */
  done: () => void
}

const versions: Readonly<Record<Edition, number>> = { '2005': 0, '2017': 4, '2025': 8 }
/** 2017 table 1, and its bound for a data area. */
const [overTimeMs, mostResends, mostArea] = [10_000, 3, 950]
const mostInFlight = 8
/** Messages that the memory holds; the oldest goes first. */
const mostQueued = 20_000
const reconnectMs = 1_000
const day = 86_400_000

/**
 * A station of HJ 212 as a client over TCP: real-time data (2011) as they are given, hourly (2061) and daily data (2031) when their time
 * is over, each wanting its 9014, eight at a time. Without one it sends again, with the same QN, and after the third time it dials anew.
 * Answers requests: clock, intervals, history from its memory. Areas beyond 950 characters go in several packets.
 */
export function createHj212Station(parts: Hj212StationParts): Hj212Station {
  return new Station(parts)
}

class Station implements Hj212Station {
  readonly connected: Promise<void>
  readonly #parts: Hj212StationParts
  readonly #memory
  readonly #queue: Message[] = []
  readonly #inFlight = new Map<string, Message>()
  readonly #startedAt: number
  #waiters: (() => void)[] = []
  #counts = { acknowledged: 0, dropped: 0 }
  #socket: Socket | null = null
  #redial: unknown = null
  #lastQn = 0
  #password: string
  /** What a 1012 has corrected. */
  #correction = 0
  #rtdIntervalMs = 0
  #lastRtdAt = -Infinity
  #isSilent = false
  #isOver = false
  #isTold = false
  #dialled: () => void = () => undefined

  constructor(parts: Hj212StationParts) {
    this.#parts = parts
    this.#memory = createLoggerMemory(parts.edition)
    this.#startedAt = parts.now()
    this.#password = parts.password
    this.connected = new Promise((resolve) => (this.#dialled = resolve))
    this.#dial()
  }

  send(groups: readonly ReadingGroup[]): void {
    for (const group of groups) {
      const at = (group.at ?? this.#parts.now()) + this.clockError()
      const factors = toFactors({ ...group, at })
      if (factors.length === 0) continue
      for (const record of this.#memory.take(factors)) if (record.cn !== '2051') this.#add(record)
      if (this.#isSilent || at - this.#lastRtdAt < this.#rtdIntervalMs) continue
      this.#lastRtdAt = at
      const second = factors[0]?.at ?? at
      this.#add({ cn: '2011', at: second, area: writeData(second, factors, this.#parts.edition) })
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
    this.#isOver = true
    this.#parts.timers.clearTimeout(this.#redial)
    for (const { timer } of this.#inFlight.values()) this.#parts.timers.clearTimeout(timer)
    this.#socket?.destroy()
    this.#wake()
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
      this.#pump()
    })
    socket.on('data', (chunk: Buffer) => {
      for (const raw of scanner.push(chunk)) {
        const judged = raw.fault === undefined ? judge(raw) : raw
        if (judged.fault === undefined && judged.frame.mn === this.#parts.mn) this.#hear(judged.frame)
      }
    })
    socket.on('error', (error) => {
      if (!this.#isTold) onTrouble?.(error.message)
      this.#isTold = true
    })
    socket.on('close', () => this.#lost(socket))
  }

  /** What was not answered goes back to the head of the queue. */
  #lost(socket: Socket): void {
    if (this.#socket === socket) this.#socket = null
    const unanswered = [...this.#inFlight.values()]
    this.#inFlight.clear()
    for (const message of unanswered) {
      this.#parts.timers.clearTimeout(message.timer)
      Object.assign(message, { times: 0, isOld: true })
    }
    this.#queue.unshift(...unanswered)
    if (!this.#isOver) this.#redial = this.#parts.timers.setTimeout(() => this.#dial(), reconnectMs)
  }

  /** `done` when all its packets are answered. */
  #add({ cn, area }: HistoryRecord, done: () => void = () => undefined): void {
    const pieces = piecesOf(area)
    let left = pieces.length
    const answered = (): void => void ((left -= 1) === 0 && done())
    for (const [place, piece] of pieces.entries()) {
      const part = pieces.length === 1 ? null : { number: place + 1, of: pieces.length }
      this.#queue.push({ cn, area: piece, part, times: 0, timer: null, isOld: false, done: answered })
    }
    const over = this.#queue.length - mostQueued
    if (over > 0) this.#counts.dropped += this.#queue.splice(0, over).length
  }

  #pump(): void {
    while (this.#socket !== null && !this.#isOver && this.#inFlight.size < mostInFlight) {
      const message = this.#queue.shift()
      if (message === undefined) return
      const qn = this.#nextQn()
      this.#inFlight.set(qn, message)
      this.#transmit(qn, message)
    }
  }

  #transmit(qn: string, message: Message): void {
    const { timers, edition } = this.#parts
    message.times += 1
    message.timer = timers.setTimeout(() => {
      if (message.times <= mostResends) this.#transmit(qn, message)
      else this.loseLine()
    }, overTimeMs)
    const flag = versions[edition] + 1 + (message.part === null ? 0 : 2)
    this.#write({ qn, cn: message.cn, area: message.area, flag, part: message.part, isResent: message.isOld && edition === '2025' })
  }

  #write(frame: { qn: string; cn: string; area: string; flag: number; part?: Frame['part']; isResent?: boolean; st?: string }): void {
    const { mn, st, encrypt = null } = this.#parts
    const framing: Framing = { crc: 'hj212', encrypt: frame.cn.startsWith('2') ? encrypt : null }
    this.#socket?.write(writeFrame({ st, pw: this.#password, mn, ...frame }, framing))
  }

  #nextQn(): string {
    this.#lastQn = Math.max(this.#parts.now() + this.clockError(), this.#lastQn + 1)
    return writeQn(this.#lastQn)
  }

  #hear(frame: Frame): void {
    const message = frame.cn === '9014' ? this.#inFlight.get(frame.qn) : undefined
    if (message !== undefined) {
      this.#parts.timers.clearTimeout(message.timer)
      this.#inFlight.delete(frame.qn)
      this.#counts.acknowledged += 1
      message.done()
      this.#pump()
      this.#wake()
    } else if (!frame.cn.startsWith('9')) this.#obey(frame)
  }

  #answer({ qn }: Frame, cn: string, area: string): void {
    this.#write({ qn, cn, area, st: '91', flag: versions[this.#parts.edition] })
  }

  /** Requests: acknowledged (9011), carried out, and their result (9012); notices: 9013. */
  #obey(frame: Frame): void {
    if (frame.pw !== this.#password) return this.#answer(frame, '9011', 'QnRtn=3')
    if (frame.cn === '2012') {
      this.#isSilent = true
      return this.#answer(frame, '9013', '')
    }
    const result = this.#execute(frame)
    if (result === null) return this.#answer(frame, '9011', 'QnRtn=8')
    this.#answer(frame, '9011', 'QnRtn=1')
    const sent = result.map((record) => new Promise<void>((done) => this.#add(record, done)))
    this.#pump()
    // the result follows the data that were asked for
    void Promise.all(sent).then(() => this.#answer(frame, '9012', sent.length === 0 && isHistory(frame.cn) ? 'ExeRtn=100' : 'ExeRtn=1'))
  }

  /** What it sends for a request; null when it does not know the command. */
  #execute({ cn, area }: Frame): HistoryRecord[] | null {
    const own = this.#parts.now() + this.clockError()
    if (isHistory(cn)) return this.#memory.recall(cn, timeIn(area, 'BeginTime'), timeIn(area, 'EndTime'))
    if (cn === '1011') return [{ cn, at: own, area: `SystemTime=${writeTime(own)}` }]
    if (cn === '1061') return [{ cn, at: own, area: `RtdInterval=${this.#rtdIntervalMs / 1000}` }]
    if (cn === '1012') this.#correction += timeIn(area, 'SystemTime') - Math.floor(own / 1000) * 1000
    else if (cn === '1062') this.#rtdIntervalMs = Number(fieldOf(area, 'RtdInterval')) * 1000
    else if (cn === '1072') this.#password = fieldOf(area, 'NewPW') || this.#password
    else if (cn === '2011') this.#isSilent = false
    else if (!/^(?:1000|1064|301[1-4])$/.test(cn)) return null
    return []
  }
}

const isHistory = (cn: string): boolean => cn === '2051' || cn === '2061' || cn === '2031'

/** A time of a request, epoch ms; NaN when it is none. */
function timeIn(area: string, name: string): number {
  const text = fieldOf(area, name)
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6+08:00')
  return parseInstant(iso).at ?? NaN
}

/** Cuts a data area between its factors, each piece with the time (2017 annex C.49). */
function piecesOf(area: string): string[] {
  if (area.length <= mostArea) return [area]
  const [time = '', ...items] = area.split(';')
  const pieces: string[] = []
  let piece = time
  for (const item of items) {
    if (piece.length + 1 + item.length > mostArea && piece !== time) {
      pieces.push(piece)
      piece = time
    }
    piece += `;${item}`
  }
  return [...pieces, piece]
}
