import type { SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { RangeQuery, TelemetryStore } from '../store/ports/telemetry.ts'
import { wrong } from './asked.ts'

/** Where a page begins: a series and a moment in it. */
interface Place {
  series: SensorId
  from: number
}

/** A cursor is opaque to the caller: base64url of the place where the next page begins. */
export const cursorOf = ({ series, from }: Place): string => Buffer.from(JSON.stringify([series, from])).toString('base64url')

/** Throws invalid-request when it is none, or of another list of series. */
export function placeOf(cursor: string, series: readonly SensorId[]): Place {
  const parsed = parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  const [id, from] = Array.isArray(parsed) ? (parsed as unknown[]) : []
  const known = series.find((one) => one === id)
  if (known === undefined || !Number.isSafeInteger(from))
    throw wrong(
      'cursor',
      'is not one of this query; take next from the page before, with the same series, and leave out cursor for the first page',
    )
  return { series: known, from: Number(from) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** So many times fewer series are asked for when the page cannot hold all that were, so many times more when it could. */
const fewer = 4

/**
 * One page, series by series as asked, each in time order, and where the next one begins. As many series as there may be room for are asked for
 * together: a page of many series with few values each is one question to the store, not one a series.
 */
export async function pageOf(
  telemetry: TelemetryStore,
  query: RangeQuery & { limit: number },
  place: Place | null,
): Promise<{ rows: Observation[]; next: Place | null }> {
  const rows: Observation[] = []
  const first = place ? query.series.indexOf(place.series) : 0
  let together = place ? 1 : query.series.length
  for (let at = first; at < query.series.length;) {
    const series = query.series.slice(at, at + together)
    const from = at === first && place ? Math.max(place.from, query.from) : query.from
    const room = query.limit - rows.length
    // one more than wanted tells whether there is a next page
    const found = await telemetry.range({ ...query, series, from, limit: room + 1 })
    const next = found[room]
    if (next && together > 1) together = Math.ceil(together / fewer)
    else {
      for (const row of found.slice(0, room)) rows.push(row)
      if (next) return { rows, next: { series: next.series, from: next.observedAt } }
      at += series.length
      together *= fewer
    }
  }
  return { rows, next: null }
}

/** All of a range in pages, for a download; never more than one page in memory. */
export async function* pagesOf(
  telemetry: TelemetryStore,
  query: RangeQuery,
  size: number,
  atMost = Infinity,
): AsyncGenerator<Observation[]> {
  let place: Place | null = null
  let left = atMost
  do {
    const page: { rows: Observation[]; next: Place | null } = await pageOf(telemetry, { ...query, limit: Math.min(size, left) }, place)
    if (page.rows.length > 0) yield page.rows
    place = page.next
    left -= page.rows.length
  } while (place !== null && left > 0)
}
