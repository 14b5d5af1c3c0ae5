import type { SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { spanOf, type SeriesBook, type SeriesState } from './series-book.ts'
import type { Span } from './spans.ts'

/** How far ahead is looked first: where a series has readings at all, it has them there. */
const aheadMs = 86_400_000

/**
 * Of some rows of the deferred lane, those that were the newest of their series when they came in: what stands before them in time came
 * after them and went past on the live lane. As if there were one lane, they are not late. Rejects with StoreUnavailable.
 * @param rows all rows of the batch, in journal order
 * @param behind those of them in question
 */
export async function readOvertaken(book: SeriesBook, rows: readonly StoredRow[], behind: readonly StoredRow[]): Promise<Set<StoredRow>> {
  const mayBe = behind.filter(({ series, delivery }) => (book.get(series)?.last?.delivery ?? Infinity) > delivery)
  const near = await newestAmong(book, rows, mayBe, aheadMs)
  return new Set(await newestAmong(book, rows, near, Infinity))
}

/** Those with no reading before them that came earlier, as far as is looked. */
async function newestAmong(
  book: SeriesBook,
  rows: readonly StoredRow[],
  asked: readonly StoredRow[],
  lookMs: number,
): Promise<StoredRow[]> {
  if (asked.length === 0) return []
  const bySeries = new Map<SensorId, StoredRow[]>()
  for (const row of asked) {
    const own = bySeries.get(row.series)
    if (own === undefined) bySeries.set(row.series, [row])
    else own.push(row)
  }
  const spans = [...bySeries].flatMap(([series, own]) => spanAhead(book.get(series), own, lookMs))
  const stored = new Map<SensorId, readonly Observation[]>()
  await book.read(spans, { withLate: true }, (series, seen) => void stored.set(series, seen))
  const wanted = new Set(asked)
  return [...bySeries.keys()].flatMap((series) => {
    const own = rows.filter((row) => row.series === series)
    return newestWhenTheyCame(own, stored.get(series) ?? []).filter((row) => wanted.has(row))
  })
}

function spanAhead(state: SeriesState | undefined, rows: readonly StoredRow[], lookMs: number): Span[] {
  if (state === undefined) return []
  const times = rows.map(({ observedAt }) => observedAt)
  const [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))]
  return [spanOf(state.sensor, from, Math.min(state.newest, to + lookMs) + 1)]
}

function newestWhenTheyCame(rows: readonly StoredRow[], stored: readonly Observation[]): StoredRow[] {
  const before = [...stored].sort((a, b) => a.delivery - b.delivery)
  let newest = -Infinity
  let next = 0
  return rows.filter((row) => {
    for (let seen = before[next]; seen !== undefined && seen.delivery < row.delivery; seen = before[++next])
      newest = Math.max(newest, seen.observedAt)
    const isNewest = row.observedAt > newest
    newest = Math.max(newest, row.observedAt)
    return isNewest
  })
}
