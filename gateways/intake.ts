import type { Delivery } from '../domain/delivery.ts'
import type { ConnectedStation, LineParts, Link } from './line.ts'
import type { LineRefusal } from './refusals.ts'

/** Cuts a stream into what it holds, wherever its chunks are cut. */
export interface Scanner<Found> {
  push(chunk: Buffer): Found[]
  /** Nothing more comes: what has begun is given up, or taken as it is. */
  flush(): Found[]
  /** Bytes of what has begun. */
  pending(): number
}

type Shared = Pick<
  LineParts<LineRefusal, ConnectedStation>,
  'accept' | 'now' | 'timers' | 'frameWithinMs' | 'maxInFlight' | 'refuse' | 'onKept'
>

export interface IntakeParts<Found> extends Shared {
  link: Pick<Link, 'hold' | 'resume'>
  scanner: Scanner<Found>
  /** Looks at what was found; the next one waits for it. */
  take: (found: Found) => Promise<void> | void
}

/**
 * What one line brings, from bytes to the journal: cut by the scanner, taken one after the other, so that the journal has them in their
 * order. The line rests meanwhile, and while `maxInFlight` wait for the journal: what waits is bounded.
 */
export class Intake<Found> {
  readonly #parts: IntakeParts<Found>
  #queue: Found[] = []
  #isTaking = false
  #inFlight = 0
  /** Who waits for room, or for the end of what is in flight. */
  #waiters: (() => void)[] = []
  #halfFrame: unknown = null
  #state: 'open' | 'draining' | 'over' = 'open'

  constructor(parts: IntakeParts<Found>) {
    this.#parts = parts
  }

  read(chunk: Buffer): void {
    if (this.#state !== 'open') return
    const { timers, frameWithinMs, scanner } = this.#parts
    timers.clearTimeout(this.#halfFrame)
    this.#add(scanner.push(chunk))
    if (scanner.pending() > 0) this.#halfFrame = timers.setTimeout(() => this.flush(), frameWithinMs)
  }

  flush(): void {
    this.#add(this.#parts.scanner.flush())
  }

  /** P1: `answer` is called when the journal has the delivery, not before. When it does not take it, that is counted, and nobody is answered. */
  async keep(delivery: Omit<Delivery, 'receivedAt'>, sender: string, answer: () => void): Promise<void> {
    const { accept, now, refuse, onKept } = this.#parts
    this.#inFlight += 1
    try {
      await accept({ ...delivery, receivedAt: now() })
      onKept()
      answer()
    } catch (error) {
      refuse('journal-refused', error instanceof Error ? error.message : String(error), sender)
    } finally {
      this.#inFlight -= 1
      this.#changed()
    }
  }

  /** Reads no more; resolves when all that was read is journalled and answered. */
  async drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining'
    this.#parts.link.hold()
    while (this.#isTaking || this.#inFlight > 0) await this.#change()
  }

  /** The line is over; what waits is not taken. */
  end(): void {
    this.#state = 'over'
    this.#parts.timers.clearTimeout(this.#halfFrame)
    this.#changed()
  }

  isOver(): boolean {
    return this.#state === 'over'
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  #changed(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }

  #add(found: readonly Found[]): void {
    this.#queue.push(...found)
    if (!this.#isTaking && this.#queue.length > 0) void this.#takeAll()
  }

  async #takeAll(): Promise<void> {
    const { link, take, maxInFlight } = this.#parts
    this.#isTaking = true
    link.hold()
    for (let found = this.#queue.shift(); found !== undefined && !this.isOver(); found = this.#queue.shift()) {
      await take(found)
      while (this.#inFlight >= maxInFlight) await this.#change()
    }
    this.#isTaking = false
    this.#changed()
    if (this.#state === 'open') link.resume()
  }
}
