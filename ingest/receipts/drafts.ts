import type { DeviceId } from '../../domain/ids.ts'
import type { Receipt } from '../../domain/receipt.ts'
import type { Quarantined } from '../../domain/rejection.ts'
import { measuredAt } from '../../domain/sequence.ts'
import type { DeviceCount, StoredRow } from '../../store/ports/ledger.ts'

/** A number of the device's own, on a group that was put aside. */
export interface AsideNumber {
  device: DeviceId
  delivery: number
  seq: number
  /** When it was measured, epoch ms. */
  at: number
}

/** What became of the values of a batch, once they are committed. */
export interface Carried {
  /** Rows of what was sent; those derived from them or judged again are left out. */
  kept: readonly StoredRow[]
  duplicates: readonly StoredRow[]
  quarantined: readonly Quarantined[]
  asideNumbers: readonly AsideNumber[]
  counts: readonly DeviceCount[]
}

/** A receipt that lacks only the highest contiguous number. */
export interface ReceiptDraft {
  device: DeviceId
  receipt: Receipt
  /** The numbers in it with their times, as they came. */
  numbers: { seq: number; at: number }[]
}

/** A draft for each delivery of some devices that held a value, in the order of their numbers. */
export function draftReceipts(carried: Carried, wanted: ReadonlySet<DeviceId>): ReceiptDraft[] {
  const drafts = new Map<number, ReceiptDraft>()
  let last: ReceiptDraft | null = null

  function draftOf({ device, delivery, receivedAt }: { device: DeviceId; delivery: number; receivedAt: number }): ReceiptDraft | null {
    if (last?.receipt.delivery === delivery) return last
    if (!wanted.has(device)) return null
    last = drafts.get(delivery) ?? { device, numbers: [], receipt: emptyReceipt(delivery, receivedAt) }
    drafts.set(delivery, last)
    return last
  }

  for (const row of carried.kept) {
    const draft = draftOf(row)
    if (draft === null) continue
    draft.receipt.accepted += 1
    if (row.arrival === 'late') draft.receipt.late += 1
    number(draft, row.seq, measuredAt(row))
  }
  for (const row of carried.duplicates) {
    const draft = draftOf(row)
    if (draft === null) continue
    draft.receipt.duplicate += 1
    number(draft, row.seq, measuredAt(row))
  }
  for (const entry of carried.quarantined) {
    const draft = draftOf(entry)
    if (draft === null) continue
    const { item, reason, detail, values } = entry
    draft.receipt.quarantined += values
    draft.receipt.items.push({ item, reason, detail, values })
  }
  for (const { delivery, seq, at } of carried.asideNumbers) {
    const draft = drafts.get(delivery)
    if (draft) number(draft, seq, at)
  }
  return [...drafts.values()].sort((a, b) => a.receipt.delivery - b.receipt.delivery)
}

function emptyReceipt(delivery: number, receivedAt: number): Receipt {
  return { delivery, receivedAt, seq: null, contiguousSeq: null, accepted: 0, late: 0, duplicate: 0, quarantined: 0, items: [] }
}

/** The values of a group stand beside each other and share its number. */
function number({ receipt, numbers }: ReceiptDraft, seq: number | null, at: number): void {
  const last = numbers.at(-1)
  if (seq === null || (last?.seq === seq && last.at === at)) return
  numbers.push({ seq, at })
  receipt.seq = { from: Math.min(seq, receipt.seq?.from ?? seq), to: Math.max(seq, receipt.seq?.to ?? seq) }
}
