import type { DeviceId, SensorId } from './ids.ts'
import type { JournalledDelivery } from './delivery.ts'
import type { RejectionReason } from './rejection.ts'

/**
 * What a person does to stored data. Journalled as a delivery of source `correction` before it is answered, and carried by the pipeline
 * like any other, so that a re-run of the journal makes it again. Its id stands in the lineage of every state it made.
 */
export interface AmendmentHead {
  id: string
  /** Who did it: the name of the login. */
  by: string
  /** Why, in the person's words. */
  reason: string
}

/** What becomes of a value: in the parameter's canonical unit, `factor` before `offset`. `reject`: it counts as missing from then on. */
export type ValueChange = { set: number } | { factor: number; offset: number } | { reject: true }

/** Other values for some readings of one series. */
export interface ValueCorrection extends AmendmentHead {
  kind: 'values'
  series: SensorId
  /** observedAt, epoch ms; `from` inclusive, `to` exclusive. */
  from: number
  to: number
  /** Only these moments of the span; null = all readings in it. */
  at: readonly number[] | null
  change: ValueChange
  /** Last delivery that was carried when it was asked for: what a person corrected later was not seen by the one who asked. */
  seen?: number
}

/** What a device's clock was found to show, for a span of its own time. Holds for what is stored and for what comes later. */
export interface ClockCorrection extends AmendmentHead {
  kind: 'clock'
  device: DeviceId
  /** Time as the device wrote it, epoch ms; `from` inclusive, `to` exclusive, null = until it is ended. */
  from: number
  to: number | null
  /** Added to the device's time, ms, and so much more for each day since `from`. */
  offsetMs: number
  driftMsPerDay: number
  /**
   * Only for what came in then, epoch ms, both ends inclusive; absent = whenever it came. A clock that is reset shows the same times again after
   * the next reset.
   */
  received?: { from: number; to: number }
  /** The correction whose place it takes, for all that it holds for. */
  replaces?: string
}

/** A clock correction taken back: what it moved goes back, and what comes later is taken as the device writes it. */
export interface ClockWithdrawal extends AmendmentHead {
  kind: 'clock-withdrawn'
  device: DeviceId
  correction: string
}

export type Amendment = ValueCorrection | ClockCorrection | ClockWithdrawal

/** Values by what became of them: new keys, new versions, unchanged, and refused once more. */
export interface Outcome {
  stored: number
  versions: number
  duplicate: number
  quarantined: number
}

/** An amendment as the pipeline has carried it. */
export interface CarriedAmendment {
  amendment: Amendment
  /** Number of the delivery that carried it; the states it made carry the same. */
  delivery: number
  /** When it was made, epoch ms: from then on its states are known. */
  at: number
  outcome: Outcome
  /** Why it changes nothing, where what was carried before contradicts it; in a sentence. */
  refused?: string
}

/** A quarantine entry that is run again: its bytes go with it, so that a re-run of the journal needs nothing else. */
export interface RepairOrder extends AmendmentHead {
  kind: 'repair'
  entry: number
  /** Values the entry stands for, which leave the quarantine. */
  values: number
  /** Places of the array payload that the entry stands for; null = the whole delivery. */
  items: readonly number[] | null
  /** The delivery as it came, its bytes in base64. */
  original: Omit<JournalledDelivery, 'payload'> & { payload: string }
}

/** Entries of the quarantine that nobody wants to run again: they are closed, and their values stay counted as quarantined. */
export interface ClosingOrder extends AmendmentHead {
  kind: 'closing'
  entries: readonly { entry: number; values: number }[]
}

/** An entry that was run again or closed. */
export interface CarriedRepair extends AmendmentHead {
  /** Absent = it was run again. */
  kind?: 'given-up'
  entry: number
  /** Number of the delivery that ran it again, or closed it. */
  delivery: number
  at: number
  outcome: Outcome
}

/** Topics of journalled amendments, repairs and closings. */
export const amendmentTopics = {
  amendment: 'corrections/amendment',
  repair: 'corrections/repair',
  closing: 'corrections/closing',
} as const

/** What running one entry again does, or would do. */
export interface RepairTrial {
  entry: number
  device: DeviceId
  reason: RejectionReason
  outcome: Outcome
  /** The first and the last time of the readings that can be taken, epoch ms; null = none can. */
  observed: { from: number; to: number } | null
  /** Why it would be refused once more, in a sentence; null when all of it can be taken. */
  refused: string | null
}

const dayMs = 86_400_000

/** The time that a correction makes of a device's time, whole ms. */
export function correctedTime({ from, offsetMs, driftMsPerDay }: ClockCorrection, at: number): number {
  return at + Math.round(offsetMs + (driftMsPerDay * (at - from)) / dayMs)
}

/** The device's time that a correction made `at` of; the inverse of `correctedTime` for drifts below an hour a day. */
export function deviceTime(correction: ClockCorrection, at: number): number {
  const { from, offsetMs, driftMsPerDay } = correction
  const near = from + Math.round((at - from - offsetMs) / (1 + driftMsPerDay / dayMs))
  return [near, near - 1, near + 1].find((one) => correctedTime(correction, one) === at) ?? near
}

/** Whether a correction holds for a device's time that came in then; null = that it did is known. */
export function isInSpan({ from, to, received }: ClockCorrection, at: number, receivedAt: number | null): boolean {
  if (at < from || (to !== null && at >= to)) return false
  return received === undefined || receivedAt === null || (receivedAt >= received.from && receivedAt <= received.to)
}
