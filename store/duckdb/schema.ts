import { BIGINT, BLOB, BOOLEAN, DOUBLE, INTEGER, USMALLINT, VARCHAR } from '@duckdb/node-api'
import { newerFormat } from './failures.ts'
import type { TableShape } from './feed.ts'
import type { Session } from './session.ts'

/** Version of the tables below. A file of a higher one is refused, of a lower one is brought up to date (`upgrades`). */
const format = 5

/**
 * One observation. No key and no index: they cost nine times the disk.
 * Time is split (`minute` since the epoch, `ms` within it) because regular readings then pack to 1.4 instead of 3.4 bytes.
 * Columns that pack to next to nothing come first and share a block with what the others leave over.
 * `delay` = receivedAt - observedAt. `marks`, `source` and `behind` as in rows.ts and dictionary.ts. `seq` -1 = none.
 */
const rowColumns = `series INTEGER, source INTEGER, "commit" INTEGER, marks INTEGER, ms USMALLINT, seq BIGINT,
  minute INTEGER, delay BIGINT, value DOUBLE, behind BIGINT`

const tables = [
  'CREATE TABLE format (version INTEGER)',
  'CREATE TABLE series (id INTEGER, name VARCHAR)',
  'CREATE TABLE source (id INTEGER, device VARCHAR, run VARCHAR)',
  'CREATE TABLE delivery_base (bucket INTEGER, delivery BIGINT)',
  `CREATE TABLE observation (${rowColumns})`,
  `CREATE TABLE observation_history (${rowColumns}, version INTEGER)`,
  `CREATE TABLE outbox (${rowColumns})`,
  'CREATE TABLE position (series INTEGER, minute INTEGER, ms USMALLINT, delivery BIGINT, lon DOUBLE, lat DOUBLE, altitude DOUBLE)',
  // What changed the flag of the row that this commit made of a key; rows that stand as they came have none.
  'CREATE TABLE judgement (series INTEGER, minute INTEGER, ms USMALLINT, "commit" INTEGER, judged_at BIGINT, delivery BIGINT)',
  'CREATE TABLE commit_log ("commit" INTEGER, cursor BIGINT, row_count INTEGER, watermarks VARCHAR, deferred_cursor BIGINT)',
  // Deliveries that the live lane passed over. Those up to the newest `deferred_cursor` are carried, and go when the log is trimmed.
  'CREATE TABLE deferred (delivery BIGINT)',
  'CREATE TABLE count_log ("commit" INTEGER, counts BLOB)',
  'CREATE TABLE device_total (device VARCHAR, figures VARCHAR)',
  'CREATE TABLE watermark (run VARCHAR, stands_at BIGINT)',
  'CREATE TABLE reader (name VARCHAR, "commit" INTEGER)',
  'CREATE TABLE sorted_day (day INTEGER, "commit" INTEGER)',
  'CREATE TABLE sorted_through ("commit" INTEGER)',
  `CREATE TABLE quarantine (id INTEGER, device VARCHAR, delivery BIGINT, received_at BIGINT, reason VARCHAR, detail VARCHAR,
     value_count INTEGER, item INTEGER, topic VARCHAR, payload BLOB, items VARCHAR, repaired VARCHAR)`,
  'CREATE TABLE amendment (kind VARCHAR, subject VARCHAR, delivery BIGINT, body VARCHAR)',
  `CREATE TABLE rollup (series INTEGER, size VARCHAR, starts BIGINT, ends BIGINT, n INTEGER, minimum DOUBLE, mean DOUBLE,
     maximum DOUBLE, total DOUBLE, completeness DOUBLE)`,
  'CREATE TABLE warning_version (id VARCHAR, version INTEGER, body VARCHAR)',
  `CREATE TABLE warning (id VARCHAR, state VARCHAR, station VARCHAR, onset BIGINT, changed_at BIGINT, acknowledged BOOLEAN,
     body VARCHAR)`,
  'CREATE TABLE document (collection VARCHAR, key VARCHAR, body VARCHAR, updated_at BIGINT)',
]

/** What brings a file of each format to the next one: the first entry, those of format 1. */
const upgrades: readonly (readonly string[])[] = [
  [
    'ALTER TABLE quarantine ADD COLUMN items VARCHAR',
    'ALTER TABLE quarantine ADD COLUMN repaired VARCHAR',
    'CREATE TABLE amendment (kind VARCHAR, subject VARCHAR, delivery BIGINT, body VARCHAR)',
  ],
  [
    'ALTER TABLE commit_log ADD COLUMN deferred_cursor BIGINT',
    'UPDATE commit_log SET deferred_cursor = cursor',
    'CREATE TABLE deferred (delivery BIGINT)',
  ],
  ['ALTER TABLE position ADD COLUMN altitude DOUBLE'],
  ['CREATE TABLE judgement (series INTEGER, minute INTEGER, ms USMALLINT, "commit" INTEGER, judged_at BIGINT, delivery BIGINT)'],
]

/** All of them by name. */
export const tableNames: readonly string[] = tables.map((table) => table.split(' ')[2] ?? '')

/** Makes the tables in an empty file; one transaction. */
export async function createTables(session: Session): Promise<void> {
  await session.run('BEGIN')
  for (const table of tables) await session.run(table)
  await session.run('INSERT INTO format VALUES ($1)', [format])
  await session.run('COMMIT')
}

/** Brings a file of an older release up to date, in one transaction; refuses one of a newer release: rejects with `store-format`. */
export async function checkFormat(session: Session, file: string): Promise<void> {
  const [[version] = []] = await session.rows('SELECT version FROM format')
  if (typeof version !== 'number' || version > format) throw newerFormat(file)
  if (version === format) return
  await session.run('BEGIN')
  for (const step of upgrades.slice(version - 1).flat()) await session.run(step)
  await session.run('UPDATE format SET version = $1', [format])
  await session.run('COMMIT')
}

const row = [INTEGER, INTEGER, INTEGER, INTEGER, USMALLINT, BIGINT, INTEGER, BIGINT, DOUBLE, BIGINT]

/** A table of each connection, for questions about many keys at once. */
export const askedTable = 'CREATE TEMP TABLE asked (series INTEGER, minute INTEGER, ms USMALLINT)'

/** Column types for appending. */
export const shapes = {
  observation: { table: 'observation', types: row },
  outbox: { table: 'outbox', types: row },
  asked: { table: 'asked', catalog: 'temp', types: [INTEGER, INTEGER, USMALLINT] },
  series: { table: 'series', types: [INTEGER, VARCHAR] },
  source: { table: 'source', types: [INTEGER, VARCHAR, VARCHAR] },
  deliveryBase: { table: 'delivery_base', types: [INTEGER, BIGINT] },
  position: { table: 'position', types: [INTEGER, INTEGER, USMALLINT, BIGINT, DOUBLE, DOUBLE, DOUBLE] },
  judgement: { table: 'judgement', types: [INTEGER, INTEGER, USMALLINT, INTEGER, BIGINT, BIGINT] },
  deferred: { table: 'deferred', types: [BIGINT] },
  deviceTotal: { table: 'device_total', types: [VARCHAR, VARCHAR] },
  watermark: { table: 'watermark', types: [VARCHAR, BIGINT] },
  quarantine: {
    table: 'quarantine',
    types: [INTEGER, VARCHAR, BIGINT, BIGINT, VARCHAR, VARCHAR, INTEGER, INTEGER, VARCHAR, BLOB, VARCHAR, VARCHAR],
  },
  amendment: { table: 'amendment', types: [VARCHAR, VARCHAR, BIGINT, VARCHAR] },
  rollup: { table: 'rollup', types: [INTEGER, VARCHAR, BIGINT, BIGINT, INTEGER, DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE] },
  warningVersion: { table: 'warning_version', types: [VARCHAR, INTEGER, VARCHAR] },
  warning: { table: 'warning', types: [VARCHAR, VARCHAR, VARCHAR, BIGINT, BIGINT, BOOLEAN, VARCHAR] },
  document: { table: 'document', types: [VARCHAR, VARCHAR, VARCHAR, BIGINT] },
} as const satisfies Record<string, TableShape>
