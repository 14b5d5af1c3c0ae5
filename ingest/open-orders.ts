import type { JournalledDelivery } from '../domain/delivery.ts'
import type { Ledger } from '../store/ports/ledger.ts'
import { isClosing, isRepair, readClosing, readOrder, writeOrder } from './repair-order.ts'

/**
 * The deliveries without orders for entries of the quarantine that are settled by then: while a store is away, a person may order twice what
 * can be done once. Of several orders for one entry in a batch the first holds. Rejects with StoreUnavailable.
 */
export async function withOpenOrders(
  deliveries: readonly JournalledDelivery[],
  ledger: Pick<Ledger, 'settledEntries'>,
): Promise<readonly JournalledDelivery[]> {
  if (!deliveries.some(isOrder)) return deliveries
  const settled = new Set(await ledger.settledEntries(deliveries.filter(isOrder).flatMap(entriesOf)))
  const isOpen = (entry: number): boolean => !settled.has(entry) && settled.add(entry) !== null
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
