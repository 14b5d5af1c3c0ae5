import type { QuarantineFilter } from '../domain/amendment-desk.ts'
import type { Ledger, QuarantineEntry, QuarantineQuery } from '../store/ports/ledger.ts'

/** Entries, and bytes of their deliveries, that one call takes. */
const mostEntries = 2_000
const mostBytes = 16_000_000
const page = 200

export interface OpenEntries {
  /** Oldest first. */
  entries: QuarantineEntry[]
  /** More entries fit than are given. */
  more: boolean
}

/**
 * Open entries that fit, as many as one call takes: with their bytes (`whole`), then no more than 16 MB of them, or with the first byte at
 * most (`head`). Rejects with StoreUnavailable.
 */
export async function openEntries(ledger: Ledger, filter: QuarantineFilter, part: 'whole' | 'head'): Promise<OpenEntries> {
  const { device, reason, ids } = filter
  if (ids !== undefined) {
    const all = await Promise.all([...new Set(ids)].slice(0, mostEntries).map((id) => ledger.quarantineEntry(id)))
    return { entries: all.flatMap((entry) => (entry?.repaired === null ? entry : [])), more: ids.length > mostEntries }
  }
  const asked: QuarantineQuery = {
    ...{ state: 'open', limit: page },
    ...(part === 'whole' ? { mostBytes } : { peek: 1 }),
    ...(device !== undefined && { device }),
    ...(reason !== undefined && { reason }),
  }
  const entries: QuarantineEntry[] = []
  let bytes = 0
  for (;;) {
    const before = entries.at(-1)?.id
    const next = await ledger.quarantine({ ...asked, ...(before !== undefined && { before }) })
    for (const entry of next) {
      bytes += entry.payload.length
      if (entries.length === mostEntries || bytes > mostBytes) return { entries: entries.reverse(), more: true }
      entries.push(entry)
    }
    if (next.length === 0) return { entries: entries.reverse(), more: false }
  }
}
