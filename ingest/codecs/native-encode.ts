import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import { NotEncodable } from '../errors.ts'

/**
 * Writes a group as a native JSON object, so that `decode` gives the same group; times as ISO 8601 in UTC. Throws NotEncodable for what
 * one object cannot hold: a name twice, two stations, housekeeping other than battery and signal, or nothing at all.
 */
export function encodeNative(group: ReadingGroup): string {
  return JSON.stringify(toObject(group))
}

/** Several groups as one array. */
export function encodeNativeArray(groups: readonly ReadingGroup[]): string {
  return JSON.stringify(groups.map(toObject))
}

function toObject(group: ReadingGroup): Record<string, unknown> {
  const { at, seq, position, readings, housekeeping = [] } = group
  const object: Record<string, unknown> = {}
  const stations = new Set([...readings, ...housekeeping].map((reading) => reading.station))
  const [station] = stations
  if (stations.size === 0) throw new NotEncodable('there is no value in it')
  if (stations.size > 1) throw new NotEncodable('they belong to several stations')
  if (seq !== null) object.seq = seq
  if (at !== null) object.at = new Date(at).toISOString()
  if (station != null) object.station = station
  object.values = valuesOf(readings)
  if (position !== null) object.position = position
  for (const { name, value } of housekeeping) {
    if (name !== 'battery' && name !== 'signal') throw new NotEncodable(`"${name}" is neither battery nor signal`)
    object[name] = value
  }
  return object
}

function valuesOf(readings: readonly Reading[]): object {
  const values = new Map<string, unknown>()
  for (const reading of readings) {
    if (values.has(reading.name)) throw new NotEncodable(`"${reading.name}" stands twice`)
    values.set(reading.name, valueOf(reading))
  }
  return Object.fromEntries(values)
}

function valueOf({ value, unit, sourceQuality, number }: Reading): unknown {
  if (unit === null && sourceQuality === null && number === null) return value
  const written: Record<string, unknown> = { v: value }
  if (unit !== null) written.u = unit
  if (sourceQuality !== null) written.q = sourceQuality
  if (number !== null) written.n = number
  return written
}
