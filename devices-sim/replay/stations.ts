import { createReadStream } from 'node:fs'
import { parse } from 'csv-parse'

/** What a stations.csv says of a station. */
export interface StationNote {
  name: string
  location: { lon: number; lat: number } | null
}

/** Reads a stations.csv: columns station, and name, lat, lon where there are. */
export async function stationNotes(file: string): Promise<Map<string, StationNote>> {
  const notes = new Map<string, StationNote>()
  for await (const record of createReadStream(file).pipe(parse({ columns: true, bom: true, relax_column_count: true }))) {
    const { station = '', name, lat, lon } = record as Record<string, string | undefined>
    const location =
      lat && lon && Number.isFinite(Number(lat)) && Number.isFinite(Number(lon)) ? { lon: Number(lon), lat: Number(lat) } : null
    notes.set(station, { name: name || station, location })
  }
  return notes
}
