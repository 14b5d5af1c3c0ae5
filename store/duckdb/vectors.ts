import {
  DuckDBDoubleVector,
  type DuckDBBigIntVector,
  type DuckDBDataChunk,
  type DuckDBIntegerVector,
  type DuckDBUSmallIntVector,
} from '@duckdb/node-api'

// The memory of a vector has no public name in the library; going through it value by value takes ten times as long.

/** The numbers of a column of INTEGER or DOUBLE; what stands for a null is whatever was there. */
export function numbersOf(chunk: DuckDBDataChunk, column: number): Int32Array | Float64Array {
  const vector = chunk.getColumnVector(column)
  return vector instanceof DuckDBDoubleVector ? vector['items'] : (vector as DuckDBIntegerVector)['items']
}

export const integersOf = (chunk: DuckDBDataChunk, column: number): Int32Array =>
  (chunk.getColumnVector(column) as DuckDBIntegerVector)['items']

export const smallIntegersOf = (chunk: DuckDBDataChunk, column: number): Uint16Array =>
  (chunk.getColumnVector(column) as DuckDBUSmallIntVector)['items']

export const doublesOf = (chunk: DuckDBDataChunk, column: number): Float64Array =>
  (chunk.getColumnVector(column) as DuckDBDoubleVector)['items']

/** 64-bit integers as pairs of 32 bits, low half first (every machine that DuckDB is built for is little-endian). */
export function halvesOf(chunk: DuckDBDataChunk, column: number): Int32Array {
  const items = (chunk.getColumnVector(column) as DuckDBBigIntVector)['items']
  return new Int32Array(items.buffer, items.byteOffset, items.length * 2)
}

const upperHalf = 4_294_967_296

/** Sets a 64-bit integer, a safe one, without making a BigInt. */
export function setLong(halves: Int32Array, i: number, value: number): void {
  halves[2 * i] = value
  halves[2 * i + 1] = Math.floor(value / upperHalf)
}

/** Makes one value of a column null. */
export const setNull = (chunk: DuckDBDataChunk, column: number, i: number): void =>
  (chunk.getColumnVector(column) as DuckDBDoubleVector).setItem(i, null)

/** Gives the filled columns to DuckDB. */
export function flushColumns(chunk: DuckDBDataChunk, columns: number): void {
  for (let column = 0; column < columns; column += 1) (chunk.getColumnVector(column) as DuckDBIntegerVector).flush()
}
