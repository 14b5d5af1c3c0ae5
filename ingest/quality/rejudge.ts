import { worse, type Flag } from '../../domain/flag.ts'
import { knownSince, type Observation } from '../../domain/observation.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'
import type { SeriesBook, SeriesState } from '../series-book.ts'
import { reachesNewest, type Disorder } from './disorder.ts'
import { marksOf, type RunningTests } from './running-tests.ts'

/** A reading of the series with its place among the batch's rows, if it has one. */
interface Placed {
  reading: Observation
  /** The row of this batch that it is; null = stored before. */
  row: StoredRow | null
}

/**
 * Judges a series again from the stored readings around a disorder and the rows of the batch: flags the batch's rows in place, brings
 * the series' state to its newest reading, and returns the stored readings whose flag has changed.
 * @param stored from one look-back before the disorder up to one behind it, or up to the newest, in time order
 */
export function rejudge(book: SeriesBook, disorder: Disorder, stored: readonly Observation[], batch: number): StoredRow[] {
  const { state } = disorder
  const readings = inTimeOrder(disorder, stored, () => book.rerun(state))
  const running = book.rerun(state)
  const { flags, tests } = judgeAll(readings, running)
  const judged = new Map<Observation, StoredRow>()
  const causes = causesOf(readings)
  readings.forEach(({ reading, row }, i) => {
    const [flag, bits] = [flags[i] ?? reading.flag, tests[i] ?? reading.tests]
    if (row !== null) Object.assign(row, { flag, tests: bits })
    else if ((flag !== reading.flag || bits !== reading.tests) && isTouched(reading.observedAt, disorder))
      judged.set(reading, judgedRow(reading, flag, bits, causes[i] ?? reading))
  })
  if (reachesNewest(disorder)) keep(state, running, readings.at(-1), judged, batch)
  return [...judged.values()]
}

/** All readings that count, one for each moment. A row that another one of the same batch replaced is judged alone. */
function inTimeOrder({ rows }: Disorder, stored: readonly Observation[], rerun: () => RunningTests): Placed[] {
  const fresh = new Map<number, StoredRow>()
  for (const row of rows) {
    const replaced = fresh.get(row.observedAt)
    fresh.set(row.observedAt, row)
    if (replaced === undefined) continue
    const alone = rerun()
    alone.advance(replaced.observedAt, replaced.value, replaced.tests)
    Object.assign(replaced, { flag: alone.flag, tests: alone.tests })
  }
  const standing = stored.filter(({ observedAt }) => !fresh.has(observedAt))
  return merged(
    standing,
    [...fresh.values()].sort((a, b) => a.observedAt - b.observedAt),
  )
}

/** Two lists in time order as one: what is stored around a few rows may be a hundred thousand readings. */
function merged(standing: readonly Observation[], fresh: readonly StoredRow[]): Placed[] {
  const all: Placed[] = []
  let next = 0
  for (const reading of standing) {
    for (let row = fresh[next]; row !== undefined && row.observedAt < reading.observedAt; row = fresh[next]) {
      all.push({ reading: row, row })
      next += 1
    }
    all.push({ reading, row: null })
  }
  for (const row of fresh.slice(next)) all.push({ reading: row, row })
  return all
}

/** For each reading the row of the batch that lies nearest to it, the earlier one of two: it stands for what changed the verdict. */
function causesOf(readings: readonly Placed[]): (StoredRow | null)[] {
  const causes: (StoredRow | null)[] = []
  let before: StoredRow | null = null
  for (const { row } of readings) causes.push((before = row ?? before))
  let behind: StoredRow | null = null
  for (let i = readings.length - 1; i >= 0; i--) {
    const [at, nearest] = [readings[i]?.reading.observedAt ?? 0, causes[i] ?? null]
    behind = readings[i]?.row ?? behind
    if (behind !== null && (nearest === null || behind.observedAt - at < at - nearest.observedAt)) causes[i] = behind
  }
  return causes
}

function judgeAll(readings: readonly Placed[], running: RunningTests): { flags: Flag[]; tests: number[] } {
  const [flags, tests]: [Flag[], number[]] = [[], []]
  readings.forEach(({ reading }, i) => {
    running.advance(reading.observedAt, reading.value, reading.tests & marksOf)
    const before = readings[i - 1]?.reading
    if (before !== undefined && before.value !== null) {
      flags[i - 1] = worse(flags[i - 1] ?? before.flag, running.beforeFlag)
      tests[i - 1] = (tests[i - 1] ?? 0) | running.beforeTests
    }
    flags.push(running.flag)
    tests.push(running.tests)
  })
  return { flags, tests }
}

/** A verdict depends on the readings up to one look-back before it and on the next one, within a gap. */
function isTouched(at: number, { state, from, to }: Disorder): boolean {
  return at >= from - state.plan.gapMs && at <= to + state.plan.lookbackMs
}

function keep(
  state: SeriesState,
  running: RunningTests,
  newest: Placed | undefined,
  judged: ReadonlyMap<Observation, StoredRow>,
  batch: number,
): void {
  if (newest === undefined) return
  const again = judged.get(newest.reading)
  state.running = running
  state.last = again ?? newest.reading
  state.lastBatch = newest.row !== null || again !== undefined ? batch : 0
  state.lastFlag = running.flag
  state.lastTests = running.tests
}

/** A stored reading under its new flag, which a reading beside it gave it. */
export function judgedRow(row: Observation, flag: Flag, tests: number, cause: Observation): StoredRow {
  const judged = { at: Math.max(cause.receivedAt, knownSince(row)), delivery: cause.delivery }
  return { ...row, flag, tests, judged, arrival: 'judged' }
}
