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

/** One page, series by series as asked, each in time order, and where the next one begins. */
export async function pageOf(
  telemetry: TelemetryStore,
  query: RangeQuery & { limit: number },
  place: Place | null,
): Promise<{ rows: Observation[]; next: Place | null }> {
  const rows: Observation[] = []
  const first = place ? query.series.indexOf(place.series) : 0
  for (const [behind, series] of query.series.slice(first).entries()) {
    const from = behind === 0 && place ? Math.max(place.from, query.from) : query.from
    // one more than wanted tells whether there is a next page
    const found = await telemetry.range({ ...query, series: [series], from, limit: query.limit - rows.length + 1 })
    const room = query.limit - rows.length
    for (const row of found.slice(0, room)) rows.push(row)
    const next = found[room]
    if (next) return { rows, next: { series, from: next.observedAt } }
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
