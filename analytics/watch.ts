import type { CurrentFleet } from '../domain/fleet.ts'
import type { GaugekeeperError } from '../domain/errors.ts'
import type { RunId, WarningId } from '../domain/ids.ts'
import type { Warning } from '../domain/warning.ts'
import type { Committed } from '../store/ports/ledger.ts'
import type { Store } from '../store/ports/store.ts'
import { createWarningBook, warningsReader, type WarningBook } from './book.ts'
import { bringBack, isCheckpoint, takeDown } from './checkpoint.ts'
import type { AnalyticsConfig } from './config.ts'
import { acknowledge } from './desk.ts'
import { createHourly, type Hourly } from './jobs/hourly.ts'
import { lengthMs } from './ladder-settings.ts'
import { CheckpointUnreadable } from './errors.ts'
import { Ahead, readNewest, readPast, readSpan, type Past } from './past.ts'
import { lookbackOf, Round } from './round.ts'
import { countOpen } from './follow.ts'
import type { SeriesSlot, WatchContext } from './slot.ts'

/** The cursor that holds commits back: what lies before it is in the checkpoint. */
export const analyticsReader = 'analytics'

const minuteMs = 60_000
const rowsAtOnce = 20_000

export interface WatchParts {
  store: Pick<Store, 'telemetry' | 'ledger' | 'warnings' | 'documents'>
  /** The networks of all runs are in it before `start`: warnings of rules that it lacks end. */
  fleet: CurrentFleet
  config: AnalyticsConfig
  /** Our own clock, epoch ms: dates the checkpoint and when a warning was kept; decides nothing. */
  now: () => number
  /** When a run began, by our own clock; null = nobody knows. Rejects with StoreUnavailable. */
  begunAt: (run: RunId) => Promise<number | null>
  /** New versions, after they are kept. Returns at once. */
  onWarnings: (versions: readonly Warning[]) => void
  /** What went wrong and was got over. */
  onError?: (error: GaugekeeperError) => void
}

export interface WatchFigures {
  /** Newest commit whose rules have run and whose warnings are kept, those of its hourly jobs included. */
  commit: number
  /** Since the start: readings looked at, series run again because of readings out of order, versions of warnings kept. */
  rows: number
  reruns: number
  versions: number
  /** Commits and requests that wait. */
  waiting: number
  series: number
  rules: number
  /** Series with a warning that lasts. */
  openSeries: number
  /** Hours of series to be summed up again. */
  dirtyHours: number
}

/**
 * Watches what is committed: rules, silence, hourly jobs, warnings. Everything goes through one queue, in order of commits.
 * What it says depends on the commits and the rules only, so that a restart or a replay says the same.
 */
export interface Watch {
  /** Brings back the last checkpoint and catches up with the store. Once, before the first `consume`. Rejects with StoreUnavailable. */
  start(): Promise<void>
  /**
   * Takes one commit, as it was made or as a reader gets it. One that is not the next is first caught up with, one that is known is left.
   * With too many waiting it is read back from the store when its turn comes. Rejects with StoreUnavailable: nothing is lost, the next
   * call goes on where this one stopped.
   */
  consume(committed: Committed): Promise<void>
  /** Goes on after StoreUnavailable, and takes what has been committed since. */
  catchUp(): Promise<void>
  /** See WarningDesk. */
  acknowledge(id: WarningId, by: string, note: string | null, at: number): Promise<Warning | null>
  /** Waits for the queue and writes a checkpoint. Catching up ends with the commits that are at hand: the next start goes on from there. */
  stop(): Promise<void>
  figures(): WatchFigures
}

export function createWatch(parts: WatchParts): Watch {
  const watcher = new Watcher(parts)
  return {
    start: () => watcher.enqueue(() => watcher.bringUp()),
    consume: (committed) => watcher.consume(committed),
    catchUp: () => watcher.enqueue(() => watcher.readOn()),
    acknowledge: (id, by, note, at) => watcher.enqueue(() => watcher.acknowledge(id, by, note, at)),
    stop: () => watcher.end(),
    figures: () => watcher.figures(),
  }
}

class Watcher {
  private readonly context: WatchContext
  private readonly round: Round
  private readonly hourly: Hourly
  private readonly book: WarningBook
  /** Newest commit taken, the newest one told by kept warnings at the start, and the one of the checkpoint. */
  private last = 0
  private told = 0
  private checkpointed = 0
  /** The commit `last` was taken, but not everything that follows from it is done. */
  private isUnfinished = false
  private isEnding = false
  private queue: Promise<unknown> = Promise.resolve()
  private waiting = 0

  constructor(private readonly parts: WatchParts) {
    const { store, config, onWarnings } = parts
    const graceMs = lengthMs(config.jobGrace, 5 * minuteMs)
    this.context = {
      pen: { silent: false, written: [] },
      retrospectiveMs: lengthMs(config.retrospectiveAfter, 60 * minuteMs),
      graceMs,
      watched: new Set(),
    }
    this.hourly = createHourly({ telemetry: store.telemetry, graceMs, mostDirty: config.dirtyWindows })
    this.round = new Round(this.context, this.hourly, config.samplesPerSeries)
    this.book = createWarningBook({ store: store.warnings, pen: this.context.pen, now: parts.now, begunAt: parts.begunAt, onWarnings })
  }

  enqueue<Result>(job: () => Promise<Result>): Promise<Result> {
    this.waiting += 1
    const done = this.queue.then(job).finally(() => (this.waiting -= 1))
    this.queue = done.catch(() => undefined)
    return done
  }

  consume(committed: Committed): Promise<void> {
    const { commit } = committed
    if (this.waiting >= this.parts.config.queueCommits) return this.enqueue(() => this.readOn(commit))
    return this.enqueue(async () => {
      if (this.isUnfinished) await this.finish()
      if (commit > this.last + 1) await this.readOn(commit - 1)
      if (this.isEnding && commit > this.last + 1) return
      if (commit > this.last) await this.step(committed)
    })
  }

  /** Takes commits from the ledger, up to `until` where there are as many. */
  async readOn(until = Infinity): Promise<void> {
    if (this.isUnfinished) await this.finish()
    while (this.last < until && !this.isEnding) {
      const page = await this.parts.store.ledger.committedSince(this.last, rowsAtOnce)
      if (page.length === 0) return
      for (const committed of page) if (committed.commit > this.last) await this.step(committed)
    }
  }

  async bringUp(): Promise<void> {
    const { ledger, documents } = this.parts.store
    await ledger.readerCursor(analyticsReader)
    this.told = await ledger.readerCursor(warningsReader)
    const body = (await documents.get('checkpoint', analyticsReader))?.body
    this.round.adopt(this.parts.fleet())
    const { bindings, clocks } = this.round
    const slots = [...bindings.slots.values()]
    if (isCheckpoint(body)) {
      bringBack(body, bindings, clocks, this.hourly.dirty)
      this.last = this.checkpointed = body.commit
      await readPast(this.pastBehind(), slots)
      if (this.isEnding) return
      for (const slot of slots) countOpen(this.context, slot)
    } else if (body !== undefined) this.parts.onError?.(new CheckpointUnreadable())
    this.context.pen.silent = this.told > 0
    await this.readOn()
    if (this.isEnding) return
    if (this.context.pen.silent) await this.book.wake(this.round.bindings)
    await this.readUnknown(slots)
    await this.book.keep(this.last)
  }

  async acknowledge(id: WarningId, by: string, note: string | null, at: number): Promise<Warning | null> {
    if (this.isUnfinished) await this.finish()
    const version = await acknowledge(
      this.parts.store.warnings,
      { bindings: this.round.bindings, pen: this.context.pen },
      { id, by, note, at },
    )
    await this.book.keep(null)
    return version
  }

  end(): Promise<void> {
    this.isEnding = true
    return this.enqueue(() => this.rest())
  }

  /** While the rules only repeat what they have said before, the last checkpoint stands. */
  private async rest(): Promise<void> {
    if (this.isUnfinished) await this.finish()
    if (this.last > this.checkpointed && !this.context.pen.silent) await this.writeCheckpoint()
  }

  figures(): WatchFigures {
    const { rows, reruns, bindings } = this.round
    return {
      commit: this.isUnfinished ? this.last - 1 : this.last,
      rows,
      reruns,
      versions: this.book.figures().kept,
      waiting: this.waiting,
      series: bindings.slots.size,
      rules: bindings.tracks.size,
      openSeries: this.context.watched.size,
      dirtyHours: this.hourly.dirty.size,
    }
  }

  private async step(committed: Committed): Promise<void> {
    if (this.context.pen.silent && committed.commit > this.told) await this.book.wake(this.round.bindings)
    const fleet = this.parts.fleet()
    if (fleet !== this.round.bindings.fleet) await this.readUnknown(this.round.adopt(fleet))
    this.round.take(committed)
    this.last = committed.commit
    this.isUnfinished = true
    await this.finish()
  }

  /** The past of series whose rules begin in the middle of things. */
  private async readUnknown(slots: readonly SeriesSlot[]): Promise<void> {
    const unread = slots.filter((slot) => slot.samples.newest === -Infinity)
    if (unread.length === 0) return
    const past = this.pastBehind()
    await readNewest(past, unread)
    await readPast(past, unread)
  }

  /** The store as it stood at the last commit taken. */
  private pastBehind(): Past {
    const { ledger, telemetry } = this.parts.store
    return { telemetry, ahead: new Ahead(ledger, this.last), isEnding: () => this.isEnding }
  }

  /** What follows from the commits taken and may need the store. Called again when it was cut short. */
  private async finish(): Promise<void> {
    const { round, hourly } = this
    for (const slot of [...round.dirty])
      round.runAgain(slot, await readSpan(this.parts.store.telemetry, slot, slot.dirtyFrom - lookbackOf(slot)))
    for (const clock of round.clocks.all()) {
      const hour = hourly.due(clock)
      if (hour === null) continue
      if (this.context.pen.silent) clock.hour = hour
      else await hourly.run(this.context, round.bindings.fleet, clock, round.bindings.trends.get(clock) ?? [])
    }
    await this.book.keep(this.last)
    this.isUnfinished = false
    if (!this.context.pen.silent && this.last - this.checkpointed >= this.parts.config.checkpointEvery) await this.writeCheckpoint()
  }

  private async writeCheckpoint(): Promise<void> {
    const { documents, ledger } = this.parts.store
    const { bindings, clocks } = this.round
    await documents.put('checkpoint', analyticsReader, takeDown(bindings, clocks, this.hourly.dirty, this.last), this.parts.now())
    this.checkpointed = this.last
    await ledger.moveReader(warningsReader, this.last)
    await ledger.moveReader(analyticsReader, this.last)
  }
}
