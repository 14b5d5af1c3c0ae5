import type { CarriedAmendment, ClockCorrection, Outcome, RepairTrial, ValueCorrection } from './amendment.ts'
import type { DeviceId } from './ids.ts'

/** Who acts, and why. */
export interface Acting {
  by: string
  reason: string
  /** Only says what would become of it; nothing is kept. */
  dryRun: boolean
}

export type ValuesAsked = Pick<ValueCorrection, 'series' | 'from' | 'to' | 'at' | 'change'>
export type ClockAsked = Pick<ClockCorrection, 'device' | 'from' | 'to' | 'offsetMs' | 'driftMsPerDay' | 'replaces'> & {
  /** When what it holds for came in, as far as it is said. */
  received?: { from?: number; to?: number }
}

/** One of the readings that an amendment concerns. */
export interface AmendmentPreview {
  series: string
  observedAt: number
  value: number | null
  /** The moment and the value that it gets. */
  becomes: { observedAt: number; value: number | null }
}

/** Only tried; carried; or on disk, and carried when the store takes it. */
export type ActState = 'tried' | 'carried' | 'waiting'

export interface Amended {
  state: ActState
  /** Null after a dry run. */
  id: string | null
  /** Stored readings that it concerns. */
  readings: number
  /** The first of them. */
  preview: AmendmentPreview[]
  /** As it was carried; null after a dry run, or while the store is away: it is on disk and will be carried. */
  carried: CarriedAmendment | null
}

export interface QuarantineFilter {
  device?: DeviceId
  reason?: string
  ids?: readonly number[]
}

/** An entry with what became of it, or would; null while its order waits to be carried. */
export type RanAgain = Omit<RepairTrial, 'outcome'> & { outcome: Outcome | null }

export interface RunAgain {
  state: ActState
  /** Oldest first. */
  entries: RanAgain[]
  /** Entries of which something can be taken; these are run again. */
  takeable: number
  /** More entries fit the filter than one call takes; call again. */
  more: boolean
}

/** What closing entries did, or would. */
export interface GivenUp {
  state: ActState
  /** Entries that are closed, or would be, and the values they stand for. */
  entries: number
  values: number
  /** More entries fit the filter than one call takes; call again. */
  more: boolean
}

/**
 * What people may change, one after the other: each begins when what was changed before is carried. Rejects with `amendment-refused` (a
 * sentence says why), and with JournalFull; then nothing was kept, or of several entries the first.
 */
export interface AmendmentDesk {
  correctValues(asked: ValuesAsked, acting: Acting): Promise<Amended>
  /** One correction at a time holds for a moment of a device. An offset of decades is for a clock that was reset, see `settledClock`. */
  correctClock(asked: ClockAsked, acting: Acting): Promise<Amended>
  withdrawClock(device: DeviceId, correction: string, acting: Acting): Promise<Amended>
  /** Runs open entries of the quarantine again; those that would be refused as a whole stay as they are. */
  runAgain(filter: QuarantineFilter, acting: Acting): Promise<RunAgain>
  /** Closes open entries that are not wanted; their values stay counted as quarantined. */
  giveUp(filter: QuarantineFilter, acting: Acting): Promise<GivenUp>
  /** What one open entry would become now. */
  trial(entry: number): Promise<RepairTrial | null>
}
