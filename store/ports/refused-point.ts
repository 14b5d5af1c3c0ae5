import type { Observation } from '../../domain/observation.ts'

/** Topic of an entry of the quarantine whose bytes are no delivery but a point that a store refused. */
export const pointTopic = 'influxdb'

/** The state that such bytes were written from; null for bytes that give none back. */
export type ReadPoint = (bytes: Uint8Array) => Observation | null
