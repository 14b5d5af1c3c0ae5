import type { JournalledDelivery } from '../domain/delivery.ts'
import { isAmendment } from './amend.ts'
import type { Lane } from './lanes.ts'
import type { JournalBatch } from './ports.ts'

/** A batch with its lane: `cursor` is where the lane is when it is carried. */
export interface Load extends JournalBatch {
  lane: Lane
}

/** The part of a batch that is not carried yet. */
export function behind(batch: Load, cursor: number): Load {
  const first = batch.deliveries[0]?.number ?? Infinity
  return first > cursor ? batch : { ...batch, deliveries: batch.deliveries.filter(({ number }) => number > cursor) }
}

/** Amendments stand alone: what they change has to be in the store. */
export function amendmentsApart(batch: Load): Load[] {
  if (!batch.deliveries.some(isAmendment)) return [batch]
  const parts: JournalledDelivery[][] = []
  for (const [i, delivery] of batch.deliveries.entries()) {
    const before = batch.deliveries[i - 1]
    if (before === undefined || isAmendment(before) || isAmendment(delivery)) parts.push([delivery])
    else parts.at(-1)?.push(delivery)
  }
  return parts.map((deliveries, i) => {
    const cursor = i === parts.length - 1 ? batch.cursor : (deliveries.at(-1)?.number ?? batch.cursor)
    return { ...batch, deliveries, cursor }
  })
}

export function halves(batch: Load): [Load, Load] {
  const middle = batch.deliveries.length >> 1
  const first = batch.deliveries.slice(0, middle)
  return [
    { ...batch, deliveries: first, cursor: first.at(-1)?.number ?? batch.cursor },
    { ...batch, deliveries: batch.deliveries.slice(middle) },
  ]
}
