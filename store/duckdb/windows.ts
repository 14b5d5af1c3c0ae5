import type { Aggregate, Window, WindowQuery } from '../ports/telemetry.ts'
import type { Dictionary } from './dictionary.ts'
import { flagSet, marked } from './rows.ts'
import { createParameters, type Parameters } from './parameters.ts'
import { inOrderAsked, select } from './selection.ts'
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

/** Aggregates over windows of time, many series at once. */
export async function readWindows(session: Session, words: Dictionary, query: WindowQuery): Promise<Window[]> {
  const selection = select(words, query.series)
  if (selection === null) return []
  const parameters = createParameters()
  const names = [...new Set(query.aggregates)].filter((name) => name !== 'n')
  const { sql: place, startOf } = windowPlace(query, parameters)
  const condition = `${selection.condition(parameters)} AND ${between(query.from, query.to, parameters)}`
  const flags = parameters.given(flagSet(query.flags ?? [1, 2]))
  const many = selection.asked.length > 1
  const [ids = [], places = [], counts = [], ...figures] = await session.numbers(
    `SELECT series, (${place})::DOUBLE, count(*)::INTEGER${names.map((name) => `, ${expressions[name]}`).join('')}
     FROM observation WHERE ${condition} AND value IS NOT NULL AND ${marked.flagIn(flags)}
     GROUP BY ALL ${many ? 'ORDER BY 1, 2' : ''}`,
    parameters.values,
  )
  const windows = ids.map((id, row) => {
    const entry = words.series.byId(id)
    const window: Window = { series: entry.name, start: startOf(places[row] ?? NaN), n: counts[row] ?? 0 }
    names.forEach((name, i) => (window[name] = figures[i]?.[row] ?? NaN))
    return { entry, window }
  })
  if (!many) windows.sort((a, b) => a.window.start - b.window.start)
  return inOrderAsked(selection.asked, windows, ({ entry }) => entry).map(({ window }) => window)
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
