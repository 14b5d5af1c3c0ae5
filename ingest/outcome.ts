import type { Commit, DeviceCount, StoredRow } from '../store/ports/ledger.ts'
import { createAccounts } from './accounts.ts'
import type { Taken } from './intake.ts'
import type { Carried } from './receipts/drafts.ts'

/** The values of a batch by device. What an entry of the quarantine stood for leaves it when it is run again. */
export function countsOf(kept: readonly StoredRow[], duplicates: readonly StoredRow[], { quarantined, repairs }: Taken): DeviceCount[] {
  const accounts = createAccounts()
  /** A device is not heard when an old entry of it is run again. */
  const heardAt = ({ delivery, receivedAt }: StoredRow): number => (repairs.size > 0 && repairs.has(delivery) ? 0 : receivedAt)
  for (const row of kept) {
    accounts.add(row.device, heardAt(row), row.arrival === 'revised' ? 'versions' : 'stored', 1)
    if (row.arrival === 'late') accounts.late(row.device)
  }
  for (const row of duplicates) accounts.add(row.device, heardAt(row), 'duplicate', 1)
  for (const { device, receivedAt, values } of quarantined) accounts.add(device, receivedAt, 'quarantined', values)
  for (const { order } of repairs.values()) accounts.add(order.original.device, 0, 'quarantined', -order.values)
  return accounts.counts()
}

/** What a receipt is written of: a person's change is none of a device's deliveries. */
export function fromDevices({ amendment, repairs }: Taken, carried: Carried): Carried {
  if (amendment !== null) return { kept: [], duplicates: [], quarantined: [], asideNumbers: [], counts: [] }
  if (repairs.size === 0) return carried
  const isFresh = ({ delivery }: { delivery: number }): boolean => !repairs.has(delivery)
  const old = new Set([...repairs.values()].map(({ order }) => order.original.number))
  return {
    ...carried,
    kept: carried.kept.filter(isFresh),
    duplicates: carried.duplicates.filter(isFresh),
    asideNumbers: carried.asideNumbers.filter(isFresh),
    quarantined: carried.quarantined.filter(({ delivery }) => !old.has(delivery)),
  }
}

/** What became of the values, once the store had refused some of the rows. */
export function asKept(carried: Carried, prepared: Commit, { rows, quarantined, counts }: Commit): Carried {
  const stored = new Set(rows)
  const refused = new Set(carried.kept.filter((row) => !stored.has(row)).map(({ delivery }) => delivery))
  const entries = quarantined.slice(prepared.quarantined.length).filter(({ delivery, values }) => values > 0 && refused.has(delivery))
  const kept = carried.kept.filter((row) => stored.has(row))
  return { ...carried, kept, quarantined: [...carried.quarantined, ...entries], counts }
}
