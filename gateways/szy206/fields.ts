// The tables of SZY 206-2016 as data, as far as they are known here (docs/szy206.md).

/** What an AFN of an uplink is to a gateway. `report`: values; `unread`: its body is not described; `link`: login, logout, still there. */
export type Meaning = 'link' | 'report' | 'unread'

export const functions: ReadonlyMap<number, { meaning: Meaning; name: string }> = new Map([
  [0x02, { meaning: 'link', name: 'link check' }],
  [0x61, { meaning: 'unread', name: 'picture' }],
  [0x81, { meaning: 'unread', name: 'alarm' }],
  [0x82, { meaning: 'unread', name: 'manual input' }],
  [0xb0, { meaning: 'unread', name: 'answer with real-time values' }],
  [0xb1, { meaning: 'unread', name: 'answer with history' }],
  [0xc0, { meaning: 'report', name: 'automatic report' }],
])

/** First byte of a link check. */
export const links: ReadonlySet<number> = new Set([0xf0, 0xf1, 0xf2])

/** Data types of C, in their order; 0 is an answer and holds none. */
export const kinds = [
  ...['answer', 'rain', 'level', 'flow and volume', 'velocity', 'gate', 'power', 'air pressure', 'wind', 'water temperature', 'quality'],
  ...['soil', 'evaporation', 'alarm and state', 'statistics', 'water pressure'],
] as const

/** A value of a report: packed BCD, low byte first. Units are not verified: that of the series, or of the device's `units`. */
export interface Field {
  /** What the device's channels call it. */
  name: string
  bytes: number
  /** Null: only the device's entry says (`levelDecimals`). */
  decimals: number | null
  /** The highest nibble says the sign. */
  isSigned: boolean
}

const rain: Field = { name: 'rain', bytes: 3, decimals: 1, isSigned: false }
const level: Field = { name: 'level', bytes: 4, decimals: null, isSigned: true }
const flow: Field = { name: 'flow', bytes: 5, decimals: 3, isSigned: false }
const volume: Field = { name: 'volume', bytes: 5, decimals: 0, isSigned: false }

/** Data type -> what a report of it may hold: the first that is as long as the report's values. */
export const layouts: ReadonlyMap<number, readonly (readonly Field[])[]> = new Map([
  [1, [[rain]]],
  [2, [[level]]],
  [3, [[flow], [flow, volume]]],
])

/** Alarm word, state word, Tp. */
export const trailerBytes = 9
