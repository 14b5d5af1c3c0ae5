import type { SensorId } from '../domain/ids.ts'
import { testBit } from '../domain/quality-tests.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import type { ObservationKey, TelemetryStore } from '../store/ports/telemetry.ts'
import type { SeriesBook } from './series-book.ts'
import type { ValidatedRows } from './validate.ts'

/** Rows that go to the store, each with its arrival, and those that said nothing new; both in the order they came. */
export interface Reconciled {
  kept: StoredRow[]
  duplicates: StoredRow[]
}

/**
 * Holds rows against what is known of their keys `(series, observedAt)`. Newer than all of the series: `next`, without a question to
 * the store. Else the same value again is a duplicate, another value `revised`, and a key that is not there `inserted`, or `late` when
 * it lies further behind the clock than its sensor allows; a revision that late is `revised` and carries the mark. Missing equals
 * missing. A stored row behind `cursor` is our own earlier attempt and counts as not there. Rejects with StoreUnavailable; what it
 * noted in the book is void then.
 * @param batch number of the batch, growing
 */
export type Reconcile = (validated: ValidatedRows, batch: number, cursor: number) => Promise<Reconciled>

interface ReconcileParts {
  telemetry: Pick<TelemetryStore, 'existing'>
  book: SeriesBook
}

/** A key that is not the newest of its series, until it is settled. */
interface Open {
  row: StoredRow
  clock: number
}

/** What stands at a key: in the store, or in this batch. */
type Known = Map<SensorId, Map<number, { value: number | null }>>

const late = testBit('late')

export function createReconcile({ telemetry, book }: ReconcileParts): Reconcile {
  return async (validated, batch, cursor) => {
    await book.warm(validated.rows, cursor)
    const duplicates = new Set<StoredRow>()
    const open = sort(validated, batch, duplicates)
    if (open.length > 0) {
      const known = await readKnown(open, cursor)
      noteNewest(validated.rows, open, known)
      for (const each of open) if (!settle(each, known)) duplicates.add(each.row)
    }
    if (duplicates.size === 0) return { kept: validated.rows, duplicates: [] }
    return { kept: validated.rows.filter((row) => !duplicates.has(row)), duplicates: [...duplicates] }
  }

  /** Takes what is newer than all before it; the newest one once more is a duplicate; the rest stays open. */
  function sort({ rows, clocks }: ValidatedRows, batch: number, duplicates: Set<StoredRow>): Open[] {
    const open: Open[] = []
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]
      const state = row === undefined ? undefined : book.get(row.series)
      if (row === undefined || state === undefined) continue
      if (row.observedAt > state.newest) {
        state.newest = row.observedAt
        continue
      }
      const again = state.disorderedIn !== batch && state.last?.observedAt === row.observedAt && state.last.value === row.value
      if (again) duplicates.add(row)
      else {
        state.disorderedIn = batch
        open.push({ row, clock: clocks[i] ?? row.receivedAt })
      }
    }
    return open
  }

  async function readKnown(open: readonly Open[], cursor: number): Promise<Known> {
    const known: Known = new Map()
    for (const { row } of open) if (!known.has(row.series)) known.set(row.series, new Map())
    for (const stored of await telemetry.existing(keysOf(open)))
      if (stored.delivery <= cursor) known.get(stored.series)?.set(stored.observedAt, stored)
    return known
  }

  /** True when the row says something new. */
  function settle({ row, clock }: Open, known: Known): boolean {
    const keys = known.get(row.series)
    const before = keys?.get(row.observedAt)
    if (before !== undefined && before.value === row.value) return false
    keys?.set(row.observedAt, row)
    const allowedMs = book.get(row.series)?.sensor.latenessMs ?? Infinity
    const isLate = clock - row.observedAt > allowedMs
    if (isLate) row.tests |= late
    if (before !== undefined) row.arrival = 'revised'
    else row.arrival = isLate ? 'late' : 'inserted'
    return true
  }
}

/** The keys, each once. */
function keysOf(open: readonly Open[]): ObservationKey[] {
  const seen = new Map<SensorId, Set<number>>()
  const keys: ObservationKey[] = []
  for (const { row } of open) {
    const times = seen.get(row.series) ?? new Set()
    if (times.has(row.observedAt)) continue
    seen.set(row.series, times.add(row.observedAt))
    keys.push({ series: row.series, observedAt: row.observedAt })
  }
  return keys
}

/** The newest ones of this batch stand at their keys as well. */
function noteNewest(rows: readonly StoredRow[], open: readonly Open[], known: Known): void {
  const isOpen = new Set(open.map((each) => each.row))
  for (const row of rows) if (!isOpen.has(row)) known.get(row.series)?.set(row.observedAt, row)
}
