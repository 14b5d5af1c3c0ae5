import type { DeviceId, RunId, SensorId } from './ids.ts'
import type { Flag } from './flag.ts'
import type { Position } from './reading.ts'

/** A reading that found its series. Key: `(series, observedAt)`. */
export interface Observation {
  series: SensorId
  /** When the instrument measured, epoch ms UTC. */
  observedAt: number
  /** When we had it, epoch ms UTC. */
  receivedAt: number
  /** In the parameter's canonical unit; null = missing (flag 9), never NaN. */
  value: number | null
  flag: Flag
  /** Bit set of the tests and marks behind the flag, see quality-tests.ts. */
  tests: number
  device: DeviceId
  /** Number of the delivery in the journal that brought it. */
  delivery: number
  /** The device's own sequence number. */
  seq: number | null
  /** The simulation or replay it belongs to; null = real. */
  run: RunId | null
  /** Where a moving station was. */
  position: Position | null
  /** What changed its flag after it was received; absent = it stands as it came. */
  judged?: Judgement
}

/** A stored reading got another flag because a delivery brought a reading beside it. */
export interface Judgement {
  /** receivedAt of that delivery, epoch ms; not before the state that it replaced was known. */
  at: number
  /** Number of that delivery in the journal. */
  delivery: number
}

/** Since when a state has been known, epoch ms: when the delivery came that made it, or that changed its flag. */
export const knownSince = ({ judged, receivedAt }: Pick<Observation, 'judged' | 'receivedAt'>): number => judged?.at ?? receivedAt

/** A superseded or current state of one key: `version` counts from 1; a changed value and a changed flag both make one. */
export interface ObservationVersion extends Observation {
  version: number
  /** When this state was known, epoch ms: `knownSince`. */
  knownAt: number
}
