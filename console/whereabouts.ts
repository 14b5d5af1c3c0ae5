import type { SeriesSummary } from '../api/schemas/series.ts'
import type { StationSummary } from '../api/schemas/station.ts'

/** Degrees, WGS 84. */
interface Place {
  lon: number
  lat: number
}

/** Where a boat or a drone was when it measured last. */
export interface LastSeen extends Place {
  /** m above the sea; null when it did not say. */
  altitude: number | null
  /** Epoch ms, by the clock of the station. */
  at: number
}

/** The newest position that came with a reading; null for a station that stays where it is. */
export function lastSeen(series: readonly Pick<SeriesSummary, 'latest'>[]): LastSeen | null {
  return series.reduce<LastSeen | null>((newest, { latest }) => {
    if (!latest?.position || latest.observedAt <= (newest?.at ?? -Infinity)) return newest
    const [lon, lat, altitude = null] = latest.position
    return { lon, lat, altitude, at: latest.observedAt }
  }, null)
}

/** Where a station is drawn on the map: a moving one where it was last, another where it stands. */
export function whereabouts({ series, location }: Pick<StationSummary, 'series' | 'location'>): Place | null {
  const seen = lastSeen(series)
  return seen === null ? location : { lon: seen.lon, lat: seen.lat }
}
