import { amendmentTopics, type ClosingOrder, type RepairOrder } from '../domain/amendment.ts'
import type { Decoded } from '../domain/codec.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import type { QuarantineEntry } from '../store/ports/ledger.ts'

/** The order to run an entry again, with its bytes. */
export function orderOf(entry: QuarantineEntry, head: Pick<RepairOrder, 'id' | 'by' | 'reason'>): RepairOrder {
  const { device, delivery, topic, receivedAt, payload, item, items } = entry
  return {
    ...head,
    kind: 'repair',
    entry: entry.id,
    values: entry.values,
    items: items ?? (item === null ? null : [item]),
    original: { device, source: 'correction', topic, receivedAt, number: delivery, payload: Buffer.from(payload).toString('base64') },
  }
}

export const writeOrder = (order: RepairOrder | ClosingOrder): Uint8Array => Buffer.from(JSON.stringify(order))

/** Orders are written by us: throws SyntaxError for one that is damaged. */
export const readOrder = (payload: Uint8Array): RepairOrder => JSON.parse(Buffer.from(payload).toString('utf8')) as RepairOrder

export const readClosing = (payload: Uint8Array): ClosingOrder => JSON.parse(Buffer.from(payload).toString('utf8')) as ClosingOrder

export const isRepair = ({ source, topic }: JournalledDelivery): boolean => source === 'correction' && topic === amendmentTopics.repair
export const isClosing = ({ source, topic }: JournalledDelivery): boolean => source === 'correction' && topic === amendmentTopics.closing

/** The delivery as it came. */
export const originalOf = ({ original }: RepairOrder): JournalledDelivery => ({
  ...original,
  payload: Buffer.from(original.payload, 'base64'),
})

/** What an entry stands for of a delivery. A delivery that is refused as a whole is refused for all of the entry's values. */
export function itemsOf(decoded: Decoded, { items, values }: RepairOrder): Decoded {
  if (items === null) return decoded
  const chosen = new Set(items)
  const isChosen = (item: number | null | undefined): boolean => item != null && chosen.has(item)
  return {
    groups: decoded.groups.filter((_, i) => isChosen(decoded.items?.[i])),
    items: decoded.items?.filter(isChosen) ?? null,
    rejections: decoded.rejections.flatMap((one) => (one.item === null ? { ...one, values } : isChosen(one.item) ? one : [])),
  }
}
