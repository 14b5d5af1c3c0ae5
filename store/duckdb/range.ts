import { knownSince, type Observation, type ObservationVersion } from '../../domain/observation.ts'
import type { ObservationKey, RangeQuery } from '../ports/telemetry.ts'
import { askedRows, askKeys } from './asked.ts'
import type { Dictionary, SeriesEntry } from './dictionary.ts'
import { createParameters, type Parameters } from './parameters.ts'
import { fillJudgements } from './judgements.ts'
import { fillPositions } from './positions.ts'
import { marked, readRows, rowFields, type ReadRow } from './rows.ts'
import { inOrderAsked, select, type Selection } from './selection.ts'
import type { Parameter, Session } from './session.ts'
import { at, between } from './times.ts'

const observationOf = (row: ReadRow): Observation => row.observation

async function read(session: Session, words: Dictionary, sql: string, parameters: readonly Parameter[]): Promise<ReadRow[]> {
  const rows = readRows(await session.run(sql, parameters), words)
  await fillPositions(session, rows)
  await fillJudgements(session, rows)
  return rows
}

/** Rows of some series in a range, as they stand now or as they were known at a moment. */
export async function readRange(session: Session, words: Dictionary, query: RangeQuery): Promise<Observation[]> {
  const selection = select(words, query.series)
  if (selection === null) return []
  const parameters = createParameters()
  const condition = `${selection.condition(parameters)} AND ${between(query.from, query.to, parameters)}`
  const from = query.asOf === undefined ? `FROM observation WHERE ${condition}` : asKnown(condition, parameters.given(query.asOf))
  const sql = `SELECT ${rowFields} ${from} ${orderOf(selection, query, parameters)}`
  const rows = await read(session, words, sql, parameters.values)
  return inTimeOrder(inOrderAsked(selection.asked, rows, (row) => row.entry)).map(observationOf)
}

/** Days lie in order in the file, so that a sort of DuckDB would cost more than the look whether it is needed. */
function orderOf({ asked }: Selection, { limit }: RangeQuery, { given }: Parameters): string {
  if (limit === undefined) return ''
  if (asked.length === 1) return `ORDER BY minute, ms LIMIT ${given(limit)}::BIGINT`
  return `ORDER BY minute, ms, list_position(${given(asked.map((entry) => entry.id))}::INTEGER[], series) LIMIT ${given(limit)}::BIGINT`
}

/** Sorts the rows of each series by time; the series stand together. */
function inTimeOrder(rows: ReadRow[]): ReadRow[] {
  const sorted = rows.every((row, i) => {
    const before = rows[i - 1]
    return before === undefined || before.entry !== row.entry || before.observation.observedAt <= row.observation.observedAt
  })
  if (sorted) return rows
  const place = new Map<SeriesEntry, number>()
  for (const { entry } of rows) if (!place.has(entry)) place.set(entry, place.size)
  const placeOf = (row: ReadRow): number => place.get(row.entry) ?? 0
  return rows.sort((a, b) => placeOf(a) - placeOf(b) || a.observation.observedAt - b.observation.observedAt)
}

/** The last state of each key among those that fulfil a condition and were known at a moment: neither received nor judged later. */
function asKnown(condition: string, asOf: string): string {
  const received = `${condition} AND ${at} + delay <= ${asOf}`
  return `FROM (SELECT *, 2147483647 AS version FROM observation WHERE ${received}
      UNION ALL SELECT * FROM observation_history WHERE ${received})
    WHERE NOT (${marked.judged} AND (series, minute, ms, "commit") IN
      (SELECT (series, minute, ms, "commit") FROM judgement WHERE ${condition} AND judged_at > ${asOf}))
    QUALIFY row_number() OVER (PARTITION BY series, minute, ms ORDER BY version DESC) = 1`
}

/** Current rows of some keys. They are asked for in a table of the connection, and taken back with its transaction. */
export async function readExisting(session: Session, words: Dictionary, keys: readonly ObservationKey[]): Promise<Observation[]> {
  const asked = askKeys(words, keys)
  if (asked === null) return []
  await session.again('BEGIN')
  try {
    await session.insert(asked.feed)
    const found = `SELECT o.* FROM observation o JOIN asked a ON ${askedRows}`
    return (await read(session, words, `SELECT ${rowFields} FROM (${found})`, asked.minutes)).map(observationOf)
  } finally {
    await session.again('ROLLBACK')
  }
}

/** All states of one key, oldest first. */
export async function readVersions(session: Session, words: Dictionary, key: ObservationKey): Promise<ObservationVersion[]> {
  const selection = select(words, [key.series])
  if (selection === null) return []
  const parameters = createParameters()
  const condition = `${selection.condition(parameters)} AND ${between(key.observedAt, key.observedAt + 1, parameters)}`
  const states = `SELECT *, 2147483647 AS version FROM observation WHERE ${condition}
    UNION ALL SELECT * FROM observation_history WHERE ${condition}`
  const rows = await read(session, words, `SELECT ${rowFields} FROM (${states}) ORDER BY version`, parameters.values)
  return rows.map(({ observation }, i) => ({ ...observation, version: i + 1, knownAt: knownSince(observation) }))
}
