import type { Amendment, CarriedAmendment, CarriedRepair } from '../../domain/amendment.ts'
import type { DeviceId, RunId, SensorId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Quarantined, RejectionReason } from '../../domain/rejection.ts'

/** How an observation came to its place in its series. */
export type Arrival =
  | 'next' // newer than all before it
  | 'inserted' // between or before others: flags and rules after it run again
  | 'revised' // same key, other value: a new version
  | 'judged' // same key and value, another flag: a judgement version, outside the counters
  | 'late' // beyond the lateness allowed: stored, flagged, nothing else runs again

/** One row for the store: the new current state of its key. `revised` and `judged` supersede what is there. */
export interface StoredRow extends Observation {
  arrival: Arrival
}

/** Values counted for one device in one commit. received = stored + versions + duplicate + quarantined, exact. */
export interface DeviceCount {
  device: DeviceId
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
  /** Newest receivedAt of the device in this batch. */
  lastReceivedAt: number
  /** Of the stored and versions: how many were late. */
  late: number
}

/** A reading of the clock that a run or the real fleet is judged by, in commit order. */
export interface Watermark {
  /** null = the real fleet (wall clock, journalled ticks). */
  run: RunId | null
  at: number
  /** The ticks of the batch, each with the number of its delivery, in order. What came before the first saw the clock as it was. */
  steps?: readonly ClockStep[]
}

/** From this delivery on the clock of a run shows this moment, epoch ms. */
export type ClockStep = readonly [delivery: number, at: number]

/** One batch of the pipeline, committed as one transaction. */
export interface Commit {
  /** Number of the last delivery that the live lane has passed; its next batch begins behind it. */
  cursor: number
  /** Everything up to this delivery is carried, what was deferred included; `cursor` when nothing waits. Each commit moves one of the two. */
  deferredCursor: number
  /** Numbers that this commit's live batch passed over, in order: the deferred lane carries them later. */
  deferred: readonly number[]
  rows: readonly StoredRow[]
  /**
   * How many of the rows, from the first on, are values that devices sent and `counts` counts; behind them stands what follows from them or
   * from a person's change. Absent = all but those judged again.
   */
  counted?: number
  quarantined: readonly Quarantined[]
  counts: readonly DeviceCount[]
  /** Watermarks as they stand after the batch, only those that moved. */
  watermarks: readonly Watermark[]
  /** What people changed with this batch; its rows are among `rows`. */
  amendments?: readonly CarriedAmendment[]
  /** Entries of the quarantine that were run again or closed with this batch; what is refused once more stands in `quarantined`. */
  repaired?: readonly CarriedRepair[]
}

/** A commit as its readers see it. Numbers grow by one; never reused. */
export interface Committed {
  commit: number
  rows: readonly StoredRow[]
  watermarks: readonly Watermark[]
}

/** What the live lane has passed over. */
export interface Deferred {
  /** Everything up to this delivery is carried; `Ledger.cursor` when nothing waits. */
  cursor: number
  /** Deliveries that wait. */
  waiting: number
}

/** Where the pipeline commits and its readers (analytics, second sinks) take up from. */
export interface Ledger {
  /** Number of the last delivery that the live lane has passed, 0 at the beginning. */
  cursor(): number
  deferred(): Deferred
  /** The first of the deliveries that wait in the deferred lane, in order, at most `limit`. */
  nextDeferred(limit: number): Promise<number[]>
  /** Newest commit number, 0 at the beginning. */
  newest(): number
  /**
   * Rows, quarantine, counters, watermarks, both cursors and what is deferred in one transaction; resolves with the commit number.
   * Rejects with StoreUnavailable: nothing is kept, the same batch comes again. Where an outside store refused rows for good, `changed` is
   * told before what was committed in place of the batch: without them, with an entry of the quarantine for each behind the others (of no value
   * where the row is none that was counted).
   */
  commit(batch: Commit, changed?: (kept: Commit) => void): Promise<number>
  /**
   * Commits after `after`, in order, at most about `limitRows` rows in all (at least one commit when there is one).
   * Rows of a commit: within a series in time order, states of one key as they were made; the order of series is not promised.
   */
  committedSince(after: number, limitRows: number): Promise<Committed[]>
  /** Cursor of a named reader (`analytics`, `influx`), by commit number; asking makes the reader known, from then on nothing it has not passed is let go. */
  readerCursor(reader: string): Promise<number>
  moveReader(reader: string, commit: number): Promise<void>
  /** Totals since the beginning, by device. */
  counts(): Promise<DeviceCount[]>
  /** Newest first; `before` is an id, to page on. */
  quarantine(query: QuarantineQuery): Promise<QuarantineEntry[]>
  quarantineEntry(id: number): Promise<QuarantineEntry | null>
  /** Of these entries what ran each again or closed it, null while it is open; those that there are not are left out. */
  repairsOf(entries: readonly number[]): Promise<Map<number, CarriedRepair | null>>
  /** Open entries by device and reason. */
  quarantineGroups(): Promise<QuarantineGroup[]>
  quarantineHeld(): Promise<QuarantineHeld>
  /** Values of all entries that there ever were, those that were run again among them: it only grows. */
  putAside(): Promise<number>
  /** Newest first; without a limit all of them. */
  amendments(query: AmendmentQuery): Promise<CarriedAmendment[]>
  watermarks(): Promise<Watermark[]>
}

/** Waits; was run again; was closed by a person who does not want it. */
export type QuarantineState = 'open' | 'repaired' | 'given-up'

export interface QuarantineQuery {
  device?: DeviceId
  reason?: string
  /** Absent = both. */
  state?: QuarantineState
  before?: number
  limit: number
  /** So many bytes of each payload at most; absent = all of it. */
  peek?: number
  /** Entries end before their payloads hold more than this in all; the first is given in any case. */
  mostBytes?: number
}

export interface QuarantineEntry extends Quarantined {
  /** Counts from 1. */
  id: number
  /** Length of the whole payload, of which `payload` may be the beginning. */
  payloadBytes: number
  /** By whom and when it was run again or closed, and what became of its values; null = open. */
  repaired: CarriedRepair | null
}

export interface QuarantineGroup {
  device: DeviceId
  reason: RejectionReason
  entries: number
  values: number
  /** Newest receivedAt. */
  newest: number
}

/** What the open entries of the quarantine take. */
export interface QuarantineHeld {
  /** By device; those that hold nothing may be left out. */
  bytes: ReadonlyMap<DeviceId, number>
  /** Values since the store was opened whose bytes were not kept. */
  bare: number
}

export interface AmendmentQuery {
  kind?: Amendment['kind']
  /** Of clock corrections. */
  device?: DeviceId
  /** Of value corrections. */
  series?: SensorId
  /** Carried by one of these deliveries. */
  deliveries?: readonly number[]
  limit?: number
}
