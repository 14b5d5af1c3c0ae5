import type { Aggregate, Window, WindowQuery } from '../ports/telemetry.ts'
import { windowsOf, type Samples } from '../windows.ts'
import type { Dictionary, SeriesEntry } from './dictionary.ts'
import { flagSet, marked } from './rows.ts'
import { createParameters, type Parameters } from './parameters.ts'
import { inOrderAsked, select, type Selection } from './selection.ts'
import type { Session } from './session.ts'
import { at, between, minuteMs } from './times.ts'

const expressions: Record<Exclude<Aggregate, 'n'>, string> = {
  min: 'min(value)',
  mean: 'avg(value)',
  max: 'max(value)',
  sum: 'sum(value)',
  median: 'median(value)',
  first: `arg_min(value, ${at})`,
  last: `arg_max(value, ${at})`,
}

/** Values of one series up to which windows are made here: a third of the time that DuckDB takes to group them. */
const fewValues = 20_000

/** Aggregates over windows of time, many series at once. */
export async function readWindows(session: Session, words: Dictionary, query: WindowQuery): Promise<Window[]> {
  const selection = select(words, query.series)
  if (selection === null) return []
  const [first] = selection.asked
  const few = first !== undefined && selection.asked.length === 1 ? await readFew(session, selection, query) : null
  if (first !== undefined && few !== null) return windowsOf(first.name, few, query)
  return inOrderAsked(selection.asked, await readGrouped(session, words, selection, query), ({ entry }) => entry).map(
    ({ window }) => window,
  )
}

/** Which rows count. */
function counted(selection: Selection, query: WindowQuery, parameters: Parameters): string {
  const flags = parameters.given(flagSet(query.flags ?? [1, 2]))
  return `${selection.condition(parameters)} AND ${between(query.from, query.to, parameters)} AND value IS NOT NULL AND ${marked.flagIn(flags)}`
}

/** The values of one series that count, in time order; null when they are more than a few. */
async function readFew(session: Session, selection: Selection, query: WindowQuery): Promise<Samples | null> {
  const parameters = createParameters()
  const sql = `SELECT minute, ms, value FROM observation WHERE ${counted(selection, query, parameters)} LIMIT ${fewValues + 1}`
  const [times = new Float64Array(), ms = times, values = times] = await session.numbers(sql, parameters.values)
  if (times.length > fewValues) return null
  let sorted = true
  for (let i = 0; i < times.length; i += 1) {
    times[i] = (times[i] ?? NaN) * minuteMs + (ms[i] ?? NaN)
    sorted &&= i === 0 || (times[i - 1] ?? NaN) <= (times[i] ?? NaN)
  }
  if (sorted) return { times, values }
  const order = Array.from(times.keys()).sort((a, b) => (times[a] ?? NaN) - (times[b] ?? NaN))
  return { times: Float64Array.from(order, (i) => times[i] ?? NaN), values: Float64Array.from(order, (i) => values[i] ?? NaN) }
}

async function readGrouped(
  session: Session,
  words: Dictionary,
  selection: Selection,
  query: WindowQuery,
): Promise<{ entry: SeriesEntry; window: Window }[]> {
  const parameters = createParameters()
  const names = [...new Set(query.aggregates)].filter((name) => name !== 'n')
  const { sql: place, startOf } = windowPlace(query, parameters)
  const [ids = [], places = [], counts = [], ...figures] = await session.numbers(
    `SELECT series, (${place})::DOUBLE, count(*)::INTEGER${names.map((name) => `, ${expressions[name]}`).join('')}
     FROM observation WHERE ${counted(selection, query, parameters)} GROUP BY ALL ORDER BY 1, 2`,
    parameters.values,
  )
  return Array.from(ids, (id, row) => {
    const entry = words.series.byId(id)
    const window: Window = { series: entry.name, start: startOf(places[row] ?? NaN), n: counts[row] ?? 0 }
    names.forEach((name, i) => (window[name] = figures[i]?.[row] ?? NaN))
    return { entry, window }
  })
}

/** Which window a row lies in, as a whole number, and where that window starts. In whole minutes when the windows are: twice as fast. */
function windowPlace({ everyMs, offsetMs = 0 }: WindowQuery, { given }: Parameters): { sql: string; startOf: (place: number) => number } {
  // One window earlier than the offset, so that the division is of numbers above zero: SQL's rounds toward zero.
  const offset = (((offsetMs % everyMs) + everyMs) % everyMs) - everyMs
  const startOf = (place: number): number => place * everyMs + offset
  if (everyMs % minuteMs === 0 && offset % minuteMs === 0)
    return { sql: `(minute - ${given(offset / minuteMs)}) // ${given(everyMs / minuteMs)}`, startOf }
  return { sql: `(${at} - ${given(offset)}) // ${given(everyMs)}`, startOf }
}
