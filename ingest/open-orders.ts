import type { JournalledDelivery } from '../domain/delivery.ts'
import type { Ledger } from '../store/ports/ledger.ts'
import { isClosing, isRepair, readClosing, readOrder, writeOrder } from './repair-order.ts'

/**
 * The deliveries without orders for entries of the quarantine that are settled by then, or are not there: whoever accepts orders may have
 * asked before the first of two was carried. Here the order of the journal decides, so that each entry leaves the quarantine once, also when
 * the batch comes again. Rejects with StoreUnavailable.
 */
export async function withOpenOrders(
  deliveries: readonly JournalledDelivery[],
  ledger: Pick<Ledger, 'repairsOf'>,
): Promise<readonly JournalledDelivery[]> {
  if (!deliveries.some(isOrder)) return deliveries
  const repairs = await ledger.repairsOf([...new Set(deliveries.filter(isOrder).flatMap(entriesOf))])
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
