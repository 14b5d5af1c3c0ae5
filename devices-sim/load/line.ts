import { connect, type Socket } from 'node:net'
import { connect as connectSecurely, rootCertificates, TLSSocket } from 'node:tls'
import { AcknowledgementReader } from './acknowledgements.ts'
import { connectFrame, disconnectFrame, publishTemplate, type PublishTemplate } from './frames.ts'
import type { LoadDevice, LoadOrder } from './order.ts'

/** What a line tells of itself. */
export interface LineEvents {
  /** So long after it was due a message was acknowledged. */
  onAcknowledged(latencyMs: number): void
  /** All of one read were told. */
  onRead(line: Line, acknowledged: number): void
  onResent(count: number): void
  onBroken(): void
  onStrange(): void
}

interface LineParts {
  order: LoadOrder
  device: LoadDevice
  events: LineEvents
  /** A clock that never goes back, ms. */
  now: () => number
}

/** The server does not let a device in. Trying again changes nothing. */
export class LoadRefused extends Error {}

/** Most that may wait for an acknowledgement: packet ids are 1 to 65,535 (MQTT 3.1.1, 2.3.1). */
const mostWaiting = 65_535
const tryAgainMs = 1_000

/**
 * One device: a raw socket, one message written once and patched before each send. Messages are acknowledged in the order sent (4.6), so
 * those that wait are the numbers from `acknowledged` to `asked`. A connection that ends comes back and sends again what waits.
 */
export class Line {
  #socket: Socket | null = null
  #isOpen = false
  #leaving = false
  #closed = false
  #asked = 0
  #sent = 0
  #acknowledged = 0
  /** When the messages that wait were due: a ring by number, doubled when it is full. */
  #due = new Float64Array(16)
  readonly #parts: LineParts
  readonly #message: PublishTemplate

  constructor(parts: LineParts) {
    this.#parts = parts
    this.#message = publishTemplate({ ...parts.device, startAt: parts.order.startAt, stepMs: parts.order.stepMs })
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  get asked(): number {
    return this.#asked
  }

  get waiting(): number {
    return this.#asked - this.#acknowledged
  }

  /**
   * Resolves when the server has let it in; rejects with LoadRefused (also when this process has no file descriptor left), or when nobody listens. A server that is so busy that it cuts logins
   * short is asked again, `tries` times at most.
   */
  async enter(tries = 30): Promise<void> {
    try {
      await this.#open()
    } catch (error) {
      if (hasCode(error, noFileLeft))
        throw new LoadRefused(`connecting ${this.#parts.device.client}: no file descriptor is left here; ${raise}`)
      if (error instanceof LoadRefused || hasCode(error, nobodyThere) || this.#closed || tries <= 1) throw error
      await new Promise((resolve) => setTimeout(resolve, tryAgainMs))
      await this.enter(tries - 1)
    }
  }

  #open(): Promise<void> {
    const { order, device } = this.#parts
    const { keepAliveSeconds } = order
    const socket = socketTo(order)
    this.#socket = socket
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => reject(isStranger(socket) ? new LoadRefused(strangerAt(order, error)) : error))
      socket.once('close', () => reject(new Error(`connecting ${device.client}: closed before it was let in; ${full}`)))
      socket.once(order.tls ? 'secureConnect' : 'connect', () => socket.write(connectFrame({ ...device, keepAliveSeconds })))
      socket.once('data', (answer: Buffer) => {
        if (answer[0] !== 0x20 || answer[3] !== 0)
          return reject(new LoadRefused(`connecting ${device.client}: refused with ${answer.toString('hex')}`))
        this.#live(socket)
        resolve()
      })
    })
  }

  /**
   * Asks for the next `count` messages, the first due at `due`, each next one `stepMs` later. Returns how many it took: 65,535 may wait
   * at most.
   */
  send(count: number, due: number, stepMs: number): number {
    const taken = Math.min(count, mostWaiting - this.waiting)
    for (let i = 0; i < taken; i += 1) {
      if (this.waiting === this.#due.length) this.#widen()
      this.#due[this.#asked & (this.#due.length - 1)] = due + i * stepMs
      this.#asked += 1
    }
    if (this.#isOpen && !this.#leaving) this.#write()
    return taken
  }

  /** Says goodbye when nothing waits, and comes back; one that is not there stays away no longer for it. */
  leave(): void {
    if (!this.#isOpen || this.#leaving) return
    this.#leaving = true
    if (this.#sent === this.#acknowledged) this.#goodbye()
  }

  close(): void {
    this.#closed = true
    if (this.#isOpen) this.#socket?.write(disconnectFrame)
    this.#socket?.destroy()
  }

  #live(socket: Socket): void {
    socket.removeAllListeners()
    socket.on('error', () => undefined)
    socket.on('close', () => this.#ended())
    const reader = new AcknowledgementReader(
      (id) => this.#onAck(id),
      () => this.#parts.events.onStrange(),
    )
    socket.on('data', (chunk: Buffer) => {
      const before = this.#acknowledged
      reader.read(chunk)
      if (this.#leaving && this.#sent === this.#acknowledged) this.#goodbye()
      if (this.#acknowledged > before) this.#parts.events.onRead(this, this.#acknowledged - before)
    })
    this.#isOpen = true
    this.#leaving = false
    if (this.#sent > this.#acknowledged) this.#parts.events.onResent(this.#sent - this.#acknowledged)
    this.#sent = this.#acknowledged
    this.#write()
  }

  #onAck(packetId: number): void {
    if (this.#acknowledged === this.#sent || packetId !== packetIdOf(this.#acknowledged)) return this.#parts.events.onStrange()
    const due = this.#due[this.#acknowledged & (this.#due.length - 1)] ?? 0
    this.#acknowledged += 1
    this.#parts.events.onAcknowledged(this.#parts.now() - due)
  }

  /** Writes what was asked for and not sent, in one piece. */
  #write(): void {
    const count = this.#asked - this.#sent
    if (count === 0) return
    const { bytes, patch } = this.#message
    const out = Buffer.allocUnsafe(bytes.length * count)
    for (let i = 0; i < count; i += 1) {
      patch(this.#sent, packetIdOf(this.#sent))
      bytes.copy(out, i * bytes.length)
      this.#sent += 1
    }
    this.#socket?.write(out)
  }

  #goodbye(): void {
    this.#socket?.end(disconnectFrame)
  }

  #ended(): void {
    this.#isOpen = false
    if (this.#closed) return
    if (this.#leaving) return this.#comeBack()
    this.#parts.events.onBroken()
    setTimeout(() => this.#comeBack(), tryAgainMs)
  }

  #comeBack(): void {
    if (this.#closed) return
    this.#open().catch(() => {
      this.#socket?.removeAllListeners().on('error', () => undefined)
      this.#socket?.destroy()
      if (!this.#closed) setTimeout(() => this.#comeBack(), tryAgainMs)
    })
  }

  #widen(): void {
    const wider = new Float64Array(this.#due.length * 2)
    for (let n = this.#acknowledged; n < this.#asked; n += 1) wider[n & (wider.length - 1)] = this.#due[n & (this.#due.length - 1)] ?? 0
    this.#due = wider
  }
}

function socketTo({ host, port, tls }: LoadOrder): Socket {
  if (tls === undefined) return connect({ host, port, noDelay: true })
  const ca = tls.authority === null ? undefined : [tls.authority, ...rootCertificates]
  return connectSecurely({ host, port, servername: tls.serverName, ca }).setNoDelay(true)
}

/** The certificate that was shown is not that of the server looked for. */
const isStranger = (socket: Socket): boolean => socket instanceof TLSSocket && Boolean(socket.authorizationError)

const strangerAt = ({ host, port }: LoadOrder, { message }: Error): string =>
  `connecting to ${host}:${port}: its certificate is not believed (${message}); look at the name and at the CA`

/** Nobody listens there; this process, or the machine, has all the files open that it may have. */
const nobodyThere = ['ECONNREFUSED']
const noFileLeft = ['EMFILE', 'ENFILE']
const raise = 'raise `ulimit -n` above the devices of each process, or take fewer devices or more processes'
const full = 'a server does so that may have no more files open (`ulimit -n` where it was started), or no more connections'

const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))

const packetIdOf = (message: number): number => 1 + (message % 65_535)
