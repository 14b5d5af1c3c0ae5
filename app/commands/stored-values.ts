import { parse } from 'csv-parse'
import { Readable } from 'node:stream'
import type { ApiClient } from './client.ts'

/** A stored value as the CSV of the api shows it. */
export interface StoredValue {
  series: string
  observedAt: number
  value: number | null
  flag: number
  /** Names of the marks behind the flag, separated by spaces. */
  tests: string
}

/** Of one question at most. */
export const seriesAtOnce = 50
const everything = 'from=2000-01-01T00:00:00Z&to=2200-01-01T00:00:00Z'

/** All stored values of some series (50 at most), series by series as asked, each in the order of time: streamed. */
export async function* storedValues(client: Pick<ApiClient, 'stream'>, series: readonly string[]): AsyncGenerator<StoredValue> {
  const body = await client.stream(`/api/v1/observations?series=${encodeURIComponent(series.join(','))}&${everything}&format=csv`)
  const rows = Readable.from(body).pipe(parse({ columns: true, bom: true }))
  for await (const row of rows as AsyncIterable<Record<string, string>>)
    yield {
      series: row['series'] ?? '',
      observedAt: Date.parse(row['observed_at'] ?? ''),
      value: row['value'] === '' || row['value'] === undefined ? null : Number(row['value']),
      flag: Number(row['flag']),
      tests: row['tests'] ?? '',
    }
}
