import * as ss from 'simple-statistics'
import { findParameter, parameters } from '../../domain/parameters.ts'
import { converter } from '../../domain/units.ts'
import { recordedRows } from './rows.ts'

/** Warning stages from a recorded quiet time, and the stations that have too little of it. */
export interface StagesFromRecord {
  /** Station -> level, m. */
  stages: ReadonlyMap<string, number>
  /** Stations left out, with how many readings they have. */
  leftOut: ReadonlyMap<string, number>
}

/**
 * Sets each station's warning stage to a percentile (0 to 100, R type 7) of its recorded water levels. Stations with fewer than
 * `minReadings` readings are left out by name.
 */
export async function stagesFrom(files: readonly string[], percentile: number, minReadings = 100): Promise<StagesFromRecord> {
  const values = new Map<string, number[]>()
  const level = parameters.get('water_level')
  for await (const row of recordedRows(files)) {
    if (typeof row.value !== 'number' || findParameter(row.parameter)?.key !== 'water_level' || !level) continue
    const convert = converter(row.unit ?? level.unit, level.unit, level)
    if (typeof convert !== 'function') continue
    const of = values.get(row.station)
    if (of) of.push(convert(row.value))
    else values.set(row.station, [convert(row.value)])
  }
  const enough = [...values].filter(([, levels]) => levels.length >= minReadings)
  const few = [...values].filter(([, levels]) => levels.length < minReadings)
  return {
    stages: new Map(enough.map(([station, levels]) => [station, Number(ss.quantile(levels, percentile / 100).toFixed(3))])),
    leftOut: new Map(few.map(([station, levels]) => [station, levels.length])),
  }
}
