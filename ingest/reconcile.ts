import { flag } from '../domain/flag.ts'
import type { SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import { testBit, testBits } from '../domain/quality-tests.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import type { ObservationKey, TelemetryStore } from '../store/ports/telemetry.ts'
import type { Lane } from './lanes.ts'
import { readOvertaken } from './overtaken.ts'
import { marksOf } from './quality/running-tests.ts'
import type { SeriesBook } from './series-book.ts'
import type { ValidatedRows } from './validate.ts'

/** Rows that go to the store, each with its arrival, and those that said nothing new; both in the order they came. */
export interface Reconciled {
  kept: StoredRow[]
  duplicates: StoredRow[]
  /** Stored readings that go on standing, behind the `kept` ones of their keys: those came before them, on the deferred lane. */
  restored: StoredRow[]
}

/**
 * Holds rows against what is known of their keys `(series, observedAt)`. Newer than all of the series: `next`, without a question to
 * the store. Else the same value again is a duplicate, another value `revised`, and a key that is not there `inserted`, or `late` when
 * it lies further behind the clock than its sensor allows; a revision that late is `revised` and carries the mark. Missing equals
 * missing. On the deferred lane the order is still that of the journal: a value that came before the one that stands becomes a version
 * below it, and what was the newest of its series when it came is not late. Rejects with StoreUnavailable; what it noted in the book is
 * void then.
 * @param batch number of the batch, growing
 */
export type Reconcile = (validated: ValidatedRows, batch: number, lane?: Lane) => Promise<Reconciled>

interface ReconcileParts {
  telemetry: Pick<TelemetryStore, 'existing' | 'versions'>
  book: SeriesBook
}

/** A key that is not the newest of its series, until it is settled. */
interface Open {
  row: StoredRow
  /** It lies further behind the clock than its sensor allows. */
  isLate: boolean
}

/** What stands at a key: in the store, or in this batch. */
type Known = Map<SensorId, Map<number, Observation>>

const late = testBit('late')
const corrected = testBit('corrected')
/** Marks of what a person did: no device sent that. */
const byHand = testBits(['corrected', 'moved'])

export function createReconcile({ telemetry, book }: ReconcileParts): Reconcile {
  return async (validated, batch, lane = 'live') => {
    await book.warm(validated.rows)
    const duplicates = new Set<StoredRow>()
    const restored = lane === 'deferred' ? new Set<Observation>() : null
    const open = sort(validated, batch, duplicates)
    if (open.length > 0) {
      const known = await readKnown(open)
      if (restored !== null) await excuseOvertaken(validated.rows, open)
      const repeated = await repeatedOf(open, known, telemetry)
      noteNewest(validated.rows, open, known)
      for (const each of open) if (repeated.has(each.row) || !settle(each, known, restored)) duplicates.add(each.row)
    }
    return {
      kept: duplicates.size === 0 ? validated.rows : validated.rows.filter((row) => !duplicates.has(row)),
      duplicates: [...duplicates],
      restored: [...(restored ?? [])].map(restoredRow),
    }
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
        open.push({ row, isLate: (clocks[i] ?? row.receivedAt) - row.observedAt > state.sensor.latenessMs })
      }
    }
    return open
  }

  async function readKnown(open: readonly Open[]): Promise<Known> {
    const known: Known = new Map()
    for (const { row } of open) if (!known.has(row.series)) known.set(row.series, new Map())
    for (const stored of await telemetry.existing(keysOf(open))) known.get(stored.series)?.set(stored.observedAt, stored)
    return known
  }

  async function excuseOvertaken(rows: readonly StoredRow[], open: readonly Open[]): Promise<void> {
    const behind = open.filter(({ isLate }) => isLate)
    const overtaken = await readOvertaken(
      book,
      rows,
      behind.map(({ row }) => row),
    )
    for (const each of behind) if (overtaken.has(each.row)) each.isLate = false
  }
}

/**
 * True when the row says something new.
 * @param restored takes the stored readings that came after a row and stand all the same; null = whatever comes last stands
 */
function settle({ row, isLate }: Open, known: Known, restored: Set<Observation> | null): boolean {
  const keys = known.get(row.series)
  const before = keys?.get(row.observedAt)
  if (before !== undefined && before.value === row.value) return false
  if (restored !== null && before !== undefined && before.delivery > row.delivery) restored.add(before)
  else {
    keys?.set(row.observedAt, row)
    if (before !== undefined) restored?.delete(before)
  }
  if (isLate) row.tests |= late
  if (before !== undefined) row.arrival = 'revised'
  else row.arrival = isLate ? 'late' : 'inserted'
  return true
}

/** A reading as it stood, to be judged again. */
function restoredRow({ judged: _, ...seen }: Observation): StoredRow {
  return { ...seen, flag: seen.value === null ? flag.missing : flag.notEvaluated, tests: seen.tests & marksOf, arrival: 'revised' }
}

/** Rows that say again what a person has corrected since: a re-send does not undo a correction, a value never sent before does. */
async function repeatedOf(open: readonly Open[], known: Known, telemetry: Pick<TelemetryStore, 'versions'>): Promise<Set<StoredRow>> {
  const repeated = new Set<StoredRow>()
  for (const { row } of open) {
    const stored = known.get(row.series)?.get(row.observedAt)
    if (stored === undefined || (stored.tests & corrected) === 0 || (row.tests & byHand) !== 0) continue
    const versions = await telemetry.versions({ series: row.series, observedAt: row.observedAt })
    if (versions.some(({ value, tests }) => value === row.value && (tests & byHand) === 0)) repeated.add(row)
  }
  return repeated
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
