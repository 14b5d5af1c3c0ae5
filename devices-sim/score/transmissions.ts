import type { RejectionReason } from '../../domain/rejection.ts'
import type { TruthFault, TruthReading } from '../truth/truth.ts'
import { ratio } from './contingency.ts'
import type { FaultScore } from './quality.ts'
import type { SeenCounts } from './seen.ts'

/** What a fault of clock or wire is put aside for. */
const reasons: ReadonlyMap<string, readonly RejectionReason[]> = new Map([
  ['clock-reset', ['time-1970', 'bad-time']],
  ['truncated', ['not-json', 'wrong-shape']],
  ['wrong-unit', ['unit-mismatch', 'unknown-unit']],
  ['wrong-id', ['unknown-station']],
])

/** Values that faults of one type made of one device's, and how many faults did. */
interface Made {
  type: string
  device: string
  expects: 'duplicate' | 'quarantined'
  faults: Set<string>
  values: number
  /** Of a message that cannot be read, which counts as one value: when it was sent. */
  messages: Set<number>
}

/**
 * What ought to come twice or to be put aside, held against what the server counted of each device: stored readings do not show it. Which of
 * a device's values the server put aside is known by the reason; with more counted than expected (a line that broke sends again), all count
 * as found.
 */
export class TransmissionLedger {
  readonly #faults = new Map<string, TruthFault>()
  readonly #made = new Map<string, Made>()
  readonly #counts = new Map<string, SeenCounts>()

  expectFault(fault: TruthFault): void {
    this.#faults.set(fault.id, fault)
  }

  expect({ outcome, device, faults, sent }: TruthReading): void {
    if ((outcome !== 'duplicate' && outcome !== 'quarantined') || sent === null) return
    const causes = faults.flatMap((id) => this.#faults.get(id) ?? []).filter(({ expects }) => expects === outcome)
    // a message that is cut off is that, whatever was wrong within it
    const cause = causes.find(({ type }) => type === 'truncated') ?? causes.at(-1)
    if (cause === undefined) return
    const key = `${cause.type} ${device}`
    const made = this.#made.get(key) ?? { type: cause.type, device, expects: outcome, faults: new Set(), values: 0, messages: new Set() }
    this.#made.set(key, made)
    made.faults.add(cause.id)
    if (cause.type === 'truncated') made.messages.add(sent)
    else made.values += 1
  }

  see(counts: SeenCounts): void {
    this.#counts.set(counts.device, counts)
  }

  /** A row for each type; of a device with several faults of it, as large a share counts as seen as of their values. */
  score(): FaultScore[] {
    const rows = new Map<string, FaultScore>()
    for (const made of this.#made.values()) {
      const { type, expects } = made
      const row = rows.get(type) ?? { type, expects, faults: 0, faultsSeen: 0, readings: 0, readingsSeen: 0, harmless: 0, recall: null }
      rows.set(type, row)
      const values = made.values + made.messages.size
      const seen = Math.min(values, this.#found(made))
      row.faults += made.faults.size
      row.faultsSeen += Math.ceil((made.faults.size * seen) / values)
      row.readings += values
      row.readingsSeen += seen
      row.recall = ratio(row.readingsSeen, row.readings)
    }
    return [...rows.values()]
  }

  #found({ type, device, expects }: Made): number {
    const counts = this.#counts.get(device)
    if (counts === undefined) return 0
    if (expects === 'duplicate') return counts.duplicate
    const known = reasons.get(type)
    return [...counts.quarantined].reduce((sum, [reason, values]) => (known?.includes(reason) ? sum + values : sum), 0)
  }
}
