import type { Observation, ObservationVersion } from '../../domain/observation.ts'
import type { RunId, SensorId, StationId } from '../../domain/ids.ts'

/** One key of the store. */
export interface ObservationKey {
  series: SensorId
  observedAt: number
}

export interface RangeQuery {
  series: readonly SensorId[]
  /** Epoch ms; `from` inclusive, `to` exclusive. */
  from: number
  to: number
  /** What was known at this moment (epoch ms, by `knownAt`); absent = now. */
  asOf?: number
  /** At most so many rows: the oldest over all series (of one time, by the order asked); absent = all. */
  limit?: number
}

export const aggregates = ['min', 'mean', 'max', 'sum', 'median', 'first', 'last', 'n'] as const
export type Aggregate = (typeof aggregates)[number]

export interface WindowQuery {
  series: readonly SensorId[]
  from: number
  to: number
  /** Window length, ms. Windows start at `offsetMs` + k × everyMs from the epoch. */
  everyMs: number
  offsetMs?: number
  /** Rows that count: value not null and flag in this list; default 1 and 2. */
  flags?: readonly number[]
  aggregates: readonly Aggregate[]
}

/** One window of one series; windows without a counted row are left out. `n` counts the rows that counted. */
export interface Window {
  series: SensorId
  /** Start of the window, epoch ms, inclusive. */
  start: number
  n: number
  min?: number
  mean?: number
  max?: number
  sum?: number
  median?: number
  first?: number
  last?: number
}

/** A stored roll-up of a civil window (1 h, or the network's day). */
export interface Rollup {
  series: SensorId
  size: '1h' | '1d'
  start: number
  end: number
  n: number
  min: number | null
  mean: number | null
  max: number | null
  sum: number | null
  /** n / readings expected from the series' interval, 0..1; null for irregular series. */
  completeness: number | null
}

/** What a store can do beside the contract; a missing ability is declared, never faked. */
export interface TelemetryCapabilities {
  /** `asOf` reads and version lists. */
  versions: boolean
  /** `parquet` downloads straight from the engine. */
  parquet: boolean
}

/**
 * Reading and pruning of observations. Rows come back in (series as asked, observedAt) order. A query on an unknown series is empty.
 * What was written of a batch that was not committed counts as not there.
 * All methods reject with StoreUnavailable when the engine is away and may be retried.
 */
export interface TelemetryStore {
  readonly capabilities: TelemetryCapabilities
  range(query: RangeQuery): Promise<Observation[]>
  /** Newest observation of each series (all series when none is named), by observedAt. */
  latest(series?: readonly SensorId[]): Promise<Map<SensorId, Observation>>
  windows(query: WindowQuery): Promise<Window[]>
  /** Current rows of some keys; keys that are not there are left out. */
  existing(keys: readonly ObservationKey[]): Promise<Observation[]>
  /** All states of one key, oldest first; the last one is the current one. */
  versions(key: ObservationKey): Promise<ObservationVersion[]>
  putRollups(rollups: readonly Rollup[]): Promise<void>
  rollups(query: { series: readonly SensorId[]; size: Rollup['size']; from: number; to: number }): Promise<Rollup[]>
  /** Removes observations and their history older than `at`; returns how many current rows went. */
  dropBefore(at: number): Promise<number>
  /** Removes all rows of a simulation or replay, and the roll-ups of series that have none left; returns how many current rows went. */
  dropRun(run: RunId): Promise<number>
  /** Rows and bytes on disk. */
  size(): Promise<{ rows: number; bytes: number }>
}

/** A warning state as a telemetry point, so that a dashboard can annotate. */
export interface WarningPoint {
  station: StationId
  rule: string
  level: string
  at: number
  state: string
  value: number | null
  message: string
  /** The same sentence in Chinese. */
  messageZh?: string
  /** The series that decided; absent for a rule on a whole station. */
  series?: SensorId
  /** Simulation or replay it belongs to; absent or null = real. */
  run?: RunId | null
}
