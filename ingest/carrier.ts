import { GaugekeeperError } from '../domain/errors.ts'
import type { Commit, Committed, Ledger, StoredRow } from '../store/ports/ledger.ts'
import { createAccounts, type Accounts } from './accounts.ts'
import type { Derive } from './counters.ts'
import { JournalDamaged, PipelineFailed } from './errors.ts'
import type { Intake, Taken } from './intake.ts'
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
  reconcile: Reconcile
  derive: Derive
  judge: Judge
  book: SeriesBook
  clocks: BatchClocks
  ledger: Pick<Ledger, 'cursor' | 'newest' | 'commit'>
  /** Called after each commit, in order; should not throw. */
  onCommitted: (committed: Committed) => void
  /** Called behind it, with what became of each value that was sent; should not throw. */
  onCarried: (carried: Carried) => void
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
   * Resolves when everything of the batch is committed and told. Rejects when the store is away: what was not committed is not kept,
   * the cursor stays there, and a batch that begins there may be given again. What throws for another reason is halved until the
   * delivery that does it stands alone and is quarantined. One call at a time.
   */
  async carry(given: JournalBatch): Promise<void> {
    const { ledger, onError } = this.#parts
    if (given.damaged.length > 0) onError(new JournalDamaged(given.damaged))
    await this.finish()
    const queue = [behind(given, ledger.cursor())]
    for (let batch = queue[0]; batch !== undefined; batch = queue[0]) {
      const failure = batch.cursor <= ledger.cursor() ? null : await this.#attempt(batch)
      if (failure !== null && batch.deliveries.length > 1) queue.splice(0, 1, ...halves(batch))
      else {
        if (failure !== null) await this.#carryAside(batch, failure.error)
        queue.shift()
      }
    }
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
  async #attempt(batch: JournalBatch): Promise<{ error: unknown } | null> {
    try {
      await this.#commit(await this.#settle(batch, await this.#takeAll(batch)))
      return null
    } catch (error) {
      if (this.#unfinished === null || !isStoreTrouble(error)) this.#forget()
      if (isStoreTrouble(error)) throw error
      return { error }
    }
  }

  async #takeAll({ deliveries }: JournalBatch): Promise<Taken> {
    const { begin, intake, tally, breathe } = this.#parts
    begin()
    const taken = nothingTaken()
    const done = tally.begin('decode')
    for (let i = 0; i < deliveries.length; i++) {
      const delivery = deliveries[i]
      if (delivery !== undefined) intake.take(delivery, taken)
      if (i % slice === slice - 1) await breathe()
    }
    done()
    return taken
  }

  /** From rows to a commit. */
  async #settle(batch: JournalBatch, taken: Taken): Promise<Prepared> {
    const { reconcile, derive, judge, clocks, ledger, tally, breathe } = this.#parts
    const [number, cursor] = [++this.#batchNumber, ledger.cursor()]
    const reconciled = tally.begin('reconcile')
    const { kept, duplicates } = await reconcile(taken, number, cursor)
    const increments = await derive(kept, cursor)
    const derived = increments.rows.length === 0 ? [] : (await reconcile(increments, number, cursor)).kept
    reconciled()
    await breathe()
    const done = tally.begin('judge')
    const judged = await judge(derived.length === 0 ? kept : [...kept, ...derived], number, cursor)
    done()
    const accounts = createAccounts()
    countRows(kept, accounts)
    for (const { device, receivedAt } of duplicates) accounts.add(device, receivedAt, 'duplicate', 1)
    for (const { device, receivedAt, values } of taken.quarantined) accounts.add(device, receivedAt, 'quarantined', values)
    await breathe()
    const rows = judged.length + derived.length === 0 ? kept : [...kept, ...derived, ...judged]
    const { quarantined, asideNumbers } = taken
    const counts = accounts.counts()
    return {
      commit: { cursor: batch.cursor, rows, quarantined, counts, watermarks: clocks.moved() },
      carried: { kept, duplicates, quarantined, asideNumbers, counts },
    }
  }

  /** Commits once: a commit whose answer was lost may have been made. */
  async #commit(unfinished: Prepared): Promise<void> {
    const { ledger, clocks, tally } = this.#parts
    const { commit: prepared, carried } = unfinished
    this.#unfinished = unfinished
    const done = tally.begin('commit')
    const isMade = ledger.cursor() >= prepared.cursor
    const commit = isMade ? ledger.newest() : await ledger.commit(prepared)
    done()
    this.#unfinished = null
    clocks.keep()
    tally.add(prepared)
    this.#tell({ commit, rows: prepared.rows, watermarks: prepared.watermarks }, carried)
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
  async #carryAside(batch: JournalBatch, cause: unknown): Promise<void> {
    const taken = nothingTaken()
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

const nothingTaken = (): Taken => ({ rows: [], clocks: [], quarantined: [], asideNumbers: [] })

function countRows(rows: readonly StoredRow[], accounts: Accounts): void {
  for (const { device, receivedAt, arrival } of rows) {
    accounts.add(device, receivedAt, arrival === 'revised' ? 'versions' : 'stored', 1)
    if (arrival === 'late') accounts.late(device)
  }
}

/** The part of a batch that is not carried yet. */
function behind(batch: JournalBatch, cursor: number): JournalBatch {
  const first = batch.deliveries[0]?.number ?? Infinity
  return first > cursor ? batch : { ...batch, deliveries: batch.deliveries.filter(({ number }) => number > cursor) }
}

function halves(batch: JournalBatch): [JournalBatch, JournalBatch] {
  const middle = batch.deliveries.length >> 1
  const first = batch.deliveries.slice(0, middle)
  return [
    { deliveries: first, cursor: first.at(-1)?.number ?? batch.cursor, damaged: [] },
    { deliveries: batch.deliveries.slice(middle), cursor: batch.cursor, damaged: [] },
  ]
}

/** The store says so itself: the same call may be made again, or somebody has to mend it. No delivery is to blame. */
function isStoreTrouble(error: unknown): boolean {
  return error instanceof GaugekeeperError && error.code.startsWith('store-')
}
