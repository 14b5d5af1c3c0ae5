import type { LoadRequest, ReplayRequest, SimulationDetail, SimulationNote } from '../../api/schemas/simulation.ts'
import type { LiveTruth, StripPlaces } from '../../api/schemas/simulation-score.ts'
import type { LoadNote } from '../../api/schemas/simulation-load.ts'
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

/** What is to be done: a scenario, a load of many devices, or a replay of what was received. */
export type Work =
  | { kind: 'scenario'; request: FullRequest }
  | { kind: 'load'; request: LoadRequest }
  | { kind: 'replay'; request: ReplayRequest & { speed: number | 'max' } }

export interface ProcessOrder {
  /** Name of the run whose data it makes. */
  run: string
  work: Work
  server: ProcessServer
  /** File of the truth. */
  truth: string
  /** How long the jobs of the server wait behind the hour, ms. */
  graceMs: number
}

/** What the process of a simulation is told. */
export type ProcessTold = { order: ProcessOrder } | { stop: true }

/** What came out. */
export interface Outcome extends Pick<SimulationNote, 'account' | 'truth' | 'figures'> {
  /** False: it was stopped before its end. */
  isDone: boolean
  results: Partial<Pick<SimulationDetail, 'score' | 'strip' | 'places' | 'load' | 'replay'>>
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
  | { load: LoadNote }
  | { outcome: Outcome }
  | { failed: string }
