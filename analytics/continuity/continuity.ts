import type { CommandResult, SendCommand } from '../../domain/command.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import type { Gap, GapCause } from '../../domain/gap.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Sequence } from '../../domain/sequence.ts'
import type { Committed } from '../../store/ports/ledger.ts'
import type { Store } from '../../store/ports/store.ts'
import { Asking, type Request } from './asking.ts'
import { GapBook, type BookState } from './gap-book.ts'
import type { OpenGap } from './series-gaps.ts'

/** The cursor that holds commits back: what lies before it is in the checkpoint. */
export const continuityReader = 'continuity'

export interface ContinuityParts {
  store: Pick<Store, 'ledger' | 'documents'>
  fleet: CurrentFleet
  send: SendCommand
  /** Epoch ms: dates of documents and the rate of requests; decides nothing else. */
  now: () => number
  /** Commits between two checkpoints. */
  checkpointEvery: number
}

export interface ContinuityFigures {
  commit: number
  open: ReadonlyMap<GapCause, number>
  /** Since the start. */
  opened: number
  closed: number
  givenUp: number
  /** Gaps not kept, because there were 20,000 that had not ended. */
  dropped: number
  /** Answers to requests by outcome. */
  requests: ReadonlyMap<string, number>
}

/** Knows what should have come and did not: follows commits with a cursor of its own, in one queue. */
export interface Continuity {
  /** Brings back gaps and checkpoint and catches up. Once, before `consume`. Rejects with StoreUnavailable. */
  start(): Promise<void>
  /** Takes a commit; what was missed before it is read from the ledger. Rejects with StoreUnavailable: the next call goes on. */
  consume(committed: Committed): Promise<void>
  catchUp(): Promise<void>
  /** Those kept, newest begin first. */
  gaps(): Gap[]
  /**
   * The numbers of a device as they are stored, all commits up to now included; a copy. Null when it never sent one. Rejects with
   * StoreUnavailable.
   */
  numbers(device: DeviceId): Promise<Sequence | null>
  figures(): ContinuityFigures
  /** Waits for the queue and writes a checkpoint. Catching up ends with the commits that are at hand: the next start goes on from there. */
  stop(): Promise<void>
}

interface Checkpoint extends BookState {
  format: 1
  commit: number
}

const [rowsAtOnce, gapsAtOnce, mostEntries] = [20_000, 1_000, 200]

export function createContinuity(parts: ContinuityParts): Continuity {
  const follower = new Follower(parts)
  return {
    start: () => follower.enqueue(() => follower.bringUp()),
    consume: (committed) => follower.consume(committed),
    catchUp: () => follower.enqueue(() => follower.readOn()),
    gaps: () => [...follower.book.gaps.values()].map((gap) => follower.book.asOfNow(gap)).sort((a, b) => b.from - a.from),
    numbers: (device) => follower.numbers(device),
    figures: () => follower.figures(),
    stop: () => follower.end(),
  }
}

class Follower {
  readonly book: GapBook
  readonly #parts: ContinuityParts
  readonly #asking: Asking
  /** Newest commit taken, and the one of the checkpoint. */
  #last = 0
  #checkpointed = 0
  /** Caught up: devices are asked from here on. */
  #isLive = false
  #isEnding = false
  #isStopped = false
  /** Commits in the queue. */
  #waiting = 0
  #queue: Promise<unknown> = Promise.resolve()

  constructor(parts: ContinuityParts) {
    const { fleet, send, now } = parts
    this.#parts = parts
    this.book = new GapBook(fleet())
    const answered = (request: Request, result: CommandResult): void => {
      this.enqueue(() => this.#hear(request, result)).catch(() => undefined) // a store that is away: the answer stays in memory
    }
    this.#asking = new Asking({ send, now, keep: (gaps) => this.#put(gaps), answered })
  }

  enqueue(job: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(() => (this.#isStopped ? undefined : job()))
    this.#queue = done.catch(() => undefined)
    return done
  }

  async bringUp(): Promise<void> {
    const { ledger, documents } = this.#parts.store
    await ledger.readerCursor(continuityReader)
    const body = (await documents.get<Checkpoint>('checkpoint', continuityReader))?.body
    const checkpoint = body?.format === 1 ? body : null
    this.book.restore(checkpoint, await this.#keptGaps())
    this.#last = this.#checkpointed = checkpoint?.commit ?? 0
    await this.readOn()
    this.#isLive = !this.#isEnding
  }

  /** Commits that came while the store was busy are taken together: one transaction for all that they change. */
  consume(committed: Committed): Promise<void> {
    this.#waiting += 1
    return this.enqueue(async () => {
      this.#waiting -= 1
      if (committed.commit > this.#last + 1) await this.readOn(committed.commit - 1)
      if (this.#isEnding && committed.commit > this.#last + 1) return
      if (committed.commit > this.#last) this.#take(committed)
      if (this.#waiting === 0) await this.#settle()
    })
  }

  async readOn(until = Infinity): Promise<void> {
    await this.#settle()
    while (this.#last < until && !this.#isEnding) {
      const page = await this.#parts.store.ledger.committedSince(this.#last, rowsAtOnce)
      if (page.length === 0) return
      for (const committed of page) if (committed.commit > this.#last) this.#take(committed)
      await this.#settle()
    }
  }

  async numbers(device: DeviceId): Promise<Sequence | null> {
    const newest = this.#parts.store.ledger.newest()
    await this.enqueue(async () => {
      if (this.#last < newest) await this.readOn(newest)
    })
    return structuredClone(this.book.sequences.get(device) ?? null)
  }

  end(): Promise<void> {
    this.#isEnding = true
    return this.enqueue(() => this.#rest())
  }

  async #rest(): Promise<void> {
    await this.#settle()
    if (this.#last > this.#checkpointed) await this.#writeCheckpoint()
    this.#isStopped = true
  }

  figures(): ContinuityFigures {
    const open = new Map<GapCause, number>()
    for (const { cause } of this.book.open()) open.set(cause, (open.get(cause) ?? 0) + 1)
    return { commit: this.#last, open, ...this.book.counts, requests: this.#asking.counts }
  }

  async #keptGaps(): Promise<OpenGap[]> {
    const gaps: OpenGap[] = []
    for (let after: string | undefined; ;) {
      const page = await this.#parts.store.documents.list<OpenGap>('gap', { ...(after !== undefined && { after }), limit: gapsAtOnce })
      gaps.push(...page.map(({ body }) => unanswered(body)))
      after = page.at(-1)?.key
      if (page.length < gapsAtOnce) return gaps
    }
  }

  #take(committed: Committed): void {
    this.book.adopt(this.#parts.fleet())
    this.book.take(committed)
    this.#last = committed.commit
  }

  /** What follows from the commits taken and needs the store; begun again when it was cut short. */
  async #settle(): Promise<void> {
    const { book } = this
    await this.#lookIntoQuarantine([...book.changed].filter(({ state, arrived }) => state === 'open' && arrived === 0))
    await this.#put([...book.changed])
    for (const id of book.removed) await this.#parts.store.documents.remove('gap', id)
    book.removed.clear()
    if (this.#last - this.#checkpointed >= this.#parts.checkpointEvery) await this.#writeCheckpoint()
    if (this.#isLive) await this.#asking.ask(book, this.#parts.fleet())
  }

  /** Gaps whose readings were put aside. Most devices have nothing in the quarantine, which one question tells for all of them. */
  async #lookIntoQuarantine(gaps: readonly OpenGap[]): Promise<void> {
    if (gaps.length === 0) return
    const { ledger } = this.#parts.store
    const devices = new Set((await ledger.quarantineGroups()).map(({ device }) => device))
    for (const gap of gaps.filter(({ device }) => devices.has(device))) {
      const [before, behind] = gap.between
      const entries = await ledger.quarantine({ device: gap.device, limit: mostEntries, peek: 0 })
      if (entries.some(({ delivery }) => delivery > before && delivery <= (behind ?? Infinity))) gap.cause = 'quarantined'
    }
  }

  async #put(gaps: readonly OpenGap[]): Promise<void> {
    if (gaps.length === 0) return
    const updatedAt = this.#parts.now()
    await this.#parts.store.documents.putAll(
      'gap',
      gaps.map((gap) => ({ key: gap.id, body: gap, updatedAt })),
    )
    for (const gap of gaps) this.book.changed.delete(gap)
  }

  async #hear({ gaps }: Request, { outcome, detail }: CommandResult): Promise<void> {
    for (const gap of gaps) if (gap.request) Object.assign(gap.request, { outcome, detail })
    await this.#put(gaps.filter(({ id }) => this.book.gaps.has(id)))
  }

  async #writeCheckpoint(): Promise<void> {
    const { documents, ledger } = this.#parts.store
    const checkpoint: Checkpoint = { format: 1, commit: this.#last, ...this.book.state() }
    await documents.put('checkpoint', continuityReader, checkpoint, this.#parts.now())
    this.#checkpointed = this.#last
    await ledger.moveReader(continuityReader, this.#last)
  }
}

/** A request whose answer went with the process that waited for it: it is asked again like any other without an answer. */
function unanswered(gap: OpenGap): OpenGap {
  if (gap.request?.outcome !== 'waiting') return gap
  return { ...gap, request: { ...gap.request, outcome: 'no-answer', detail: 'the answer was not waited for: the server was started anew' } }
}
