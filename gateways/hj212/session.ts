import type { Accept } from '../../domain/delivery.ts'
import type { Identify } from '../../domain/identity.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Device } from '../../domain/network.ts'
import type { Visitor } from '../tcp-door.ts'
import { topicOf } from './codec.ts'
import { answers } from './fields.ts'
import { parseSegment, writeFrame, writeTime, type Frame, type Framing } from './frame.ts'
import { judge, plainChecking, type Checking } from './judge.ts'
import type { Hj212Refusal } from './refusals.ts'
import { createRequests, type Order, type RequestParts, type Requests } from './requests.ts'
import { createScanner, type Misframed, type RawFrame } from './scanner.ts'
import { encryptSegment, type Sm4Key } from './sm4.ts'
import { createSplits, type Splits } from './splits.ts'

export interface SessionParts extends Pick<RequestParts, 'timers' | 'overTimeMs' | 'resends' | 'executeWithinMs' | 'nextQn'> {
  accept: Accept
  identify: Identify
  /** Epoch ms: `receivedAt` of the deliveries. */
  now: () => number
  /** The device of an MN; null for one that nobody has. */
  deviceOf: (mn: string) => Device | null
  /** Whether a device may speak from an address. */
  mayComeFrom: (device: Device, address: string) => boolean
  keysOf: (device: Device) => readonly Sm4Key[]
  maxInFlight: number
  passwordTries: number
  frameWithinMs: number
  splitWithinMs: number
  answersHeartbeats: boolean
  refuse: (reason: Hj212Refusal, detail: string, mn: string | null) => void
  /** A frame was journalled, and answered if it asked for it. */
  onKept: () => void
  onLogin: (station: ConnectedStation) => void
  onEnd: (stations: readonly ConnectedStation[]) => void
}

/** A station that has logged in, and what its last frame said. */
export interface ConnectedStation {
  readonly device: Device
  readonly requests: Requests
}

interface Station extends ConnectedStation {
  /** Of its last data frame: what requests to it are written with. */
  last: Frame
}

/** Most bytes that wait for a station to take them. */
const mostUnsent = 65_536
/** Most stations behind one connection (a concentrator). */
const mostStations = 64

/**
 * One connection: frames in, deliveries to the journal, answers and requests out. Every frame logs in by its MN and PW. A data frame is
 * journalled (in plain text) and, where its A bit asks for it, answered with 9014 after that; a notice with 9013. What is not taken
 * gets no answer: the standard has none, and the station sends again.
 */
export class Hj212Session {
  readonly #visitor: Visitor
  readonly #parts: SessionParts
  readonly #scanner = createScanner()
  readonly #stations = new Map<string, Station>()
  readonly #splits: Splits
  #queue: (RawFrame | Misframed)[] = []
  #isTaking = false
  #inFlight = 0
  /** Who waits for room, or for the end of what is in flight. */
  #waiters: (() => void)[] = []
  #tries = 0
  #halfFrame: unknown = null
  #isOver = false

  constructor(visitor: Visitor, parts: SessionParts) {
    this.#visitor = visitor
    this.#parts = parts
    this.#splits = createSplits(parts.splitWithinMs, parts.refuse)
    visitor.wire.on('data', (chunk: Buffer) => this.#read(chunk))
    visitor.wire.once('close', () => this.#end())
  }

  /** Reads no more; resolves when all that was read is journalled and answered. */
  async drain(): Promise<void> {
    this.#visitor.wire.removeAllListeners('data').pause()
    while (this.#isTaking || this.#inFlight > 0) await this.#change()
  }

  /** Whether a device has logged in over it. */
  serves(id: DeviceId): boolean {
    return [...this.#stations.values()].some(({ device }) => device.id === id)
  }

  /** Ends the connection. */
  disconnect(): void {
    this.#visitor.wire.destroy()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  #changed(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }

  #read(chunk: Buffer): void {
    const { timers, frameWithinMs } = this.#parts
    timers.clearTimeout(this.#halfFrame)
    this.#add(this.#scanner.push(chunk))
    if (this.#scanner.pending() > 0) this.#halfFrame = timers.setTimeout(() => this.#add(this.#scanner.flush()), frameWithinMs)
  }

  #add(found: readonly (RawFrame | Misframed)[]): void {
    this.#queue.push(...found)
    if (!this.#isTaking && this.#queue.length > 0) void this.#takeAll()
  }

  /** One after the other, so that the journal has them in their order. The wire rests meanwhile: what waits is bounded. */
  async #takeAll(): Promise<void> {
    this.#isTaking = true
    this.#visitor.wire.pause()
    for (let found = this.#queue.shift(); found !== undefined && !this.#isOver; found = this.#queue.shift()) {
      if (found.fault !== undefined) this.#parts.refuse(found.fault, `${found.bytes} bytes`, null)
      else await this.#take(found)
      while (this.#inFlight >= this.#parts.maxInFlight) await this.#change()
    }
    this.#isTaking = false
    this.#changed()
    if (this.#visitor.wire.listenerCount('data') > 0) this.#visitor.wire.resume()
  }

  async #take(raw: RawFrame): Promise<void> {
    const { deviceOf, mayComeFrom, refuse } = this.#parts
    const mn = parseSegment(raw.segment)?.mn ?? null
    const device = mn === null ? null : deviceOf(mn)
    const judged = judge(raw, device === null ? plainChecking : this.#checkingOf(device))
    if (judged.fault !== undefined) return refuse(judged.fault, judged.detail, mn)
    if (device === null) return refuse('unknown-mn', `CN ${judged.frame.cn}`, mn)
    if (!mayComeFrom(device, this.#visitor.address)) return refuse('foreign-address', device.id, mn)
    const station = await this.#login(device, judged.frame)
    if (station !== null && !this.#isOver) this.#dispatch(station, judged.frame, judged.bytes)
  }

  #checkingOf(device: Device): Checking {
    if (device.hj212 === null) return plainChecking
    const { crc, sm4 } = device.hj212
    return { crc, sm4: sm4 === null ? null : { keys: this.#parts.keysOf(device), wire: sm4 } }
  }

  /** A password is checked when it is new on this connection; a revoked one ends the connection (`disconnect`). */
  async #login(device: Device, frame: Frame): Promise<Station | null> {
    const known = this.#stations.get(frame.mn)
    if (known !== undefined && known.device === device && known.last.pw === frame.pw) return known
    const isRight = await this.#isPassword(device, frame)
    if (isRight === false) this.#wrongPassword(device, frame)
    if (isRight !== true) return null
    if (this.#isOver || this.#stations.size >= mostStations) return null
    const station = this.#stationOf(device, frame)
    this.#stations.set(frame.mn, station)
    this.#visitor.known()
    this.#parts.onLogin(station)
    return station
  }

  /** Null when it could not be checked. */
  async #isPassword({ id }: Device, { pw, mn }: Frame): Promise<boolean | null> {
    try {
      const identity = await this.#parts.identify(id, Buffer.from(pw))
      return identity?.role === 'device' && identity.device === id
    } catch (error) {
      this.#parts.refuse('login-unavailable', String(error), mn)
      return null
    }
  }

  #wrongPassword({ id }: Device, { mn }: Frame): void {
    this.#parts.refuse('wrong-password', id, mn)
    this.#tries += 1
    if (this.#tries >= this.#parts.passwordTries) this.#cut('too-many-passwords', mn)
  }

  #stationOf(device: Device, frame: Frame): Station {
    const { timers, overTimeMs, resends, executeWithinMs, nextQn } = this.#parts
    const send = (order: Order, qn: string): void => this.#request(station, order, qn)
    const requests = createRequests({ timers, overTimeMs, resends, executeWithinMs, nextQn, send })
    const station: Station = { device, requests, last: frame }
    return station
  }

  #dispatch(station: Station, frame: Frame, bytes: Buffer): void {
    if (answers.has(frame.cn)) {
      if (!station.requests.answer(frame)) this.#parts.refuse('unexpected-answer', `CN ${frame.cn}`, frame.mn)
    } else if (frame.cn === '9015' && this.#parts.answersHeartbeats) this.#answer(station, frame, '9013')
    else {
      station.last = frame
      void this.#keep(station, frame, bytes)
    }
  }

  /** P1: the answer follows the journal. */
  async #keep(station: Station, frame: Frame, payload: Buffer): Promise<void> {
    const { accept, now, refuse, onKept } = this.#parts
    this.#inFlight += 1
    try {
      await accept({ device: station.device.id, source: 'hj212', topic: topicOf(frame.cn), payload, receivedAt: now() })
      if (frame.part !== null) this.#splits.add(frame, now())
      onKept()
      if (frame.wantsAnswer) this.#answer(station, frame, frame.cn === '1013' ? '9013' : '9014')
      station.requests.data(frame)
      if (frame.cn === '1013') void this.#setClock(station)
    } catch (error) {
      refuse('journal-refused', error instanceof Error ? error.message : String(error), frame.mn)
    } finally {
      this.#inFlight -= 1
      this.#changed()
    }
  }

  /** A station that asks for the time (2017 C.4) gets it. */
  async #setClock({ requests }: Station): Promise<void> {
    await requests.ask({ cn: '1012', area: `SystemTime=${writeTime(this.#parts.now())}` })
  }

  /** ST=91, the QN and MN of what it answers, no answer wanted (2017 annex C). */
  #answer({ device }: Station, { qn, pw, mn, flag }: Frame, cn: string): void {
    const framing: Framing = { crc: device.hj212?.crc ?? 'hj212', encrypt: null }
    this.#write(writeFrame({ qn, st: '91', cn, pw, mn, flag: flag & ~3, area: '' }, framing), mn)
  }

  #request({ device, last }: Station, { cn, area }: Order, qn: string): void {
    const { st, pw, mn, flag } = last
    const parts = { qn, st, cn, pw, mn, flag: (flag & ~3) | 1, area }
    this.#write(writeFrame(parts, { crc: device.hj212?.crc ?? 'hj212', encrypt: this.#encryptionFor(device, cn) }), mn)
  }

  /** CN 2000 to 2999 and 3020 are encrypted (unverified), with the newest key. */
  #encryptionFor(device: Device, cn: string): Framing['encrypt'] {
    const wire = device.hj212?.sm4 ?? null
    const [key] = wire === null ? [] : this.#parts.keysOf(device)
    if (wire === null || key === undefined || !(cn.startsWith('2') || cn === '3020')) return null
    return (segment) => encryptSegment(segment, key, wire)
  }

  #write(bytes: Buffer, mn: string): void {
    const { wire } = this.#visitor
    if (wire.destroyed) return
    wire.write(bytes)
    if (wire.writableLength > mostUnsent) this.#cut('not-draining', mn)
  }

  #cut(reason: Hj212Refusal, mn: string | null): void {
    this.#parts.refuse(reason, '', mn)
    this.#visitor.wire.destroy()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#parts.timers.clearTimeout(this.#halfFrame)
    this.#splits.end()
    const stations = [...this.#stations.values()]
    for (const { requests } of stations) requests.end()
    this.#changed()
    this.#parts.onEnd(stations)
  }
}
