import type { Accept, JournalledDelivery } from '../domain/delivery.ts'

/** Deliveries in journal order, with the number of the last one. */
export interface JournalBatch {
  deliveries: readonly JournalledDelivery[]
  /** Number of the last delivery; equals the last one's `number`. */
  cursor: number
  /** Blocks found damaged on the way to this batch: the first and last number each may have held. */
  damaged: readonly { first: number; last: number }[]
}

export interface JournalFigures {
  /** Number of the newest delivery on disk, and of the oldest one still kept. */
  newest: number
  oldest: number
  bytes: number
  /** Deliveries taken in, and those refused because the journal was full, since start. */
  accepted: number
  refused: number
  commits: number
  /** Numbers lost to damage, since the journal was made. */
  damaged: number
}

/** The only thing between a device and its acknowledgement. */
export interface Journal {
  accept: Accept
  /** Next batch behind `after`, at most `limit` deliveries or about `limitBytes`; null when there is none yet. */
  read(after: number, limit: number): Promise<JournalBatch | null>
  /** Called after each group commit; the listener wakes a reader and returns at once. */
  onAppended(listener: () => void): void
  /** Everything up to `cursor` has been carried: blocks behind it may go when age or size ask for it. */
  release(cursor: number): void
  figures(): JournalFigures
  /** Writes what waits and closes. `accept` rejects from then on. */
  close(): Promise<void>
}
