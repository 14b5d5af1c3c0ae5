import type { Sampling } from './sampling.ts'

/** A longitude and latitude in degrees, WGS 84, and for what flies or dives its altitude, m above the sea. */
export type Position = readonly [lon: number, lat: number, altitude?: number]

/** A position whose altitude may not be known. */
export const positionOf = (lon: number, lat: number, altitude: unknown): Position =>
  typeof altitude === 'number' ? [lon, lat, altitude] : [lon, lat]

/** One value in the device's own words, before anybody asked whether the series exists. */
export interface Reading {
  /** The device's name for what it measures: a parameter key or a channel of its channel map. */
  name: string
  /** Sensor number the device gave (`n`); null when it gave none. */
  number: number | null
  /** Station the device named; null when it names none (a device with one station). */
  station: string | null
  /** Finite, in `unit`; null when the device says the value is missing. */
  value: number | null
  /** UCUM code as sent; null means the parameter's canonical unit. */
  unit: string | null
  /** The device's quality word (`q`), as sent. */
  sourceQuality: string | null
  /** What the value stands for, where the protocol says so; absent = whatever its series is. */
  sampling?: Sampling
  /** What the codec knows of a name that is no parameter, as the end of a sentence; absent = nothing. */
  hint?: string
}

/** The atom: readings with one time, stored whole or quarantined whole. */
export interface ReadingGroup {
  /** Epoch ms, or null when the payload had none (then `receivedAt` is taken and the row says so). */
  at: number | null
  seq: number | null
  position: Position | null
  readings: Reading[]
  /**
   * What the device says of itself beside its values (`battery`, `signal`): kept where the station has a series for it, else left out
   * and not counted.
   */
  housekeeping?: readonly Reading[]
}
