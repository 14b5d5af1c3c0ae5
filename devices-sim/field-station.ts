import type { DeviceId } from '../domain/ids.ts'
import type { DeviceClient, Timers } from './device-client.ts'

/** What each simulated station of a field protocol is made from. */
export interface FieldStationParts {
  /** Where the gateway listens. */
  host: string
  port: number
  device: DeviceId
  timers: Timers
  /** The true time, epoch ms. */
  now: () => number
  /** How much its clock gains a day, ms; 0 = a good one. */
  driftMsPerDay?: number
  onTrouble?: (message: string) => void
}

/** A simulated station with its own memory and clock. */
export interface FieldStation extends DeviceClient {
  /** Loses its line; it comes back after a second and sends again what was not answered. */
  loseLine(): void
  /** How far its clock is ahead of the true time, ms. */
  clockError(): number
}

/** The clock of a station. */
export interface StationClock {
  /** What it shows, epoch ms. */
  now(): number
  /** How far it is ahead of the true time, ms. */
  error(): number
  /** Puts it forward. */
  adjust(ms: number): void
}

const day = 86_400_000

/** A clock that was right when it was made and gains `driftMsPerDay`. */
export function createStationClock({ now, driftMsPerDay = 0 }: Pick<FieldStationParts, 'now' | 'driftMsPerDay'>): StationClock {
  const startedAt = now()
  let correction = 0
  const error = (): number => Math.round(((now() - startedAt) * driftMsPerDay) / day) + correction
  return { now: () => now() + error(), error, adjust: (ms) => void (correction += ms) }
}
