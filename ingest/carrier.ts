import type { CarriedAmendment } from '../domain/amendment.ts'
import { GaugekeeperError } from '../domain/errors.ts'
import type { Commit, Committed, Ledger } from '../store/ports/ledger.ts'
import { actsOf } from './acts.ts'
import { isAmendment, type Amend } from './amend.ts'
import type { ClockCorrections } from './clock-corrections.ts'
import type { Derive } from './counters.ts'
import { JournalDamaged, PipelineFailed } from './errors.ts'
import { takenNothing, type Intake, type Taken } from './intake.ts'
import type { Lane } from './lanes.ts'
import { amendmentsApart, behind, halves, type Load } from './loads.ts'
import { asKept, countsOf, fromDevices } from './outcome.ts'
import { withOpenOrders } from './open-orders.ts'
import type { JournalBatch } from './ports.ts'
import type { Judge } from './quality/judge.ts'
import type { Carried } from './receipts/drafts.ts'
import type { Reconcile } from './reconcile.ts'
import type { BatchClocks } from './run-clocks.ts'
import type { SeriesBook } from './series-book.ts'
import type { Tally } from './tally.ts'

export interface CarrierParts {
  /** Called before each attempt: the fleet stays as it is then until the batch is judged. */
  begin: () => void
  intake: Intake
  amend: Amend
  corrections: Pick<ClockCorrections, 'take'>
  reconcile: Reconcile
  derive: Derive
  judge: Judge
  book: SeriesBook
  clocks: BatchClocks
  ledger: Pick<Ledger, 'cursor' | 'deferred' | 'newest' | 'commit' | 'repairsOf'>
  /** Called after each commit, in order; should not throw. */
  onCommitted: (committed: Committed) => void
  /** Called behind it, with what became of each value that was sent; should not throw. */
  onCarried: (carried: Carried) => void
  /** Told of each amendment that changed nothing, because what was carried before contradicted it; should not throw. */
  onRefused: (amendment: CarriedAmendment) => void
  onError: (error: GaugekeeperError) => void
  /** Lets others run between two slices of a batch. */
  breathe: () => Promise<void>
  tally: Tally
}

/** A batch that waits for its commit, and what is told of it afterwards. */
interface Prepared {
  commit: Commit
  carried: Carried
}

/** Deliveries between two breaths: about a millisecond. */
const slice = 500

/** Carries journal batches to stored observations, one after the other. */
export class Carrier {
  readonly #parts: CarrierParts
  #batchNumber = 0
  /** Prepared, but the store went away: the book knows its readings, so it is committed before anything else is prepared. */
  #unfinished: Prepared | null = null

  constructor(parts: CarrierParts) {
    this.#parts = parts
  }

  /**
   * Resolves when everything of the batch is committed and told; what the live lane passes over is committed as deferred. Rejects when
   * the store is away: what was not committed is not kept, the lane's cursor stays there, and a batch that begins there may be given
   * again. What throws for another reason is halved until the delivery that does it stands alone and is quarantined. One call at a time.
   */
  async carry(given: JournalBatch, lane: Lane): Promise<void> {
    if (given.damaged.length > 0) this.#parts.onError(new JournalDamaged(given.damaged))
    await this.finish()
    const queue = amendmentsApart(behind({ ...given, lane }, this.#reached(lane)))
    for (let batch = queue[0]; batch !== undefined; batch = queue[0]) {
      const failure = batch.cursor <= this.#reached(lane) ? null : await this.#attempt(batch)
      const rest = failure === null ? behind(batch, this.#reached(lane)) : batch
      if (failure === null && rest.deliveries.length > 0) queue[0] = rest
      else if (failure !== null && batch.deliveries.length > 1) queue.splice(0, 1, ...halves(batch))
      else {
        if (failure !== null) await this.#carryAside(batch, failure.error)
        queue.shift()
      }
    }
  }

  #reached(lane: Lane): number {
    const { ledger } = this.#parts
    return lane === 'live' ? ledger.cursor() : ledger.deferred().cursor
  }

  /** Commits what a store that went away left prepared; nothing to do as a rule. Rejects when the store is still away. */
  async finish(): Promise<void> {
    if (this.#unfinished === null) return
    try {
      await this.#commit(this.#unfinished)
    } catch (error) {
      if (isStoreTrouble(error)) throw error
      this.#forget()
    }
  }

  /** Null when the batch is carried; what went wrong, when it is not the store's fault. */
  async #attempt(batch: Load): Promise<{ error: unknown } | null> {
    try {
      const { taken, load } = await this.#takeAll(batch)
      await this.#commit(await this.#settle(load, taken))
      return null
    } catch (error) {
      if (this.#unfinished === null || !isStoreTrouble(error)) this.#forget()
      if (isStoreTrouble(error)) throw error
      return { error }
    }
  }

  /**
   * Takes deliveries up to the one that brings the jobs of a full hour: what they find in the store, and whether a reading came before what
   * they tell, must not hang on where a batch ends.
   */
  async #takeAll(batch: Load): Promise<{ taken: Taken; load: Load }> {
    const { begin, intake, amend, clocks, ledger, tally, breathe } = this.#parts
    begin()
    let load = await withOpenOrders(batch, ledger)
    const { deliveries, lane } = load
    const taken = takenNothing()
    const done = tally.begin('decode')
    for (let i = 0; i < deliveries.length; i++) {
      const delivery = deliveries[i]
      if (delivery === undefined) break
      if (isAmendment(delivery)) await amend(delivery, taken)
      else intake.take(delivery, taken, lane)
      if (clocks.isHourDone() && i < deliveries.length - 1) {
        load = { ...load, deliveries: deliveries.slice(0, i + 1), cursor: delivery.number }
        break
      }
      if (i % slice === slice - 1) await breathe()
    }
    done()
    return { taken, load }
  }

  /** From rows to a commit. */
  async #settle(batch: Load, taken: Taken): Promise<Prepared> {
    const { reconcile, derive, judge, clocks, tally, breathe } = this.#parts
    const number = ++this.#batchNumber
    const reconciled = tally.begin('reconcile')
    const { kept, duplicates, restored } = await reconcile(taken, number, batch.lane)
    const standing = restored.length === 0 ? kept : [...kept, ...restored]
    const increments = await derive(standing)
    const derived = increments.rows.length === 0 ? [] : (await reconcile(increments, number)).kept
    reconciled()
    await breathe()
    const done = tally.begin('judge')
    const fresh = derived.length === 0 ? standing : [...standing, ...derived]
    const judged = await judge(fresh, number)
    done()
    const counts = taken.amendment === null ? countsOf(kept, duplicates, taken) : []
    await breathe()
    const rows = judged.length === 0 ? fresh : [...fresh, ...judged]
    const { quarantined, asideNumbers, deferred } = taken
    const counted = taken.amendment === null ? kept.length : 0
    const acts = actsOf(batch.deliveries, taken, { kept, duplicates })
    return {
      commit: { ...this.#cursors(batch, deferred), rows, counted, quarantined, deferred, counts, watermarks: clocks.moved(), ...acts },
      carried: fromDevices(taken, { kept, duplicates, quarantined, asideNumbers, counts }),
    }
  }

  /** Where the two lanes are when the batch is committed. */
  #cursors({ lane, cursor }: Load, passedOver: readonly number[]): Pick<Commit, 'cursor' | 'deferredCursor'> {
    const { ledger } = this.#parts
    if (lane === 'deferred') return { cursor: ledger.cursor(), deferredCursor: cursor }
    const deferred = ledger.deferred()
    return { cursor, deferredCursor: deferred.waiting > 0 ? deferred.cursor : (passedOver[0] ?? cursor + 1) - 1 }
  }

  /** Commits once: a commit whose answer was lost may have been made. */
  async #commit(unfinished: Prepared): Promise<void> {
    const { ledger, clocks, corrections, tally, book } = this.#parts
    const { commit: prepared, carried } = unfinished
    this.#unfinished = unfinished
    const done = tally.begin('commit')
    const isMade = ledger.cursor() >= prepared.cursor && ledger.deferred().cursor >= prepared.deferredCursor
    let made = prepared
    const commit = isMade ? ledger.newest() : await ledger.commit(prepared, (kept) => (made = kept))
    done()
    this.#unfinished = null
    for (const one of prepared.amendments ?? []) corrections.take(one)
    clocks.keep()
    tally.add(made)
    // the store refused readings that the book knows by now: sent again, they are none that came twice
    if (made !== prepared) book.forget()
    for (const one of prepared.amendments ?? []) if (one.refused !== undefined) this.#parts.onRefused(one)
    this.#tell({ commit, rows: made.rows, watermarks: made.watermarks }, made === prepared ? carried : asKept(carried, prepared, made))
  }

  /** A listener that throws has its own cursor to catch up by; the commit stands. */
  #tell(committed: Committed, carried: Carried): void {
    try {
      this.#parts.onCommitted(committed)
      this.#parts.onCarried(carried)
    } catch (error) {
      this.#parts.onError(new PipelineFailed(`telling of commit ${committed.commit}`, error))
    }
  }

  /** The delivery that cannot be carried goes into quarantine. When even that fails, it was not the delivery's fault. */
  async #carryAside(batch: Load, cause: unknown): Promise<void> {
    const taken = takenNothing()
    for (const delivery of batch.deliveries) this.#parts.intake.putAside(delivery, cause, taken)
    try {
      await this.#commit(await this.#settle(batch, taken))
    } catch (error) {
      this.#forget()
      throw error
    }
  }

  /** What is known of the series and clocks is read back from what was committed. */
  #forget(): void {
    this.#unfinished = null
    this.#parts.book.forget()
    this.#parts.clocks.reset()
  }
}

/** The store says so itself: the same call may be made again, or somebody has to mend it. No delivery is to blame. */
function isStoreTrouble(error: unknown): boolean {
  return error instanceof GaugekeeperError && error.code.startsWith('store-')
}
