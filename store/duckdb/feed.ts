import { BIGINT, DuckDBBlobValue, type DuckDBDataChunk, type DuckDBType, type DuckDBValue } from '@duckdb/node-api'
import type { Cell } from './session.ts'

/** A table to append to: its name, and the type of each of its columns. */
export interface TableShape {
  table: string
  /** A table of the connection; absent = of the file. */
  catalog?: 'temp'
  types: readonly DuckDBType[]
}

/** Rows for a table, which fill one chunk after the other. */
export interface Feed {
  shape: TableShape
  count: number
  /** Fills a chunk, whose row count is set, with the rows from `from` on. */
  fill(chunk: DuckDBDataChunk, from: number, count: number): void
}

/** A feed of columns of equal length, in the order of the shape; set value by value, for tables that are written little. */
export function columnsFeed(shape: TableShape, columns: readonly (readonly Cell[])[]): Feed {
  return {
    shape,
    count: columns[0]?.length ?? 0,
    fill: (chunk, from, count) => {
      shape.types.forEach((type, i) => {
        const values = columns[i]?.slice(from, from + count) ?? []
        chunk.setColumnValues(
          i,
          values.map((value) => valueOf(value, type)),
        )
      })
    },
  }
}

function valueOf(value: Cell, type: DuckDBType): DuckDBValue {
  if (value instanceof Uint8Array) return new DuckDBBlobValue(value)
  return typeof value === 'number' && type === BIGINT ? BigInt(value) : value
}
