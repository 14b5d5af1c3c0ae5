import { connect, type Socket } from 'node:net'
import type { DeviceClient, DeviceFigures } from './device-client.ts'
import type { FieldStationParts } from './field-station.ts'
import { createAbsence, type Absence } from './unanswered.ts'

export interface UplinkParts<Message, Key> extends Pick<FieldStationParts, 'host' | 'port' | 'timers' | 'onTrouble'> {
  /** How long an answer may take, ms, and how often a message is sent again before the line is given up. */
  answerWithinMs: number
  resends: number
  /** The name by which the answer will call a message; asked for at its first sending on a line. */
  keyOf: (message: Message) => Key
  /** Writes a message; `isOld` once a line was lost before its answer. */
  transmit: (message: Message, key: Key, isOld: boolean) => void
  /** No answer came in time: a message is sent again, at once or on the next line. */
  unanswered?: () => void
  /** There has been no line for as long as an answer may take. */
  absent?: () => void
  /** The line stands: a new stream of bytes begins. */
  opened: () => void
  hear: (chunk: Buffer) => void
}

interface Waiting<Message> {
  message: Message
  /** Sent so many times on this line. */
  times: number
  timer: unknown
  isOld: boolean
}

/** Messages that may be on their way, and those that the memory holds; the oldest goes first. */
const [mostInFlight, mostQueued] = [8, 20_000]
const reconnectMs = 1_000

/**
 * The line of a simulated station, TCP, with its memory: messages are sent in their order, eight at a time, each until it is answered. Without an
 * answer it is sent again, then the line is lost; it comes back after a second, and what was not answered is sent first.
 */
export class Uplink<Message, Key> implements Pick<DeviceClient, 'connected' | 'settled' | 'figures'> {
  readonly connected: Promise<void>
  readonly #parts: UplinkParts<Message, Key>
  readonly #queue: Waiting<Message>[] = []
  readonly #inFlight = new Map<Key, Waiting<Message>>()
  #waiters: (() => void)[] = []
  #counts = { acknowledged: 0, dropped: 0 }
  /** Measured for whoever wants to hear of it. */
  readonly #absence: Absence | null
  #socket: Socket | null = null
  #redial: unknown = null
  #isOver = false
  #isDown = false
  #isTold = false
  #dialled: () => void = () => undefined

  constructor(parts: UplinkParts<Message, Key>) {
    this.#parts = parts
    this.#absence = parts.absent ? createAbsence({ ...parts, absent: parts.absent }) : null
    this.connected = new Promise((resolve) => (this.#dialled = resolve))
    this.#dial()
  }

  /** Takes messages into the memory, and sends what may be sent. */
  add(messages: readonly Message[]): void {
    for (const message of messages) this.#queue.push({ message, times: 0, timer: null, isOld: false })
    const over = this.#queue.length - mostQueued
    if (over > 0) this.#counts.dropped += this.#queue.splice(0, over).length
    this.#pump()
  }

  /** Bytes that want no answer; lost when there is no line. */
  write(bytes: Buffer): void {
    this.#socket?.write(bytes)
  }

  /** The message that waits for an answer by this name. */
  waiting(key: Key): Message | null {
    return this.#inFlight.get(key)?.message ?? null
  }

  /** Its answer came; false when nothing waits for it. */
  answered(key: Key): boolean {
    const waiting = this.#inFlight.get(key)
    if (waiting === undefined) return false
    this.#parts.timers.clearTimeout(waiting.timer)
    this.#inFlight.delete(key)
    this.#counts.acknowledged += 1
    this.#pump()
    this.#wake()
    return true
  }

  /** Loses the line. */
  lose(): void {
    this.#socket?.destroy()
  }

  /** Loses the line for good, until `dialAgain`. */
  hangUp(): void {
    this.#isDown = true
    this.#absence?.end()
    this.#parts.timers.clearTimeout(this.#redial)
    this.lose()
  }

  /** Resolves when the line stands again. */
  dialAgain(): Promise<void> {
    if (!this.#isDown) return Promise.resolve()
    this.#isDown = false
    this.#dial()
    return new Promise((resolve) => (this.#dialled = resolve))
  }

  settled(): Promise<void> {
    return this.#isSettled() ? Promise.resolve() : new Promise((resolve) => this.#waiters.push(resolve))
  }

  figures(): DeviceFigures {
    return { ...this.#counts, waiting: this.#queue.length + this.#inFlight.size }
  }

  stop(): void {
    this.#isOver = true
    this.#absence?.end()
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
    const { host, port, onTrouble, opened, hear } = this.#parts
    this.#absence?.begin()
    const socket = connect({ host, port, noDelay: true })
    socket.on('connect', () => {
      this.#socket = socket
      this.#isTold = false
      this.#absence?.end()
      this.#dialled()
      opened()
      this.#pump()
    })
    socket.on('data', hear)
    socket.on('error', (error) => {
      if (!this.#isTold) onTrouble?.(error.message)
      this.#isTold = true
    })
    socket.on('close', () => this.#lost(socket))
  }

  /** What was not answered goes back to the head of the queue. */
  #lost(socket: Socket): void {
    const { timers } = this.#parts
    if (this.#socket === socket) this.#socket = null
    const unanswered = [...this.#inFlight.values()]
    this.#inFlight.clear()
    for (const waiting of unanswered) {
      timers.clearTimeout(waiting.timer)
      Object.assign(waiting, { times: 0, isOld: true })
    }
    this.#queue.unshift(...unanswered)
    if (!this.#isOver && !this.#isDown) this.#redial = timers.setTimeout(() => this.#dial(), reconnectMs)
  }

  #pump(): void {
    while (this.#socket !== null && !this.#isOver && this.#inFlight.size < mostInFlight) {
      const waiting = this.#queue.shift()
      if (waiting === undefined) return
      const key = this.#parts.keyOf(waiting.message)
      this.#inFlight.set(key, waiting)
      this.#transmit(key, waiting)
    }
  }

  #transmit(key: Key, waiting: Waiting<Message>): void {
    const { timers, answerWithinMs, resends, transmit, unanswered } = this.#parts
    waiting.times += 1
    waiting.timer = timers.setTimeout(() => {
      unanswered?.()
      if (this.#isOver) return
      if (waiting.times <= resends) this.#transmit(key, waiting)
      else this.lose()
    }, answerWithinMs)
    transmit(waiting.message, key, waiting.isOld)
  }
}
