import type { CommandOutcome } from './command.ts'
import type { DeviceId, RunId, SensorId } from './ids.ts'

/**
 * Why readings are missing: `never-arrived`, the numbers of the device or its other series go on over it; `quarantined`, deliveries of the
 * device were put aside meanwhile; `device-off`, nothing came from the device at all, or it counted on without measuring; `store-late`, we
 * had them in time and stored them late.
 */
export const gapCauses = ['never-arrived', 'quarantined', 'device-off', 'store-late'] as const
export type GapCause = (typeof gapCauses)[number]

export const gapStates = ['open', 'closed', 'given-up'] as const
export type GapState = (typeof gapStates)[number]

/** What a device was asked for a gap. */
export interface GapRequest {
  /** When, on the clock of the run, epoch ms. */
  at: number
  tries: number
  outcome: CommandOutcome | 'waiting'
  detail: string
}

/** A stretch of a series without the readings that its interval promises. Times are epoch ms; those of a run on its clock. */
export interface Gap {
  /** Series and begin, `qingxi/water_level/1~1795060800000`. */
  id: string
  series: SensorId
  device: DeviceId
  run: RunId | null
  /** The readings before and behind it; null = it lasts. */
  from: number
  to: number | null
  cause: GapCause
  state: GapState
  /** Readings that are missing still. */
  missing: number
  /** Late readings that came in it, and when the last one did. */
  arrived: number
  arrivedAt: number | null
  openedAt: number
  endedAt: number | null
  request: GapRequest | null
}
