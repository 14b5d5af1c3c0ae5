import {
  DuckDBBigIntVector,
  DuckDBDoubleVector,
  DuckDBUSmallIntVector,
  type DuckDBDataChunk,
  type DuckDBIntegerVector,
} from '@duckdb/node-api'

// The memory of a vector has no public name in the library; going through it value by value takes ten times as long.

/** Numbers of a column. */
export type Numbers = Int32Array | Uint16Array | Float64Array

/** The numbers of a column of INTEGER, USMALLINT, DOUBLE or BIGINT (safe ones); what stands for a null is whatever was there. */
export function numbersOf(chunk: DuckDBDataChunk, column: number): Numbers {
  const vector = chunk.getColumnVector(column)
  if (vector instanceof DuckDBDoubleVector) return vector['items']
  if (vector instanceof DuckDBUSmallIntVector) return vector['items']
  if (vector instanceof DuckDBBigIntVector) return longsOf(halvesOf(chunk, column))
  return (vector as DuckDBIntegerVector)['items']
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

/** 64-bit integers, safe ones, without making BigInts. */
function longsOf(halves: Int32Array): Float64Array {
  const longs = new Float64Array(halves.length / 2)
  for (let i = 0; i < longs.length; i += 1) longs[i] = ((halves[2 * i] ?? 0) >>> 0) + (halves[2 * i + 1] ?? 0) * upperHalf
  return longs
}

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
