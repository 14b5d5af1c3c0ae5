import type { Decoded } from '../domain/codec.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import { earliestTime } from '../domain/time.ts'

/** The two ways to the store: `live` in journal order, `deferred` for the back-fill that the live one has passed over. */
export type Lane = 'live' | 'deferred'

/** Back-fill is a delivery whose newest reading is older than this when it comes in. */
const backfillAfterMs = 10 * 60_000

/**
 * True when every reading of the delivery is more than 10 min old by the moment it came in; a reading without a time is new, and the time of a
 * clock that was reset says nothing.
 */
export function isBackfill({ receivedAt }: JournalledDelivery, { groups }: Decoded): boolean {
  const from = receivedAt - backfillAfterMs
  let isOld = false
  for (const { at } of groups) {
    if (at === null || at >= from) return false
    if (at >= earliestTime) isOld = true
  }
  return isOld
}
