import type { SensorId } from '../../domain/ids.ts'
import { testBit } from '../../domain/quality-tests.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'
import type { SeriesState } from '../series-book.ts'

/** A series into which a batch put readings that were not its newest. */
export interface Disorder {
  state: SeriesState
  /** Its rows of the batch that are not late, in the order they came. */
  rows: StoredRow[]
  /** Oldest and newest moment that was put in or changed, epoch ms. */
  from: number
  to: number
}

const late = testBit('late')

/** The series of a batch that must be judged again; late rows touch nobody. For what a late revision does see holes.ts. */
export function findDisorder(rows: readonly StoredRow[], stateOf: (series: SensorId) => SeriesState): Map<SensorId, Disorder> {
  const found = new Map<SensorId, Disorder>()
  for (const { series, observedAt, arrival, tests } of rows) {
    if ((arrival !== 'inserted' && arrival !== 'revised') || (tests & late) !== 0) continue
    const disorder = found.get(series)
    if (disorder === undefined) found.set(series, { state: stateOf(series), rows: [], from: observedAt, to: observedAt })
    else {
      disorder.from = Math.min(disorder.from, observedAt)
      disorder.to = Math.max(disorder.to, observedAt)
    }
  }
  if (found.size > 0) for (const row of rows) if ((row.tests & late) === 0) found.get(row.series)?.rows.push(row)
  return found
}

/** Whether the newest readings of the series are judged otherwise because of it. */
export function reachesNewest({ state, rows, to }: Disorder): boolean {
  const newest = state.last?.observedAt ?? -Infinity
  return to + state.plan.lookbackMs + state.plan.gapMs >= newest || rows.some(({ observedAt }) => observedAt >= newest)
}
