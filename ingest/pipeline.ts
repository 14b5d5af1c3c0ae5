import { GaugekeeperError } from '../domain/errors.ts'
import { StoreUnavailable } from '../store/errors.ts'
import type { Ledger } from '../store/ports/ledger.ts'
import type { Carrier } from './carrier.ts'
import { DeferredLane } from './deferred-lane.ts'
import { PipelineFailed } from './errors.ts'
import type { Lane } from './lanes.ts'
import type { Journal, JournalBatch } from './ports.ts'
import type { Tally, Totals } from './tally.ts'

/** The timers of the process, passed in. */
export interface Timers {
  /** Resolves after so many ms, or at once when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** Resolves when others have had their turn (setImmediate). */
  breathe(): Promise<void>
  /** A clock that never goes back, ms. */
  monotonic(): number
  /** Evenly distributed in [0, 1). */
  random(): number
}

export interface PipelineFigures extends Totals {
  /** Number of the last delivery that the live lane has passed, and of the newest in the journal. */
  cursor: number
  newest: number
  /** Deliveries of back-fill that it has passed over and that are not carried yet. */
  deferred: number
  /** Deliveries of the last batch. */
  lastBatch: number
  /** Tries in a row that the store has refused; 0 = all is well. */
  failures: number
  /** What the last try met, while `failures` is not 0. */
  lastFailure: string | null
  /** From a refusal by the store until what has piled up meanwhile is carried. */
  isCatchingUp: boolean
}

export interface PipelineParts {
  journal: Pick<Journal, 'read' | 'release' | 'figures'>
  ledger: Pick<Ledger, 'cursor' | 'deferred' | 'nextDeferred'>
  carrier: Carrier
  timers: Timers
  /** Told of each failed try. */
  onError: (error: GaugekeeperError) => void
  tally: Tally
  /** Most deliveries in a batch. */
  batch: number
  gatherMs: number
  retryFromMs: number
  retryToMs: number
}

/** A batch smaller than this is followed by a pause, so that the next one is shared by more. A larger one says that more waits. */
const smallBatch = 2_000
/** A store that asks to be left alone for longer is asked again all the same. */
const longestAskedMs = 300_000

/**
 * Carries what the journal holds to the store for as long as it runs: live deliveries in order, and back-fill, which they pass over, in
 * small batches between theirs.
 */
export class Pipeline {
  readonly #parts: PipelineParts
  readonly #backfill: DeferredLane
  readonly #stopping = new AbortController()
  /** Nothing waits for company any more: the end is near. */
  readonly #draining = new AbortController()
  #running: Promise<void> | null = null
  #isWoken = false
  #wakeUp: () => void = () => undefined
  #lastBatch = 0
  #failures = 0
  #lastFailure: string | null = null
  #isCatchingUp = false
  #waiting: { lane: Lane; delivery: number; done: () => void }[] = []

  constructor(parts: PipelineParts) {
    this.#parts = parts
    this.#backfill = new DeferredLane(parts)
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal)
  }

  /** Carries one live batch, for those that bring their own; not while the pipeline runs by itself. Rejects as `Carrier.carry`. */
  carry(batch: JournalBatch): Promise<void> {
    return this.#parts.carrier.carry(batch, 'live')
  }

  /** There is something new in the journal. Returns at once. */
  wake(): void {
    this.#isWoken = true
    this.#wakeUp()
  }

  /** Ends after the batch at hand. What is not carried waits in the journal for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.wake()
    await this.#running
    this.#tell({ live: Infinity, deferred: Infinity })
  }

  /** Resolves when all that the journal holds now is carried, or after so many ms; at once while the store refuses. */
  async drain(withinMs: number): Promise<void> {
    if (this.#failures > 0 || this.#running === null) return
    this.#draining.abort()
    const done = new AbortController()
    const late = this.#parts.timers.wait(withinMs, done.signal)
    await Promise.race([this.reached(this.#parts.journal.figures().newest), late])
    done.abort()
  }

  /** Resolves when everything up to a delivery has been carried, back-fill included, or the pipeline has stopped. */
  reached(delivery: number): Promise<void> {
    return this.#until('deferred', delivery)
  }

  /** The same without the back-fill, which live deliveries pass over: what people change is none. */
  passed(delivery: number): Promise<void> {
    return this.#until('live', delivery)
  }

  #until(lane: Lane, delivery: number): Promise<void> {
    if (this.#cursors()[lane] >= delivery || this.#stopping.signal.aborted) return Promise.resolve()
    return new Promise((done) => this.#waiting.push({ lane, delivery, done }))
  }

  #cursors(): Record<Lane, number> {
    const { ledger } = this.#parts
    return { live: ledger.cursor(), deferred: ledger.deferred().cursor }
  }

  figures(): PipelineFigures {
    const { journal, ledger, tally } = this.#parts
    return {
      ...tally.totals,
      stageMs: { ...tally.totals.stageMs },
      cursor: ledger.cursor(),
      newest: journal.figures().newest,
      deferred: ledger.deferred().waiting,
      lastBatch: this.#lastBatch,
      failures: this.#failures,
      lastFailure: this.#lastFailure,
      isCatchingUp: this.#isCatchingUp,
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { timers, gatherMs } = this.#parts
    const hurried = AbortSignal.any([signal, this.#draining.signal])
    while (!signal.aborted) {
      try {
        const from = timers.monotonic()
        const carried = await this.#step()
        this.#failures = 0
        this.#lastFailure = null
        // what piled up has half of the time: the other half is for acknowledging, and for collecting what it leaves
        if (this.#isCatchingUp) await timers.wait(timers.monotonic() - from, signal)
        if (this.#parts.ledger.deferred().waiting > 0) continue
        if (carried === null) await this.#sleep(signal)
        else if (carried < smallBatch && gatherMs > 0) await timers.wait(gatherMs, hurried)
      } catch (error) {
        await this.#backOff(error, signal)
      }
    }
  }

  /** Carries the next live batch, and one of back-fill when it is its turn; the deliveries of the live one, null when there is none. */
  async #step(): Promise<number | null> {
    const { journal, ledger, carrier, timers, tally, batch: limit } = this.#parts
    this.#isWoken = false
    await carrier.finish()
    const from = timers.monotonic()
    const done = tally.begin('read')
    const batch = await journal.read(ledger.cursor(), limit)
    done()
    if (batch !== null) await this.#carry(batch, 'live')
    const carried = batch === null ? null : batch.deliveries.length
    if (journal.figures().newest - ledger.cursor() < limit) this.#isCatchingUp = false
    if (this.#backfill.mayGo(timers.monotonic() - from, (carried ?? 0) >= smallBatch)) await this.#carryBackfill()
    const cursors = this.#cursors()
    journal.release(cursors.deferred)
    this.#tell(cursors)
    return carried
  }

  async #carryBackfill(): Promise<void> {
    const { timers, tally } = this.#parts
    const { stageMs } = tally.totals
    const [from, judgingBefore] = [timers.monotonic(), stageMs.judge]
    const done = tally.begin('read')
    const batch = await this.#backfill.read()
    done()
    await this.#carry(batch, 'deferred')
    this.#backfill.took(timers.monotonic() - from, stageMs.judge - judgingBefore)
  }

  async #carry(batch: JournalBatch, lane: Lane): Promise<void> {
    const { carrier, tally } = this.#parts
    await carrier.carry(batch, lane)
    for (const { first, last } of batch.damaged) tally.totals.damaged += last - first + 1
    this.#lastBatch = batch.deliveries.length
  }

  async #sleep(signal: AbortSignal): Promise<void> {
    if (this.#isWoken || signal.aborted) return
    await new Promise<void>((wakeUp) => {
      this.#wakeUp = wakeUp
    })
  }

  /** Waits longer after each refusal, with some chance in it, and at least as long as the store asked for. */
  async #backOff(cause: unknown, signal: AbortSignal): Promise<void> {
    const { timers, onError, retryFromMs, retryToMs } = this.#parts
    const error = asError(cause)
    this.#failures += 1
    this.#isCatchingUp = true
    this.#lastFailure = error.message
    onError(error)
    const longest = Math.min(retryToMs, retryFromMs * 2 ** (this.#failures - 1))
    const asked = cause instanceof StoreUnavailable ? Math.min(cause.retryAfterMs ?? 0, longestAskedMs) : 0
    await timers.wait(Math.max(longest * (0.5 + timers.random() / 2), asked), signal)
  }

  #tell(cursors: Record<Lane, number>): void {
    const told = this.#waiting.filter(({ lane, delivery }) => delivery <= cursors[lane])
    this.#waiting = this.#waiting.filter(({ lane, delivery }) => delivery > cursors[lane])
    for (const { done } of told) done()
  }
}

function asError(cause: unknown): GaugekeeperError {
  if (cause instanceof GaugekeeperError) return cause
  return new PipelineFailed('carrying deliveries to the store, which is tried again', cause)
}
