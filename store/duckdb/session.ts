import {
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDoubleVector,
  INTEGER,
  LIST,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBIntegerVector,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'

/** What stands for `$1`, `$2` … in a statement. Lists become INTEGER[] or VARCHAR[]. */
export type Parameter = string | number | boolean | null | Uint8Array | readonly number[] | readonly string[]

/** A table to append to: its name, and the type of each of its columns. */
export interface TableShape {
  table: string
  /** `temp` for a table of the connection; absent = of the file. */
  catalog?: 'temp'
  types: readonly DuckDBType[]
}

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
  /** The rows of a large result whose columns are INTEGER or DOUBLE without nulls, one array a column. */
  numbers(sql: string, parameters?: readonly Parameter[]): Promise<number[][]>
  /** Appends columns of equal length, in the order of the shape. */
  append(shape: TableShape, columns: readonly (readonly Cell[])[]): Promise<void>
  /** Appends chunks that are filled one after the other; `next` returns null when there are no more. */
  appendChunks(shape: TableShape, next: () => DuckDBDataChunk | null): Promise<void>
  close(): void
}

export type Cell = string | number | boolean | null | Uint8Array

/** Name under which the data file is attached. */
export const catalog = 'gauge'

/** Rows of one data chunk, at most. */
export const chunkRows = 2_048

export function createSession(connection: DuckDBConnection): Session {
  const prepared = new Map<string, DuckDBPreparedStatement>()

  async function run(sql: string, parameters: readonly Parameter[] = []): Promise<DuckDBMaterializedResult> {
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

  async function appendChunks(shape: TableShape, next: () => DuckDBDataChunk | null): Promise<void> {
    const appender = await connection.createAppender(shape.table, 'main', shape.catalog ?? catalog)
    for (let chunk = next(); chunk !== null; chunk = next()) appender.appendDataChunk(chunk)
    appender.flushSync()
    appender.closeSync()
  }

  return {
    run,
    again,
    rows: async (sql, parameters) => (await (await run(sql, parameters)).getRowsJS()).map((row) => row.map(cell)),
    numbers: async (sql, parameters) => columnsOf(await run(sql, parameters)),
    append: async (shape, columns) => {
      const count = columns[0]?.length ?? 0
      let from = 0
      if (count > 0) await appendChunks(shape, () => (from >= count ? null : chunkOf(shape, columns, from, (from += chunkRows))))
    },
    appendChunks,
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

/** The memory of a vector of INTEGER or DOUBLE, which has no public name in the library; value by value it takes ten times as long. */
export function numbersOf(chunk: DuckDBDataChunk, column: number): Int32Array | Float64Array {
  const vector = chunk.getColumnVector(column)
  return vector instanceof DuckDBDoubleVector ? vector['items'] : (vector as DuckDBIntegerVector)['items']
}

function columnsOf(result: DuckDBMaterializedResult): number[][] {
  const columns: number[][] = Array.from({ length: result.columnCount }, () => [])
  for (let i = 0; i < result.chunkCount; i += 1) {
    const chunk = result.getChunk(i)
    columns.forEach((column, k) => {
      for (const value of numbersOf(chunk, k)) column.push(value)
    })
  }
  return columns
}

function cell(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value)
  return value as Cell
}

function chunkOf(shape: TableShape, columns: readonly (readonly Cell[])[], from: number, to: number): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(shape.types)
  chunk.setColumns(columns.map((column, i) => column.slice(from, to).map((value) => valueOf(value, shape.types[i]))))
  return chunk
}

function valueOf(value: Cell, type: DuckDBType | undefined): DuckDBValue {
  if (value instanceof Uint8Array) return new DuckDBBlobValue(value)
  return typeof value === 'number' && String(type) === 'BIGINT' ? BigInt(value) : value
}
