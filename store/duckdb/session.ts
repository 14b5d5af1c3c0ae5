import {
  DuckDBDataChunk,
  INTEGER,
  LIST,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
} from '@duckdb/node-api'
import { columnsFeed, type Feed, type TableShape } from './feed.ts'
import { numbersOf } from './vectors.ts'

/** What stands for `$1`, `$2` … in a statement. Lists become INTEGER[] or VARCHAR[]. */
export type Parameter = string | number | boolean | null | Uint8Array | readonly number[] | readonly string[]

/** What a field of a row may hold here. */
export type Cell = string | number | boolean | null | Uint8Array

/** Name under which the data file is attached. */
export const catalog = 'gauge'

/** One connection, used by one piece of work at a time. */
export interface Session {
  /**
   * Runs a statement. It is planned anew each time: DuckDB plans with the statistics of the rows as they are at that moment, and a plan
   * kept from an empty table answers nothing for ever after.
   */
  run(sql: string, parameters?: readonly Parameter[]): Promise<DuckDBMaterializedResult>
  /** Runs a statement that reads no table (BEGIN, INSERT of values) with the plan kept from the first time. */
  again(sql: string, parameters?: readonly Parameter[]): Promise<void>
  /** The rows of a small result, numbers as numbers. */
  rows(sql: string, parameters?: readonly Parameter[]): Promise<Cell[][]>
  /** The rows of a large result whose columns are INTEGER, USMALLINT or DOUBLE without nulls, one array a column. */
  numbers(sql: string, parameters?: readonly Parameter[]): Promise<Float64Array[]>
  /**
   * Appends the rows of a feed to the table of its shape, on the main thread: 0.3 us a row and half a millisecond a time. (A table function
   * would leave most of that to another thread, but a process that ends while one is read never ends.)
   */
  insert(feed: Feed): Promise<void>
  /** Appends columns of equal length, in the order of the shape. */
  append(shape: TableShape, columns: readonly (readonly Cell[])[]): Promise<void>
  close(): void
}

/** Rows of one data chunk, at most. */
const chunkRows = 2_048

export function createSession(connection: DuckDBConnection): Session {
  const prepared = new Map<string, DuckDBPreparedStatement>()
  const chunks = new Map<TableShape, DuckDBDataChunk>()

  async function run(sql: string, parameters: readonly Parameter[] = []): Promise<DuckDBMaterializedResult> {
    if (parameters.length === 0) return connection.run(sql)
    const statement = await connection.prepare(sql)
    try {
      return await runWith(statement, parameters)
    } finally {
      statement.destroySync()
    }
  }

  async function again(sql: string, parameters: readonly Parameter[] = []): Promise<void> {
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, (statement = await connection.prepare(sql)))
    await runWith(statement, parameters)
  }

  /** The shape's chunk, emptied; a new one each time would be memory that nobody counts until it is collected. */
  function emptyChunk(shape: TableShape): DuckDBDataChunk {
    const known = chunks.get(shape)
    known?.reset()
    const chunk = known ?? DuckDBDataChunk.create(shape.types)
    chunks.set(shape, chunk)
    return chunk
  }

  async function insert(feed: Feed): Promise<void> {
    const { shape, count } = feed
    if (count === 0) return
    const appender = await connection.createAppender(shape.table, 'main', shape.catalog ?? catalog)
    try {
      for (let from = 0; from < count; from += chunkRows) {
        const chunk = emptyChunk(shape)
        chunk.rowCount = Math.min(chunkRows, count - from)
        feed.fill(chunk, from, chunk.rowCount)
        appender.appendDataChunk(chunk)
      }
      appender.flushSync()
    } catch (error) {
      // What it still holds would be written, outside the transaction, when it is collected.
      appender.clear()
      throw error
    } finally {
      appender.closeSync()
    }
  }

  return {
    run,
    again,
    rows: async (sql, parameters) => (await (await run(sql, parameters)).getRowsJS()).map((row) => row.map(cell)),
    numbers: async (sql, parameters) => columnsOf(await run(sql, parameters)),
    insert,
    append: (shape, columns) => insert(columnsFeed(shape, columns)),
    close: () => {
      for (const statement of prepared.values()) statement.destroySync()
      connection.closeSync()
    },
  }
}

function runWith(statement: DuckDBPreparedStatement, parameters: readonly Parameter[]): Promise<DuckDBMaterializedResult> {
  for (let i = 0; i < parameters.length; i += 1) bind(statement, i + 1, parameters[i] ?? null)
  return statement.run()
}

function bind(statement: DuckDBPreparedStatement, place: number, value: Parameter): void {
  if (value === null) statement.bindNull(place)
  else if (typeof value === 'string') statement.bindVarchar(place, value)
  else if (typeof value === 'boolean') statement.bindBoolean(place, value)
  else if (typeof value === 'number') bindNumber(statement, place, value)
  else if (value instanceof Uint8Array) statement.bindBlob(place, value)
  else statement.bindList(place, value, LIST(typeof value[0] === 'string' ? VARCHAR : INTEGER))
}

function bindNumber(statement: DuckDBPreparedStatement, place: number, value: number): void {
  if ((value | 0) === value) statement.bindInteger(place, value)
  else if (Number.isSafeInteger(value)) statement.bindBigInt(place, BigInt(value))
  else statement.bindDouble(place, value)
}

function columnsOf(result: DuckDBMaterializedResult): Float64Array[] {
  const columns = Array.from({ length: result.columnCount }, () => new Float64Array(result.rowCount))
  let filled = 0
  for (let i = 0; i < result.chunkCount; i += 1) {
    const chunk = result.getChunk(i)
    columns.forEach((column, k) => column.set(numbersOf(chunk, k), filled))
    filled += chunk.rowCount
  }
  return columns
}

const cell = (value: unknown): Cell => (typeof value === 'bigint' ? Number(value) : (value as Cell))
