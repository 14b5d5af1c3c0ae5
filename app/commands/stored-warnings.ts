import type { WarningList, WarningNote } from '../../api/schemas/warning.ts'
import type { ApiClient } from './client.ts'

/** Of one answer at most. */
const atOnce = 1_000

/** Of one question at most. */
export const stationsAtOnce = 50

/** All warnings of some stations (50 at most) as they stand, newest onset first, page by page. */
export async function* storedWarnings(client: Pick<ApiClient, 'get'>, stations: readonly string[]): AsyncGenerator<WarningNote> {
  const path = `/api/v1/warnings?limit=${atOnce}&station=${encodeURIComponent(stations.join(','))}`
  for (let cursor: string | null = ''; cursor !== null;) {
    const list: WarningList = await client.get(cursor === '' ? path : `${path}&cursor=${encodeURIComponent(cursor)}`)
    yield* list.warnings
    cursor = list.next
  }
}
