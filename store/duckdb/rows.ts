import type { DuckDBDataChunk, DuckDBMaterializedResult } from '@duckdb/node-api'
import type { Flag } from '../../domain/flag.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Arrival, StoredRow } from '../ports/ledger.ts'
import type { Dictionary, SeriesEntry } from './dictionary.ts'
import type { Feed, TableShape } from './feed.ts'
import { minuteMs } from './times.ts'
import { doublesOf, flushColumns, halvesOf, integersOf, numbersOf, setLong, setNull, smallIntegersOf, type Numbers } from './vectors.ts'

/** Append only: the place in this list is stored. */
const arrivals: readonly Arrival[] = ['next', 'inserted', 'revised', 'judged', 'late']
const arrivalCode: Readonly<Record<Arrival, number>> = { next: 0, inserted: 1, revised: 2, judged: 3, late: 4 }

/** `marks`: flag in bits 0-3, arrival in 4-6, 7 = a position is kept beside it, tests from 8 on. */
const positioned = 1 << 7

/** Conditions on `marks` for statements. */
export const marked = {
  /** The arrivals that began a key. */
  first: `((marks >> 4) & 7) IN (0, 1, 4)`,
  /** The arrival that changed a flag. */
  judged: `((marks >> 4) & 7) = ${arrivalCode.judged}`,
  /** The flag is in a bit set, see `flagSet`. */
  flagIn: (set: string): string => `((1 << (marks & 15)) & ${set}) <> 0`,
}

/** Bit set of flags for `marked.flagIn`. */
export const flagSet = (flags: readonly number[]): number => flags.reduce((set, flag) => set | (1 << flag), 0)

/** Places of the columns in a row, for filling and reading; as in schema.ts. */
const place = { series: 0, source: 1, commit: 2, marks: 3, ms: 4, seq: 5, minute: 6, delay: 7, value: 8, behind: 9 } as const

/** What to select for `readRows`: the columns in their order, without nulls. As they lie in the file: a cast here costs DuckDB's planner more. */
export const rowFields = `series, source, "commit", marks, ms, seq, minute, delay, ifnull(value, 'NaN'::DOUBLE), behind`

/** Rows of a commit as they lie in the file. Words they hold for the first time are added to the dictionary as they are fed. */
export function rowsFeed(shape: TableShape, words: Dictionary, rows: readonly StoredRow[], commit: number): Feed {
  return {
    shape,
    count: rows.length,
    fill: (chunk, from, count) => {
      fillMeasured(chunk, words, rows, from, count)
      fillArrived(chunk, words, rows, from, count)
      integersOf(chunk, place.commit).fill(commit, 0, count)
      flushColumns(chunk, shape.types.length)
    },
  }
}

/** Series, time, value and its marks. */
function fillMeasured(chunk: DuckDBDataChunk, words: Dictionary, rows: readonly StoredRow[], from: number, count: number): void {
  const [series, marks, minutes] = [integersOf(chunk, place.series), integersOf(chunk, place.marks), integersOf(chunk, place.minute)]
  const [ms, values] = [smallIntegersOf(chunk, place.ms), doublesOf(chunk, place.value)]
  for (let i = 0; i < count; i += 1) {
    const row = rows[from + i]
    if (row === undefined) continue
    const minute = Math.floor(row.observedAt / minuteMs)
    series[i] = words.series.of(row.series).id
    marks[i] = row.flag | (arrivalCode[row.arrival] << 4) | (row.position === null ? 0 : positioned) | (row.tests << 8)
    minutes[i] = minute
    ms[i] = row.observedAt - minute * minuteMs
    if (row.value === null) setNull(chunk, place.value, i)
    else values[i] = row.value
  }
}

/** Who sent it, when and with which delivery. */
function fillArrived(chunk: DuckDBDataChunk, words: Dictionary, rows: readonly StoredRow[], from: number, count: number): void {
  const [sources, seq] = [integersOf(chunk, place.source), halvesOf(chunk, place.seq)]
  const [delay, behind] = [halvesOf(chunk, place.delay), halvesOf(chunk, place.behind)]
  for (let i = 0; i < count; i += 1) {
    const row = rows[from + i]
    if (row === undefined) continue
    sources[i] = words.sources.of(row.device, row.run)
    setLong(seq, i, row.seq === null ? -1 : row.seq < 0 ? row.seq - 1 : row.seq)
    setLong(delay, i, row.receivedAt - row.observedAt)
    setLong(behind, i, row.delivery - words.bases.of(row.receivedAt, row.delivery))
  }
}

/** A row as it lies in the file. */
export interface ReadRow {
  observation: Observation
  entry: SeriesEntry
  arrival: Arrival
  commit: number
  /** A position is kept beside it; `observation.position` is still null. */
  moving: boolean
}

/** Rows of a result whose first columns are `rowFields`. */
export function readRows(result: DuckDBMaterializedResult, words: Dictionary): ReadRow[] {
  const read: ReadRow[] = []
  for (let i = 0; i < result.chunkCount; i += 1) readChunk(result.getChunk(i), words, read)
  return read
}

function readChunk(chunk: DuckDBDataChunk, words: Dictionary, read: ReadRow[]): void {
  const numbers = (name: keyof typeof place): Numbers => numbersOf(chunk, place[name])
  const [series, minute, ms, delay, value] = [numbers('series'), numbers('minute'), numbers('ms'), numbers('delay'), numbers('value')]
  const [marks, source, behind, seq, commit] = [numbers('marks'), numbers('source'), numbers('behind'), numbers('seq'), numbers('commit')]
  const at = (column: Numbers, i: number): number => column[i] ?? NaN
  for (let i = 0; i < chunk.rowCount; i += 1) {
    const entry = words.series.byId(at(series, i))
    const { device, run } = words.sources.byId(at(source, i))
    const mark = at(marks, i)
    const observedAt = at(minute, i) * minuteMs + at(ms, i)
    const receivedAt = observedAt + at(delay, i)
    const number = at(value, i)
    const observation: Observation = {
      series: entry.name,
      observedAt,
      receivedAt,
      value: Number.isNaN(number) ? null : number,
      flag: (mark & 15) as Flag,
      tests: mark >> 8,
      device,
      delivery: words.bases.byTime(receivedAt) + at(behind, i),
      seq: seqOf(at(seq, i)),
      run,
      position: null,
    }
    read.push({
      observation,
      entry,
      arrival: arrivals[(mark >> 4) & 7] ?? 'next',
      commit: at(commit, i),
      moving: (mark & positioned) !== 0,
    })
  }
}

const seqOf = (stored: number): number | null => (stored === -1 ? null : stored < 0 ? stored + 1 : stored)
