import type { CurrentFleet } from '../../domain/fleet.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Receipt } from '../../domain/receipt.ts'
import { beginSequence, contiguous, noteNumber, type Sequence } from '../../domain/sequence.ts'
import type { Store } from '../../store/ports/store.ts'
import type { CodecOf } from '../codecs/registry.ts'
import { draftReceipts, type Carried, type ReceiptDraft } from './drafts.ts'
import { withAside } from './known-numbers.ts'

export interface ReceiptParts {
  ledger: Pick<Store['ledger'], 'quarantine'>
  /**
   * The numbers of a device that are stored, since its first reading and up to the newest commit; null when it sent none. What is missing in
   * the answer never came. The answer itself is null while that is not known.
   */
  stored: (device: DeviceId) => Promise<Sequence | null> | null
  fleet: CurrentFleet
  codecOf: CodecOf
  /** Whether anybody wants receipts of this device now; asked once a batch and device. */
  wants: (device: DeviceId) => boolean
  /** Takes a receipt to its device. Returns at once. */
  send: (device: DeviceId, receipt: Receipt) => void
  /** Told when the numbers of a device could not be read: its receipts go out without one. */
  onError: (error: unknown) => void
}

/** Says of deliveries what became of them, to those who want to know. */
export interface Receipts {
  /**
   * Takes what was committed; returns at once. The first receipt of a device waits for its numbers to be read; the ones
   * behind it wait in line, so that they leave in the order of the deliveries.
   */
  carried(carried: Carried): void
  /** Resolves when all receipts of what was carried are sent. */
  settled(): Promise<void>
}

/** Devices whose numbers are kept in memory; of one more, those of the one not heard of for longest are read again when it comes back. */
const mostDevices = 10_000
/** Receipts of a device that wait for its numbers. */
const mostWaiting = 1_000

/** Numbers of a device; `null` = it has none. While they are being read, its receipts wait. */
interface Line {
  numbers: Sequence | null
  reading: Promise<void> | null
  waiting: ReceiptDraft[]
}

export function createReceipts({ ledger, stored, fleet, codecOf, wants, send, onError }: ReceiptParts): Receipts {
  const lines = new Map<DeviceId, Line>()

  function issue(draft: ReceiptDraft): void {
    const line = lineOf(draft.device)
    if (line === null) send(draft.device, draft.receipt)
    else if (line.reading === null) complete(line, draft)
    else if (line.waiting.push(draft) > mostWaiting) giveUp(draft.device, line)
  }

  function lineOf(device: DeviceId): Line | null {
    const known = lines.get(device) ?? open(device)
    if (known === null) return null
    lines.delete(device)
    lines.set(device, known)
    return known
  }

  function open(device: DeviceId): Line | null {
    const numbers = stored(device)
    if (numbers === null) return null
    const line: Line = { numbers: null, reading: null, waiting: [] }
    line.reading = numbers
      .then((known) => withAside({ ledger, fleet, codecOf }, device, known))
      .then((known) => {
        line.numbers = known
        line.reading = null
        for (const draft of line.waiting.splice(0)) complete(line, draft)
      })
      .catch((error: unknown) => {
        giveUp(device, line)
        onError(error)
      })
    for (const [eldest, { reading }] of lines) {
      if (lines.size < mostDevices) break
      if (reading === null) lines.delete(eldest)
    }
    return line
  }

  /** What waits goes out without the number; it is read again for the next. */
  function giveUp(device: DeviceId, line: Line): void {
    if (lines.get(device) === line) lines.delete(device)
    for (const { receipt } of line.waiting.splice(0)) send(device, receipt)
  }

  function complete(line: Line, draft: ReceiptDraft): void {
    send(draft.device, numbered(line, draft))
  }

  return {
    carried(carried) {
      const wanted = new Set<DeviceId>()
      for (const { device } of carried.counts) {
        if (wants(device)) wanted.add(device)
        // what it sends unheard is not followed: read again when somebody listens
        else lines.delete(device)
      }
      if (wanted.size > 0) for (const draft of draftReceipts(carried, wanted)) issue(draft)
    },
    async settled() {
      await Promise.all([...lines.values()].map(({ reading }) => reading))
    },
  }
}

/** Notes the numbers of a receipt; the receipt with how far they go without a break. */
function numbered(line: Line, { receipt, numbers }: ReceiptDraft): Receipt {
  for (const { seq, at } of numbers) {
    line.numbers ??= beginSequence(seq, at)
    noteNumber(line.numbers, seq, at)
  }
  return line.numbers === null ? receipt : { ...receipt, contiguousSeq: contiguous(line.numbers) }
}
