import type { WarningList, WarningNote } from '../../api/schemas/warning.ts'
import type { ApiClient } from './client.ts'

/** Of one answer at most. */
const atOnce = 1_000

/** All warnings of a station as they stand, newest onset first, page by page. */
export async function* storedWarnings(client: Pick<ApiClient, 'get'>, station: string): AsyncGenerator<WarningNote> {
  const path = `/api/v1/warnings?limit=${atOnce}&station=${encodeURIComponent(station)}`
  for (let cursor: string | null = ''; cursor !== null;) {
    const list: WarningList = await client.get(cursor === '' ? path : `${path}&cursor=${encodeURIComponent(cursor)}`)
    yield* list.warnings
    cursor = list.next
  }
}
