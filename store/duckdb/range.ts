import type { Observation, ObservationVersion } from '../../domain/observation.ts'
import type { ObservationKey, RangeQuery } from '../ports/telemetry.ts'
import { askedRows, askKeys } from './asked.ts'
import type { Dictionary } from './dictionary.ts'
import { fillPositions } from './positions.ts'
import { readRows, rowFields, type ReadRow } from './rows.ts'
import { inOrderAsked, select } from './selection.ts'
import type { Parameter, Session } from './session.ts'
import { at, between } from './times.ts'

const observationOf = (row: ReadRow): Observation => row.observation

async function read(session: Session, words: Dictionary, sql: string, parameters: readonly Parameter[]): Promise<ReadRow[]> {
  const rows = readRows(await session.run(sql, parameters), words)
  await fillPositions(session, rows)
  return rows
}

/** Rows of some series in a range, as they stand now or as they were known at a moment. */
export async function readRange(session: Session, words: Dictionary, query: RangeQuery): Promise<Observation[]> {
  const selection = select(words, query.series)
  if (selection === null) return []
  const { asked } = selection
  const range = between(query.from, query.to, 2)
  const parameters: Parameter[] = [selection.parameter, ...range.parameters]
  const given = (value: number): string => `$${parameters.push(value)}`

  let sql = `FROM observation WHERE ${selection.condition(1)} AND ${range.sql}`
  if (query.asOf !== undefined) sql = asKnown(`${selection.condition(1)} AND ${range.sql} AND ${at} + delay <= ${given(query.asOf)}`)
  if (query.limit === undefined) sql = `SELECT ${rowFields} ${sql} ORDER BY series, minute, ms`
  else {
    const order = asked.length === 1 ? '' : ', list_position($1::INTEGER[], series)'
    sql = `SELECT ${rowFields} ${sql} ORDER BY minute, ms${order} LIMIT ${given(query.limit)}::BIGINT`
  }
  const rows = await read(session, words, sql, parameters)
  return inOrderAsked(asked, rows, (row) => row.entry).map(observationOf)
}

/** The last state of each key among those that fulfil a condition. */
const asKnown = (condition: string): string =>
  `FROM (SELECT *, 2147483647 AS version FROM observation WHERE ${condition} UNION ALL SELECT * FROM observation_history WHERE ${condition})
   QUALIFY row_number() OVER (PARTITION BY series, minute, ms ORDER BY version DESC) = 1`

/** Current rows of some keys. The session must have a table `asked`; its keys are put there and taken back. */
export async function readExisting(session: Session, words: Dictionary, keys: readonly ObservationKey[]): Promise<Observation[]> {
  if (keys.length === 0) return []
  await session.again('BEGIN')
  try {
    const minutes = await askKeys(session, words, keys)
    if (minutes === null) return []
    const found = `SELECT o.* FROM observation o JOIN asked a ON ${askedRows}`
    return (await read(session, words, `SELECT ${rowFields} FROM (${found})`, minutes)).map(observationOf)
  } finally {
    await session.again('ROLLBACK')
  }
}

/** All states of one key, oldest first. */
export async function readVersions(session: Session, words: Dictionary, key: ObservationKey): Promise<ObservationVersion[]> {
  const selection = select(words, [key.series])
  if (selection === null) return []
  const range = between(key.observedAt, key.observedAt + 1, 2)
  const condition = `${selection.condition(1)} AND ${range.sql}`
  const rows = await read(
    session,
    words,
    `SELECT ${rowFields} FROM (SELECT *, 2147483647 AS version FROM observation WHERE ${condition}
       UNION ALL SELECT * FROM observation_history WHERE ${condition}) ORDER BY version`,
    [selection.parameter, ...range.parameters],
  )
  return rows.map(({ observation }, i) => ({ ...observation, version: i + 1, knownAt: observation.receivedAt }))
}
