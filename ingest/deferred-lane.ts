import type { JournalledDelivery } from '../domain/delivery.ts'
import type { Ledger } from '../store/ports/ledger.ts'
import type { Journal, JournalBatch } from './ports.ts'

/** What one batch of back-fill may take beside its judging, ms: a live delivery that comes meanwhile waits that long. */
const aimMs = 200
/** While live deliveries wait, they have the pipeline this many times as long as the back-fill before them had. */
const liveShare = 4
/** Bounds of what one batch holds, in bytes of deliveries: a batch grows and shrinks between them by the time it takes. */
const [leastBytes, mostBytes] = [512_000, 4_000_000]
/** What a delivery costs beside its payload. */
const deliveryBytes = 200
const mostNumbers = 4_000

interface DeferredLaneParts {
  journal: Pick<Journal, 'read'>
  ledger: Pick<Ledger, 'cursor' | 'deferred' | 'nextDeferred'>
}

/** Where the back-fill is read that the live lane has passed over: whose turn it is, and how much at a time. */
export class DeferredLane {
  readonly #parts: DeferredLaneParts
  #bytes = leastBytes
  #wasFull = false
  /** How long the live lane is to work before it is the turn of back-fill again, ms. */
  #owedMs = 0

  constructor(parts: DeferredLaneParts) {
    this.#parts = parts
  }

  /**
   * Whether it is the turn of back-fill: always when the live lane has caught up, else a fifth of the time.
   * @param liveMs what the live lane took since it was last asked
   */
  mayGo(liveMs: number, isLiveWaiting: boolean): boolean {
    this.#owedMs = isLiveWaiting ? this.#owedMs - liveMs : 0
    return this.#owedMs <= 0 && this.#parts.ledger.deferred().waiting > 0
  }

  /**
   * The next of it: its cursor is where the lane is when the batch is carried; damaged are only deliveries that wait here. Rejects as
   * the journal and the ledger do.
   */
  async read(): Promise<JournalBatch> {
    const { journal, ledger } = this.#parts
    const numbers = await ledger.nextDeferred(mostNumbers)
    const [first = ledger.cursor(), last = first] = [numbers[0], numbers.at(-1)]
    const found = await journal.read(first - 1, last - first + 1)
    const { deliveries, stoppedAt } = this.#fill(found?.deliveries ?? [], new Set(numbers))
    this.#wasFull = stoppedAt !== null
    const end = numbers.length < mostNumbers ? ledger.cursor() : last
    const cursor = stoppedAt ?? (found !== null && found.cursor < last ? found.cursor : end)
    const isLost = (number: number): boolean =>
      number <= cursor && (found?.damaged ?? []).some((range) => number >= range.first && number <= range.last)
    return { deliveries, cursor, damaged: numbers.filter(isLost).map((number) => ({ first: number, last: number })) }
  }

  /** Those that wait, up to the bytes of a batch; `stoppedAt` is the number before the first that had no room, null when all had. */
  #fill(
    found: readonly JournalledDelivery[],
    waiting: ReadonlySet<number>,
  ): { deliveries: JournalledDelivery[]; stoppedAt: number | null } {
    const deliveries: JournalledDelivery[] = []
    let bytes = 0
    for (const delivery of found) {
      if (!waiting.has(delivery.number)) continue
      bytes += delivery.payload.length + deliveryBytes
      if (bytes > this.#bytes && deliveries.length > 0) return { deliveries, stoppedAt: delivery.number - 1 }
      deliveries.push(delivery)
    }
    return { deliveries, stoppedAt: null }
  }

  /**
   * The batch that was read last has been carried.
   * @param ms what it took
   * @param judgingMs of these, what it took to judge. The neighbours of a batch are read back and judged with it, at a cost that a smaller
   * batch would have as well: a dense series would be carried in ever smaller batches, and never be done.
   */
  took(ms: number, judgingMs: number): void {
    this.#owedMs = liveShare * ms
    const ownMs = ms - judgingMs
    if (ownMs > aimMs) this.#bytes = Math.max(leastBytes, this.#bytes / 2)
    else if (ownMs < aimMs / 2 && this.#wasFull) this.#bytes = Math.min(mostBytes, this.#bytes * 2)
  }
}
