import type { JournalledDelivery } from '../domain/delivery.ts'
import type { Quarantined, Rejection, RejectionReason } from '../domain/rejection.ts'

/** So many rejections of one delivery are kept one by one; each carries the whole delivery's bytes. */
const mostEntries = 16

/**
 * The rejections of a delivery as they are stored, with its bytes. Beyond 16, those of one reason become one entry, which says how many
 * items it stands for; the values still add up.
 */
export function quarantined(delivery: JournalledDelivery, rejections: readonly Rejection[]): Quarantined[] {
  const { device, number, receivedAt, topic, payload } = delivery
  const kept = rejections.length > mostEntries ? byReason(rejections) : rejections
  return kept.map((rejection) => ({ ...rejection, device, delivery: number, receivedAt, topic, payload }))
}

function byReason(rejections: readonly Rejection[]): Rejection[] {
  const groups = new Map<RejectionReason, Rejection[]>()
  for (const rejection of rejections) {
    const alike = groups.get(rejection.reason)
    if (alike === undefined) groups.set(rejection.reason, [rejection])
    else alike.push(rejection)
  }
  return [...groups.values()].map(joined)
}

function joined(alike: readonly Rejection[]): Rejection {
  const [first, ...others] = alike
  if (first === undefined) throw new Error('no rejection to join')
  if (others.length === 0) return first
  const values = alike.reduce((sum, rejection) => sum + rejection.values, 0)
  const items = alike.flatMap(({ item }) => item ?? [])
  return { ...first, values, items, detail: `${first.detail} (and ${others.length} more items for this reason)` }
}
