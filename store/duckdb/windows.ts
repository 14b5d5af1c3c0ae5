import type { Aggregate, Window, WindowQuery } from '../ports/telemetry.ts'
import type { Dictionary } from './dictionary.ts'
import { flagSet, marked } from './rows.ts'
import { inOrderAsked, select } from './selection.ts'
import type { Session } from './session.ts'
import { at, between } from './times.ts'

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
  const range = between(query.from, query.to, 4)
  const names = [...new Set(query.aggregates)].filter((name) => name !== 'n')
  // The remainder is brought above zero first: SQL's takes the sign of the time.
  const start = `(${at} - (((${at} - $2::BIGINT) % $3::BIGINT) + $3::BIGINT) % $3::BIGINT)::DOUBLE`
  const flags = 4 + range.parameters.length
  const [ids = [], starts = [], counts = [], ...figures] = await session.numbers(
    `SELECT series, ${start} AS start, count(*)::INTEGER${names.map((name) => `, ${expressions[name]}`).join('')}
     FROM observation
     WHERE ${selection.condition(1)} AND ${range.sql} AND value IS NOT NULL AND ${marked.flagIn(flags)}
     GROUP BY series, start ORDER BY series, start`,
    [selection.parameter, query.offsetMs ?? 0, query.everyMs, ...range.parameters, flagSet(query.flags ?? [1, 2])],
  )
  const windows = ids.map((id, row) => {
    const entry = words.series.byId(id)
    const window: Window = { series: entry.name, start: starts[row] ?? NaN, n: counts[row] ?? 0 }
    names.forEach((name, i) => (window[name] = figures[i]?.[row] ?? NaN))
    return { entry, window }
  })
  return inOrderAsked(selection.asked, windows, ({ entry }) => entry).map(({ window }) => window)
}
