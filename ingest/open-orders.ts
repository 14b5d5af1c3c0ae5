import type { JournalledDelivery } from '../domain/delivery.ts'
import type { Ledger } from '../store/ports/ledger.ts'
import { isClosing, isRepair, readClosing, readOrder, writeOrder } from './repair-order.ts'

/** Part of the journal, up to and with the number `cursor`. */
interface Part {
  deliveries: readonly JournalledDelivery[]
  cursor: number
}

/**
 * The batch without orders for entries of the quarantine that are settled by then, or are not there: whoever accepts orders may have asked
 * before the first of two was carried. Here the order of the journal decides, so that each entry leaves the quarantine once, also when the
 * batch comes again. When the journal is carried anew, what was put aside and the order for it may be in one batch: it ends before the
 * order, whose entry is there when the next one begins. Rejects with StoreUnavailable.
 */
export async function withOpenOrders<Batch extends Part>(batch: Batch, ledger: Pick<Ledger, 'repairsOf'>): Promise<Batch> {
  const { deliveries } = batch
  if (!deliveries.some(isOrder)) return batch
  const repairs = await ledger.repairsOf([...new Set(deliveries.filter(isOrder).flatMap(entriesOf))])
  const isUnknown = (delivery: JournalledDelivery): boolean =>
    isOrder(delivery) && !entriesOf(delivery).every((entry) => repairs.has(entry))
  const cut = deliveries.findIndex((delivery, i) => i > 0 && isUnknown(delivery))
  const last = deliveries[cut - 1]
  const part = last === undefined ? batch : { ...batch, deliveries: deliveries.slice(0, cut), cursor: last.number }
  return { ...part, deliveries: openOnly(part.deliveries, repairs) }
}

/** Of several orders for one entry the first holds. */
function openOnly(
  deliveries: readonly JournalledDelivery[],
  repairs: Awaited<ReturnType<Ledger['repairsOf']>>,
): readonly JournalledDelivery[] {
  const open = new Set([...repairs].flatMap(([entry, repaired]) => (repaired === null ? entry : [])))
  const isOpen = (entry: number): boolean => open.delete(entry)
  return deliveries.flatMap((delivery) => {
    if (!isOrder(delivery)) return delivery
    if (isRepair(delivery)) return entriesOf(delivery).every(isOpen) ? delivery : []
    const order = readClosing(delivery.payload)
    const entries = order.entries.filter(({ entry }) => isOpen(entry))
    return entries.length === 0 ? [] : { ...delivery, payload: writeOrder({ ...order, entries }) }
  })
}

const isOrder = (delivery: JournalledDelivery): boolean => isRepair(delivery) || isClosing(delivery)

function entriesOf(delivery: JournalledDelivery): number[] {
  return isRepair(delivery) ? [readOrder(delivery.payload).entry] : readClosing(delivery.payload).entries.map(({ entry }) => entry)
}
