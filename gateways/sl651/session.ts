import type { Accept } from '../../domain/delivery.ts'
import type { Identify } from '../../domain/identity.ts'
import type { Device } from '../../domain/network.ts'
import { topicOf } from './codec.ts'
import { functions } from './fields.ts'
import { control, digits, writeFrame, type Frame } from './frame.ts'
import type { Sl651Refusal } from './refusals.ts'
import { createRequests, downBody, orderBody, type Order, type Requests } from './requests.ts'
import { createScanner, type Scanned } from './scanner.ts'
import { createUploads, type Packet, type UploadParts, type Uploads } from './uploads.ts'

/** The line to a peer, TCP or UDP. */
export interface Link {
  address: string
  send(bytes: Buffer): void
  /** A station has logged in over it. */
  known(): void
  end(): void
  /** Reads no further, and goes on. */
  hold(): void
  resume(): void
}

export interface SessionParts extends Pick<UploadParts, 'timers' | 'packetWithinMs' | 'budget'> {
  accept: Accept
  identify: Identify
  /** Epoch ms: `receivedAt` of the deliveries, and the time in what is sent. */
  now: () => number
  /** The device of a station address; null for one that nobody has. */
  deviceOf: (station: string) => Device | null
  mayComeFrom: (device: Device, address: string) => boolean
  maxInFlight: number
  maxUploadBytes: number
  passwordTries: number
  frameWithinMs: number
  answerWithinMs: number
  refuse: (reason: Sl651Refusal, detail: string, station: string | null) => void
  /** An upload was journalled. */
  onKept: () => void
  onLogin: (station: ConnectedStation) => void
  onEnd: (stations: readonly ConnectedStation[]) => void
}

/** A station that has logged in. */
export interface ConnectedStation {
  readonly device: Device
  readonly requests: Requests
  /** Ends the line that it came over. */
  disconnect(): void
}

interface Station extends ConnectedStation {
  /** Its newest frame: requests are written as it is. */
  last: Frame
}

/** Most stations behind one line (a relay). */
const mostStations = 64

/**
 * One line: frames in, deliveries to the journal, confirmations and requests out. Every frame carries address and password. An upload is
 * confirmed when `accept` has resolved: EOT, or ESC to stay connected, ACK where more follows (ETB). What is not taken gets no answer at
 * all (6.3), and the station sends again. Keep-alive (2FH) is never answered.
 */
export class Sl651Session {
  readonly #link: Link
  readonly #parts: SessionParts
  readonly #scanner = createScanner()
  readonly #stations = new Map<string, Station>()
  readonly #uploads: Uploads
  #queue: Scanned[] = []
  #isTaking = false
  #inFlight = 0
  #waiters: (() => void)[] = []
  #tries = 0
  #halfFrame: unknown = null
  #isOver = false

  constructor(link: Link, parts: SessionParts) {
    this.#link = link
    this.#parts = parts
    this.#uploads = createUploads({
      ...{ timers: parts.timers, packetWithinMs: parts.packetWithinMs, maxBytes: parts.maxUploadBytes, budget: parts.budget },
      ask: (packet, number) => this.#askAgain(packet, number),
      refuse: parts.refuse,
    })
  }

  /** Bytes that came, cut anywhere. */
  read(chunk: Buffer): void {
    if (this.#isOver) return
    const { timers, frameWithinMs } = this.#parts
    timers.clearTimeout(this.#halfFrame)
    this.#add(this.#scanner.push(chunk))
    if (this.#scanner.pending() > 0) this.#halfFrame = timers.setTimeout(() => this.flush(), frameWithinMs)
  }

  /** Nothing follows what came: the end of a datagram, or a frame that stopped. */
  flush(): void {
    this.#add(this.#scanner.flush())
  }

  /** Resolves when all that was read is journalled and confirmed. */
  async drain(): Promise<void> {
    this.#link.hold()
    while (this.#isTaking || this.#inFlight > 0) await this.#change()
  }

  /** The line is over. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#parts.timers.clearTimeout(this.#halfFrame)
    this.#uploads.end()
    for (const { requests } of this.#stations.values()) requests.end()
    this.#parts.onEnd([...this.#stations.values()])
    this.#changed()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  #changed(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }

  #add(found: readonly Scanned[]): void {
    this.#queue.push(...found)
    if (!this.#isTaking && this.#queue.length > 0) void this.#takeAll()
  }

  /** One after the other, so that the journal has them in their order. The line rests meanwhile: what waits is bounded. */
  async #takeAll(): Promise<void> {
    this.#isTaking = true
    this.#link.hold()
    for (let found = this.#queue.shift(); found !== undefined && !this.#isOver; found = this.#queue.shift()) {
      if (found.fault !== undefined) this.#parts.refuse(found.fault, `${found.bytes.length} bytes`, null)
      else await this.#take(found.frame, found.bytes)
      while (this.#inFlight >= this.#parts.maxInFlight) await this.#change()
    }
    this.#isTaking = false
    this.#changed()
    if (!this.#isOver) this.#link.resume()
  }

  async #take(frame: Frame, bytes: Buffer): Promise<void> {
    const { deviceOf, mayComeFrom, refuse } = this.#parts
    const code = `${digits(frame.code, 2)}H`
    if (frame.direction === 'down') return refuse('wrong-direction', code, frame.station)
    const device = deviceOf(frame.station)
    if (device === null) return refuse('unknown-station', code, frame.station)
    if (!mayComeFrom(device, this.#link.address)) return refuse('foreign-address', device.id, frame.station)
    const station = await this.#login(device, frame)
    if (station === null || this.#isOver) return
    station.last = frame
    const meaning = functions.get(frame.code)
    if (meaning === undefined) return refuse('unknown-function', code, frame.station)
    if (meaning === 'keep-alive') return
    if (frame.packet === null) return this.#receive(station, [{ frame, bytes }])
    const whole = this.#uploads.take({ frame: { ...frame, packet: frame.packet }, bytes })
    if (whole !== null) this.#receive(station, whole)
  }

  /** A password is checked when it is new on this line. */
  async #login(device: Device, frame: Frame): Promise<Station | null> {
    const known = this.#stations.get(frame.station)
    if (known !== undefined && known.device === device && known.last.password === frame.password) return known
    if (!(await this.#isPassword(device, frame))) return null
    if (known === undefined && this.#stations.size >= mostStations) {
      this.#parts.refuse('too-many-strangers', `more than ${mostStations} stations on one line`, frame.station)
      return null
    }
    known?.requests.end()
    const station: Station = {
      device,
      last: frame,
      requests: createRequests({ ...this.#parts, send: (order) => this.#sendOrder(station, order) }),
      disconnect: () => this.#link.end(),
    }
    this.#stations.set(frame.station, station)
    this.#link.known()
    this.#parts.onLogin(station)
    return station
  }

  async #isPassword(device: Device, { password, station }: Frame): Promise<boolean> {
    const { identify, refuse, passwordTries } = this.#parts
    try {
      const identity = await identify(device.id, Buffer.from(digits(password, 4)))
      if (identity?.device === device.id) return true
    } catch {
      refuse('login-unavailable', device.id, station)
      return false
    }
    refuse('wrong-password', device.id, station)
    this.#tries += 1
    if (this.#tries >= passwordTries) {
      refuse('too-many-passwords', device.id, station)
      this.#link.end()
    }
    return false
  }

  #receive(station: Station, packets: readonly { frame: Frame; bytes: Buffer }[]): void {
    const { refuse } = this.#parts
    const [first] = packets
    const serial = first === undefined ? null : serialOf(first.frame)
    if (first === undefined || serial === null) return refuse('bad-head', `${packets.length} packets`, station.last.station)
    const { code } = first.frame
    const isAnswer = station.requests.awaits(code)
    if (functions.get(code) === 'answer') {
      if (isAnswer) station.requests.answered()
      else refuse('unexpected-answer', `${digits(code, 2)}H`, first.frame.station)
      return
    }
    void this.#keep(station, packets, { serial, isAnswer })
  }

  async #keep(
    station: Station,
    packets: readonly { frame: Frame; bytes: Buffer }[],
    { serial, isAnswer }: { serial: number; isAnswer: boolean },
  ): Promise<void> {
    const { accept, now, refuse, onKept } = this.#parts
    const last = packets.at(-1)?.frame ?? station.last
    const payload = Buffer.concat(packets.map(({ bytes }) => bytes))
    this.#inFlight += 1
    try {
      await accept({ device: station.device.id, source: 'sl651', topic: topicOf(last.code), payload, receivedAt: now() })
      onKept()
      if (isAnswer || station.device.sl651?.mode !== 'M1') this.#confirm(station, last, serial)
      if (isAnswer) station.requests.answered()
    } catch (error) {
      refuse('journal-refused', error instanceof Error ? error.message : String(error), last.station)
    } finally {
      this.#inFlight -= 1
      this.#changed()
    }
  }

  /** In M3 the packet total is the upload's, and the packet number the last one. */
  #confirm({ device }: Station, up: Frame, serial: number): void {
    const ending = device.sl651?.stayOnline === true ? control.ESC : control.EOT
    const end = up.end === control.ETB ? control.ACK : ending
    const packet = up.packet === null ? null : { total: up.packet.total, number: up.packet.total }
    this.#send({ ...up, direction: 'down', packet, end, body: downBody(up.encoding, serial, this.#parts.now()) })
  }

  #askAgain({ frame }: Packet, number: number): void {
    const body = downBody(frame.encoding, serialOf(frame) ?? 0, this.#parts.now())
    this.#send({ ...frame, direction: 'down', packet: { total: frame.packet.total, number }, end: control.NAK, body })
  }

  #sendOrder({ last }: Station, order: Order): void {
    const body = orderBody(last.encoding, order, this.#parts.now())
    this.#send({ ...last, direction: 'down', code: order.code, packet: null, end: control.ENQ, body })
  }

  #send(frame: Frame): void {
    if (!this.#isOver) this.#link.send(writeFrame(frame))
  }
}

/** Of a frame, or of the first packet of an upload; null when its body does not begin as it must. */
function serialOf({ encoding, body, packet }: Frame): number | null {
  if (packet !== null && packet.number !== 1) return null
  if (encoding === 'hex') return body.length < 8 ? null : ((body[0] ?? 0) << 8) | (body[1] ?? 0)
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 16)).toString('latin1')
  return /^[0-9A-Fa-f]{4}\d{12}$/.test(text) ? parseInt(text.slice(0, 4), 16) : null
}
