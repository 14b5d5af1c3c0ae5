import { tableNames } from './schema.ts'
import { catalog, type Session } from './session.ts'
import { dayMinutes } from './times.ts'

/** Free blocks, of 256 KiB each, that are worth no work. */
const fewBlocks = 32

/** A table other than the observations is moved only when it has at most so many rows: then it takes a moment. */
const smallTable = 200_000

/** What lies last in the file, of what can be moved into the free blocks before it. */
export interface LastPart {
  /** Blocks of the file now. */
  total: number
  /** Rewritten days of observations, or a small table. */
  part: { days: readonly number[] } | { table: string }
}

/** Null when less than a tenth of the file is free, or what lies last cannot be moved. */
export async function findLastPart(session: Session): Promise<LastPart | null> {
  const [[total = 0, free = 0] = []] = await session.rows(
    'SELECT total_blocks, free_blocks FROM pragma_database_size() WHERE database_name = $1',
    [catalog],
  )
  if (Number(free) < fewBlocks || Number(free) * 10 < Number(total)) return null
  const table = await lastTable(session)
  const part = table === 'observation' ? await lastDays(session) : await ifSmall(session, table)
  return part === null ? null : { total: Number(total), part }
}

async function lastTable(session: Session): Promise<string> {
  const blockOf = (table: string): string => `SELECT '${table}' AS name, max(block_id) AS block FROM pragma_storage_info('${table}')`
  const rows = await session.rows(`SELECT arg_max(name, block) FROM (${tableNames.map(blockOf).join(' UNION ALL ')})`)
  return String(rows[0]?.[0])
}

async function lastDays(session: Session): Promise<{ days: readonly number[] } | null> {
  // The bounds of a row group's minutes stand only in the text of its statistics.
  const rows = await session.rows(
    `WITH segment AS (SELECT row_group_id, column_name, block_id, stats FROM pragma_storage_info('observation')
       WHERE segment_type <> 'VALIDITY'),
     last AS (SELECT arg_max(row_group_id, block_id) AS row_group_id FROM segment),
     span AS (SELECT min(regexp_extract(stats, 'Min: (-?[0-9]+)', 1)::INTEGER) AS low, max(regexp_extract(stats, 'Max: (-?[0-9]+)', 1)::INTEGER) AS high
       FROM segment JOIN last USING (row_group_id) WHERE column_name = 'minute')
     SELECT day, s.day IS NOT NULL FROM span, range(low // ${dayMinutes}, high // ${dayMinutes} + 1) AS days(day)
       LEFT JOIN sorted_day s USING (day) ORDER BY day`,
  )
  const sorted = rows.length > 0 && rows.every(([, rewritten]) => rewritten === true)
  return sorted ? { days: rows.map(([day]) => Number(day)) } : null
}

async function ifSmall(session: Session, table: string): Promise<{ table: string } | null> {
  if (!tableNames.includes(table)) return null
  const [[rows = 0] = []] = await session.rows(`SELECT count(*) FROM ${table}`)
  return Number(rows) <= smallTable ? { table } : null
}

/** Writes the rows of a small table anew, inside a transaction. */
export async function rewriteTable(session: Session, table: string): Promise<void> {
  await session.run(`CREATE OR REPLACE TEMP TABLE table_rows AS SELECT * FROM ${table}`)
  await session.run(`DELETE FROM ${table}`)
  await session.run(`INSERT INTO ${table} SELECT * FROM table_rows`)
  await session.run('DROP TABLE table_rows')
}
