import { stat } from 'node:fs/promises'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { failure, openingFailure } from './failures.ts'
import { catalog, createSession, type Session } from './session.ts'

/**
 * Reads every column of every table, so that DuckDB holds each block that is in use against its checksum; 0.2 s a million rows, on one
 * thread. Sums of hashes: an aggregate that statistics can answer (count, min) would read nothing.
 */
export async function readWhole(session: Session): Promise<void> {
  const tables = await session.rows(`SELECT table_name FROM duckdb_tables() WHERE database_name = '${catalog}'`)
  for (const [table] of tables) await session.run(`SELECT bit_xor(hash(COLUMNS(*))) FROM ${catalog}.main."${String(table)}"`)
}

/**
 * Reads a store's file that nobody has open, and its log, from the first block to the last; nothing of it is changed. A folder without one
 * has nothing to read. Rejects with `store-corrupt` where it is damaged. Never for a file that this process has open: closing it a second
 * time would end the lock of the first.
 */
export async function verifyStoreIn(folder: string): Promise<void> {
  const file = path.resolve(folder, 'gauge.duckdb')
  if ((await stat(file).catch(() => null)) === null) return
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '128MB', threads: '1' })
  try {
    const session = createSession(await instance.connect())
    await session.run(`ATTACH '${file.replaceAll("'", "''")}' AS ${catalog} (READ_ONLY)`).catch((error: unknown) => {
      throw openingFailure(file, error)
    })
    await readWhole(session).catch((error: unknown) => {
      throw failure(`reading ${file}`, error)
    })
    session.close()
  } finally {
    instance.closeSync()
  }
}
