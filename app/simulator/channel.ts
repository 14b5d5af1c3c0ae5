import type { SimulationNote } from '../../api/schemas/simulation.ts'
import type { LiveTruth, SimulationScore, StripPlaces, TruthStrip } from '../../api/schemas/simulation-score.ts'
import type { ApiClient } from '../commands/client.ts'
import type { FullRequest } from './wish.ts'

/** Where the process of a simulation finds its server, and the token with which it asks it. */
export interface ProcessServer {
  url: string
  mqtt: ApiClient['mqtt']
  /** Field protocol -> `host:port` of its gateway. */
  field: Readonly<Record<string, string>>
  cliToken: string
}

export interface ProcessOrder {
  request: FullRequest
  server: ProcessServer
  /** File of the truth. */
  truth: string
  /** How long the jobs of the server wait behind the hour, ms. */
  graceMs: number
}

/** What the process of a simulation is told. */
export type ProcessTold = { order: ProcessOrder } | { stop: true }

/** What came out: null where it was stopped before. */
export interface Outcome {
  account: SimulationNote['account']
  truth: SimulationNote['truth']
  score: SimulationScore | null
  strip: TruthStrip | null
  /** Names in the strip. */
  places: StripPlaces | null
}

/** Truth against warnings so far, with its names. */
export interface LiveNews {
  truth: LiveTruth
  places: StripPlaces
}

/** What it tells. */
export type ProcessTells =
  | { phase: NonNullable<SimulationNote['phase']> }
  | { progress: SimulationNote['progress'] }
  | { account: SimulationNote['account'] }
  | { live: LiveNews }
  | { outcome: Outcome }
  | { failed: string }
