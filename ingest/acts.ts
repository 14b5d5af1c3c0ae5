import type { CarriedRepair, ClosingOrder, Outcome } from '../domain/amendment.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import type { Commit } from '../store/ports/ledger.ts'
import type { Taken } from './intake.ts'
import type { Reconciled } from './reconcile.ts'

/** What people did in a batch, with what became of it; empty for nearly all. */
export function actsOf(
  deliveries: readonly JournalledDelivery[],
  { amendment, repairs, closings }: Taken,
  reconciled: Pick<Reconciled, 'kept' | 'duplicates'>,
): Pick<Commit, 'amendments' | 'repaired'> {
  if (amendment === null && repairs.size + closings.size === 0) return {}
  const found = outcomes(reconciled)
  const [first] = deliveries
  if (amendment !== null && first !== undefined)
    return { amendments: [{ ...amendment, delivery: first.number, at: first.receivedAt, outcome: found.get(first.number) ?? noOutcome() }] }
  return {
    repaired: deliveries.flatMap(({ number, receivedAt }): CarriedRepair[] => {
      const closing = closings.get(number)
      if (closing !== undefined) return closedBy(closing, { delivery: number, at: receivedAt })
      const repair = repairs.get(number)
      if (repair === undefined) return []
      const { id, by, reason, entry } = repair.order
      const outcome = { ...(found.get(number) ?? noOutcome()), quarantined: repair.refused }
      return [{ id, by, reason, entry, delivery: number, at: receivedAt, outcome }]
    }),
  }
}

function closedBy({ id, by, reason, entries }: ClosingOrder, when: Pick<CarriedRepair, 'delivery' | 'at'>): CarriedRepair[] {
  return entries.map(({ entry, values }) => ({
    ...{ kind: 'given-up', id, by, reason, entry, ...when },
    outcome: { ...noOutcome(), quarantined: values },
  }))
}

export const noOutcome = (): Outcome => ({ stored: 0, versions: 0, duplicate: 0, quarantined: 0 })

/** Fates of the rows by the delivery that brought them. */
function outcomes({ kept, duplicates }: Pick<Reconciled, 'kept' | 'duplicates'>): Map<number, Outcome> {
  const found = new Map<number, Outcome>()
  const add = (delivery: number, fate: keyof Outcome): void => {
    const outcome = found.get(delivery) ?? noOutcome()
    outcome[fate] += 1
    found.set(delivery, outcome)
  }
  for (const { delivery, arrival } of kept) add(delivery, arrival === 'revised' ? 'versions' : 'stored')
  for (const { delivery } of duplicates) add(delivery, 'duplicate')
  return found
}
