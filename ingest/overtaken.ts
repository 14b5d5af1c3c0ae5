import type { SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { spanOf, type SeriesBook } from './series-book.ts'

/**
 * Of some rows of the deferred lane, those that were the newest of their series when they came in: what stands before them in time came
 * after them and went past on the live lane. As if there were one lane, they are not late. Rejects with StoreUnavailable.
 * @param rows all rows of the batch, in journal order
 * @param behind those of them in question
 */
export async function readOvertaken(book: SeriesBook, rows: readonly StoredRow[], behind: readonly StoredRow[]): Promise<Set<StoredRow>> {
  const from = new Map<SensorId, number>()
  for (const { series, observedAt, delivery } of behind)
    if ((book.get(series)?.last?.delivery ?? Infinity) > delivery) from.set(series, Math.min(observedAt, from.get(series) ?? Infinity))
  const found = new Set<StoredRow>()
  if (from.size === 0) return found
  const spans = [...from].flatMap(([series, at]) => {
    const state = book.get(series)
    return state === undefined ? [] : [spanOf(state.sensor, at, state.newest + 1)]
  })
  const stored = new Map<SensorId, readonly Observation[]>()
  await book.read(spans, { withLate: true }, (series, seen) => void stored.set(series, seen))
  for (const series of from.keys()) {
    const own = rows.filter((row) => row.series === series)
    for (const row of newestWhenTheyCame(own, stored.get(series) ?? [])) found.add(row)
  }
  return found
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
