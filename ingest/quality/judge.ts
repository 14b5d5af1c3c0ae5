import { worse } from '../../domain/flag.ts'
import type { SensorId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import { testBit } from '../../domain/quality-tests.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'
import { spanOf, type SeriesBook, type SeriesState } from '../series-book.ts'
import { missingBetween } from './gap.ts'
import { findHoled, judgeHoled, leavesHole } from './holes.ts'
import { findDisorder, reachesNewest, type Disorder } from './disorder.ts'
import { judgedRow, rejudge } from './rejudge.ts'
import type { RunningTests } from './running-tests.ts'

/**
 * Gives each row of a batch its flag and tests, in place, and returns the `judged` rows: stored readings whose flag this batch changed.
 * The flags of a series are those of its readings in time order, whatever order they came in. A row that needs its neighbour gets its
 * verdict when that comes: in place when it is of the same batch, else as a `judged` row. Rows in between are judged with the readings
 * around them read back from the store; late ones are judged alone and touch nobody. Rejects with StoreUnavailable; what it noted in
 * the book is void then.
 * @param rows in the order they came, reconciled
 * @param batch number of the batch, growing
 */
export type Judge = (rows: readonly StoredRow[], batch: number) => Promise<StoredRow[]>

/** Gaps met inside series, and the readings missing in them; only grows. */
export interface GapTotals {
  gaps: number
  missing: number
}

const late = testBit('late')

export function createJudge(book: SeriesBook, totals: GapTotals): Judge {
  return async (rows, batch) => {
    const judged: StoredRow[] = []
    const holed = findHoled(rows)
    const whole = holed.size === 0 ? rows : rows.filter((row) => !holed.has(row.series) || (row.tests & late) !== 0)
    const disordered = findDisorder(whole, stateOf)
    for (const row of whole) {
      if ((row.tests & late) !== 0) judgeAlone(row, book.rerun(stateOf(row.series)))
      else if (disordered.size === 0 || !disordered.has(row.series)) judgeNext(row, batch, judged)
    }
    if (disordered.size > 0) await judgeAgain(disordered, batch, judged)
    if (holed.size > 0) {
      const ofBatch = { book, stateOf, batch, judgeNext: (row: StoredRow, into: StoredRow[]) => judgeNext(row, batch, into) }
      for (const row of await judgeHoled(holed, ofBatch)) judged.push(row)
    }
    // Whoever comes next is judged with the hole: the series is read back as a start would do.
    for (const row of rows) if (leavesHole(row)) book.drop(row.series)
    return judged
  }

  function judgeNext(row: StoredRow, batch: number, judged: StoredRow[]): void {
    const state = stateOf(row.series)
    const { running } = state
    running.advance(row.observedAt, row.value, row.tests)
    countGap(state, row.observedAt, totals)
    settleLast(state, row, batch, judged)
    row.flag = running.flag
    row.tests = running.tests
    state.last = row
    state.lastFlag = running.flag
    state.lastTests = running.tests
    state.lastBatch = batch
  }

  async function judgeAgain(disordered: Map<SensorId, Disorder>, batch: number, judged: StoredRow[]): Promise<void> {
    const spans = [...disordered.values()].map((disorder) => {
      const { state, from, to } = disorder
      const { gapMs, lookbackMs } = state.plan
      // Far from the newest, nothing changes beyond one look-back, and the series stands where it stood.
      const end = reachesNewest(disorder) ? state.newest : to + lookbackMs + gapMs
      return spanOf(state.sensor, from - gapMs - lookbackMs, end + 1)
    })
    const settle = (disorder: Disorder, stored: readonly Observation[]): void => {
      for (const row of rejudge(book, disorder, stored, batch)) judged.push(row)
    }
    await book.read(spans, { withLate: false }, (series, stored) => {
      const disorder = disordered.get(series)
      if (disorder !== undefined) settle(disorder, stored)
      disordered.delete(series)
    })
    for (const disorder of disordered.values()) settle(disorder, [])
  }

  function stateOf(series: SensorId): SeriesState {
    const state = book.get(series)
    if (state === undefined) throw new Error(`series ${series} was not reconciled before it is judged`)
    return state
  }
}

function judgeAlone(row: StoredRow, alone: RunningTests): void {
  alone.advance(row.observedAt, row.value, row.tests)
  row.flag = alone.flag
  row.tests = alone.tests
}

function countGap({ last, sensor }: SeriesState, at: number, totals: GapTotals): void {
  const missing = last === null || sensor.everyMs === null ? 0 : missingBetween(last.observedAt, at, sensor.everyMs)
  if (missing === 0) return
  totals.gaps += 1
  totals.missing += missing
}

/** The verdict on the reading before, now that its neighbour is here. */
function settleLast(state: SeriesState, next: StoredRow, batch: number, judged: StoredRow[]): void {
  const { last, running } = state
  if (last === null || last.value === null) return
  const settled = worse(state.lastFlag, running.beforeFlag)
  const tests = state.lastTests | running.beforeTests
  if (settled === last.flag && tests === last.tests && settled === state.lastFlag && tests === state.lastTests) return
  if (state.lastBatch === batch) Object.assign(last, { flag: settled, tests })
  else judged.push(judgedRow(last, settled, tests, next))
}
