import type { SensorId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import { testBit } from '../../domain/quality-tests.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'
import { replay, spanOf, type SeriesBook, type SeriesState } from '../series-book.ts'
import type { Span } from '../spans.ts'
import { findDisorder } from './disorder.ts'
import { rejudge } from './rejudge.ts'

const late = testBit('late')
const isLate = ({ tests }: Observation): boolean => (tests & late) !== 0

/** A revision beyond its lateness: its neighbours were judged by what stood there, and who comes now finds a hole. */
export const leavesHole = (row: StoredRow): boolean => row.arrival === 'revised' && isLate(row)

/** Series in which a batch leaves a hole among other rows: those and the holes, in the order they came. */
export function findHoled(rows: readonly StoredRow[]): Map<SensorId, StoredRow[]> {
  const holed = new Map<SensorId, StoredRow[]>()
  for (const row of rows) if (leavesHole(row)) holed.set(row.series, [])
  if (holed.size === 0) return holed
  for (const row of rows) if (!isLate(row) || leavesHole(row)) holed.get(row.series)?.push(row)
  for (const [series, own] of holed) if (own.every(leavesHole)) holed.delete(series)
  return holed
}

/** What is to be read of a holed series: late rows are asked for as well. Of a hole far behind, nothing is. */
function spanOfHoled({ sensor, plan, newest, last }: SeriesState, rows: readonly StoredRow[]): Span {
  const times = rows.filter((row) => !isLate(row)).map(({ observedAt }) => observedAt)
  const first = times.reduce((a, b) => Math.min(a, b), last?.observedAt ?? Infinity)
  return spanOf(sensor, first - plan.gapMs - plan.lookbackMs, newest + 1)
}

interface BatchParts {
  book: SeriesBook
  stateOf: (series: SensorId) => SeriesState
  batch: number
  /** Judges a row that is newer than all before it; a stored reading that it settles goes to `judged`. */
  judgeNext: (row: StoredRow, judged: StoredRow[]) => void
}

interface SeriesParts extends Omit<BatchParts, 'stateOf'> {
  state: SeriesState
}

/**
 * Judges the series of `findHoled` and returns the stored readings whose flag has changed. Their states are void afterwards: drop them.
 * Rejects with StoreUnavailable.
 */
export async function judgeHoled(holed: ReadonlyMap<SensorId, StoredRow[]>, { stateOf, ...parts }: BatchParts): Promise<StoredRow[]> {
  const stored = new Map<SensorId, readonly Observation[]>()
  const spans = [...holed].map(([series, rows]) => spanOfHoled(stateOf(series), rows))
  await parts.book.read(spans, { withLate: true }, (series, rows) => void stored.set(series, rows))
  return [...holed].flatMap(([series, rows]) => judgeSeries({ ...parts, state: stateOf(series) }, rows, stored.get(series) ?? []))
}

/**
 * Judges the rows of one series, stretch by stretch between the holes, as if each had been a batch of its own.
 * @param rows of `findHoled`
 * @param stored of `spanOfHoled`, in time order
 * @returns the stored readings whose flag has changed
 */
function judgeSeries(parts: SeriesParts, rows: readonly StoredRow[], stored: readonly Observation[]): StoredRow[] {
  const { state, batch } = parts
  const standing = new Map(stored.filter((row) => !isLate(row)).map((row) => [row.observedAt, row]))
  /** Rows of this batch: their flags are changed in place. */
  const own = new Set<Observation>()
  const judged: StoredRow[] = []
  let newest = stored.at(-1)?.observedAt ?? -Infinity
  for (const stretch of stretchesOf(rows)) {
    const [first] = stretch
    if (first !== undefined && leavesHole(first)) {
      standing.delete(first.observedAt)
      readBack(parts, standing, newest)
    } else {
      for (const row of judgeStretch(parts, stretch, standing, own)) {
        standing.set(row.observedAt, row)
        own.add(row)
        judged.push(row)
      }
      for (const row of stretch) {
        standing.set(row.observedAt, row)
        own.add(row)
        newest = Math.max(newest, row.observedAt)
      }
    }
    state.lastBatch = state.last !== null && own.has(state.last) ? batch : 0
  }
  return judged
}

/** Each hole alone, and the rows between two of them together. */
function stretchesOf(rows: readonly StoredRow[]): StoredRow[][] {
  const stretches: StoredRow[][] = []
  for (const [i, row] of rows.entries()) {
    const before = rows[i - 1]
    if (before === undefined || leavesHole(before) || leavesHole(row)) stretches.push([row])
    else stretches.at(-1)?.push(row)
  }
  return stretches
}

/** Stored readings that the stretch judges anew; those of this batch are changed in place. */
function judgeStretch(
  { book, state, batch, judgeNext }: SeriesParts,
  stretch: readonly StoredRow[],
  standing: ReadonlyMap<number, Observation>,
  own: ReadonlySet<Observation>,
): StoredRow[] {
  const judged: StoredRow[] = []
  const disorder = findDisorder(stretch, () => state).get(state.sensor.id)
  if (disorder === undefined) {
    for (const row of stretch) judgeNext(row, judged)
    return judged
  }
  return rejudge(book, disorder, inTimeOrder(standing), batch).filter((again) => {
    const before = standing.get(again.observedAt)
    if (before === undefined || !own.has(before)) return true
    Object.assign(before, { flag: again.flag, tests: again.tests })
    if (state.last === again) state.last = before
    return false
  })
}

/** Brings the state to where a start would bring it now. */
function readBack({ book, state }: SeriesParts, standing: ReadonlyMap<number, Observation>, newest: number): void {
  const from = newest - state.plan.lookbackMs
  state.running = book.rerun(state)
  replay(
    state,
    inTimeOrder(standing).filter(({ observedAt }) => observedAt >= from && observedAt <= newest),
  )
}

const inTimeOrder = (standing: ReadonlyMap<number, Observation>): Observation[] =>
  [...standing.values()].sort((a, b) => a.observedAt - b.observedAt)
