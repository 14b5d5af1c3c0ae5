import { encode as encodeCbor } from 'cborg'
import type { ReadingGroup } from '../../domain/reading.ts'
import { NotEncodable } from '../errors.ts'
import { senmlOfUcum } from './senml-units.ts'

/** A record as it is written: `bt` in the first, times relative to it. */
interface Written {
  bt?: number
  n: string
  u?: string
  v: number
  t?: number
}

/**
 * Writes groups as one SenML pack in JSON, a record a reading, in the order given; times to the millisecond. Throws NotEncodable for what
 * SenML has no word for: a missing value, a group without a time, a station, a sensor number, a quality, a position.
 */
export function encodeSenmlJson(groups: readonly ReadingGroup[]): string {
  return JSON.stringify(packOf(groups))
}

/** The same pack in CBOR (RFC 8428, 6). */
export function encodeSenmlCbor(groups: readonly ReadingGroup[]): Uint8Array {
  const keys: Readonly<Record<keyof Written, number>> = { bt: -3, n: 0, u: 1, v: 2, t: 6 }
  const numbered = (record: Written) => new Map(Object.entries(record).map(([label, value]) => [keys[label as keyof Written], value]))
  return encodeCbor(packOf(groups).map(numbered))
}

function packOf(groups: readonly ReadingGroup[]): Written[] {
  const first = groups[0]?.at ?? null
  if (first === null) throw new NotEncodable('the first group has no time, or there is none')
  const records = groups.flatMap((group) => recordsOf(group, first))
  return records.map((record, i) => (i === 0 ? { bt: first / 1000, ...record } : record))
}

function recordsOf({ at, position, readings }: ReadingGroup, first: number): Written[] {
  if (at === null || position !== null) throw new NotEncodable('a group has no time, or a position')
  return readings.map(({ name, number, station, value, unit, sourceQuality }) => {
    if (value === null || station !== null || number !== null || sourceQuality !== null)
      throw new NotEncodable(`"${name}" is missing, or has a station, a number or a quality`)
    const u = unit === null ? {} : { u: senmlOfUcum(unit) }
    return { n: name, ...u, v: value, ...(at === first ? {} : { t: (at - first) / 1000 }) }
  })
}
