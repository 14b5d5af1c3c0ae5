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

/** Moments of observation, `to` excluded, epoch ms. */
export interface TimeSpan {
  from: number
  to: number
}

/** Of one question at most. */
export const seriesAtOnce = 50
const everything = 'from=2000-01-01T00:00:00Z&to=2200-01-01T00:00:00Z'

/** All stored values of some series (50 at most), or those of a time, series by series as asked, each in the order of time: streamed. */
export async function* storedValues(
  client: Pick<ApiClient, 'stream'>,
  series: readonly string[],
  span: TimeSpan | null = null,
): AsyncGenerator<StoredValue> {
  const time = span === null ? everything : `from=${span.from}&to=${span.to}`
  const body = await client.stream(`/api/v1/observations?series=${encodeURIComponent(series.join(','))}&${time}&format=csv`)
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
