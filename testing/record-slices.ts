import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { temporaryFolder } from './server.ts'

/** What is recorded of some days. */
export interface RecordSlice {
  file: string
  rows: number
}

/**
 * The rows of a recorded CSV.gz from one time up to another (its first column, ISO 8601), in a file of their own; null = all of them. A
 * replay at full speed waits for each step of time, so days cost what they last, whatever the number of gauges.
 */
export function sliceOf(record: string, days: { from: string; to: string } | null): RecordSlice {
  const [head = '', ...lines] = gunzipSync(readFileSync(record)).toString().trimEnd().split('\n')
  if (days === null) return { file: record, rows: lines.length }
  const kept = lines.filter((line) => line >= days.from && line < days.to)
  const file = path.join(temporaryFolder(), path.basename(record, '.gz'))
  writeFileSync(file, [head, ...kept, ''].join('\n'))
  return { file, rows: kept.length }
}
