import type { Commit } from '../store/ports/ledger.ts'

export const stages = ['read', 'decode', 'reconcile', 'judge', 'commit'] as const
export type Stage = (typeof stages)[number]

/** What the pipeline did since its start. Counters only grow. */
export interface Totals {
  commits: number
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
  late: number
  /** Stored readings whose flag changed afterwards. */
  judged: number
  /** Values that a test could not judge because it threw. */
  testFailures: number
  /** Deliveries quarantined because carrying them threw. */
  deliveryFailures: number
  /** Deliveries lost to damage of the journal, as far as they are numbered. */
  damaged: number
  /** Gaps met inside series, in the order of time, and the readings missing in them. */
  gaps: number
  missing: number
  /** Wall time spent in each stage, waiting included, ms. */
  stageMs: Record<Stage, number>
}

/** Keeps the totals. */
export interface Tally {
  totals: Totals
  /** Begins to time a stage; the function returned ends it. */
  begin(stage: Stage): () => void
  add(commit: Commit): void
}

/** @param monotonic a clock that never goes back, ms */
export function createTally(monotonic: () => number): Tally {
  const totals: Totals = {
    commits: 0,
    received: 0,
    stored: 0,
    versions: 0,
    duplicate: 0,
    quarantined: 0,
    late: 0,
    judged: 0,
    testFailures: 0,
    deliveryFailures: 0,
    damaged: 0,
    gaps: 0,
    missing: 0,
    stageMs: { read: 0, decode: 0, reconcile: 0, judge: 0, commit: 0 },
  }
  return {
    totals,
    begin(stage) {
      const from = monotonic()
      return () => {
        totals.stageMs[stage] += monotonic() - from
      }
    },
    add({ counts, rows }) {
      totals.commits += 1
      for (const count of counts) {
        totals.received += count.received
        totals.stored += count.stored
        totals.versions += count.versions
        totals.duplicate += count.duplicate
        totals.quarantined += count.quarantined
        totals.late += count.late
      }
      // Rows that were judged again stand at the end.
      for (let i = rows.length - 1; rows[i]?.arrival === 'judged'; i--) totals.judged += 1
    },
  }
}
