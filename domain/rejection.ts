import type { DeviceId } from './ids.ts'

/**
 * Why a delivery, or an item of one, was quarantined. Closed and documented in docs/quarantine.md; a new reason is a new line here,
 * a line there and a test.
 */
export const rejectionReasons = [
  'not-json', // bytes that no codec of the topic understands
  'wrong-shape', // JSON, but not the payload's schema
  'unknown-topic', // a device topic that carries no readings and no known message
  'unknown-station', // the device serves no such station
  'unknown-parameter', // neither a parameter, an alias nor a channel of the device
  'unknown-series', // the station has no such sensor
  'ambiguous-station', // the device serves several stations and the payload names none
  'unknown-unit', // not a unit of the catalogue
  'unit-mismatch', // a known unit of another quantity
  'not-finite', // a number that is none: NaN, infinity, 1e400
  'no-offset', // a local time without an offset
  'bad-time', // not a time
  'time-microseconds',
  'time-1970', // before 2000-01-01: a clock that was reset
  'time-ahead', // more than 10 min ahead of the clock
  'too-many-values',
  'too-many-series', // the networks declare more series than ingest.maxSeries, and this one is beyond
  'refused-by-store', // judged, but an outside store refused the point for good (e.g. older than its retention); the bytes are the point
] as const

export type RejectionReason = (typeof rejectionReasons)[number]

/** Input that was refused as data: acknowledged, kept with its bytes, counted, explained. */
export interface Rejection {
  reason: RejectionReason
  /** One sentence: what was wrong, with the words of the input, and what to do. */
  detail: string
  /** How many values it stands for; an undecodable delivery is one. */
  values: number
  /** Index of the item in an array payload; null = the whole delivery. */
  item: number | null
  /** All the items it stands for, when it stands for several. */
  items?: readonly number[]
  /** The device's own number of it, where it can be read: it has come, and is not missing. */
  seq?: number
}

/** A rejection with the delivery it came from, as it is stored. */
export interface Quarantined extends Rejection {
  device: DeviceId
  delivery: number
  receivedAt: number
  topic: string
  /** The whole delivery's bytes. */
  payload: Uint8Array
}
