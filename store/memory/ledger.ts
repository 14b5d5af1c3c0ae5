import type { DeviceId, RunId } from '../../domain/ids.ts'
import type { Commit, Committed, DeviceTotals, Ledger, QuarantineEntry } from '../ports/ledger.ts'
import { StoreUnavailable } from '../errors.ts'
import { inSeriesOrder, readableWithin } from '../committed.ts'
import type { MemoryTelemetry } from './telemetry.ts'

/** The ledger in arrays. Commits that every reader has passed are let go. */
export function createMemoryLedger(telemetry: MemoryTelemetry, maxRows: number): Ledger {
  let commits: Committed[] = []
  let [newest, cursor] = [0, 0]
  const readers = new Map<string, number>()
  const totals = new Map<DeviceId, DeviceTotals>()
  const clocks = new Map<RunId | null, number>()
  const quarantine: QuarantineEntry[] = []

  async function commit(batch: Commit): Promise<number> {
    if (telemetry.count() + batch.rows.length > maxRows)
      throw new StoreUnavailable(`committing ${batch.rows.length} rows to memory: its bound is ${maxRows} rows; use store: duckdb`)
    telemetry.write(batch.rows)
    for (const entry of batch.quarantined) quarantine.push({ ...entry, id: quarantine.length + 1 })
    for (const count of batch.counts) add(totals, count)
    for (const { run, at } of batch.watermarks) clocks.set(run, at)
    cursor = batch.cursor
    newest += 1
    commits.push({ commit: newest, rows: inSeriesOrder(batch.rows), watermarks: [...batch.watermarks] })
    return newest
  }

  return {
    cursor: () => cursor,
    newest: () => newest,
    commit,
    committedSince: async (after, limitRows) =>
      readableWithin(
        commits.filter((made) => made.commit > after),
        limitRows,
      ),
    readerCursor: async (reader) => {
      if (!readers.has(reader)) readers.set(reader, 0)
      return readers.get(reader) ?? 0
    },
    moveReader: async (reader, commit) => {
      readers.set(reader, commit)
      const passed = Math.min(...readers.values())
      commits = commits.filter((made) => made.commit > passed)
    },
    counts: async () => [...totals.values()].map((total) => ({ ...total })),
    quarantine: async ({ device, reason, before = Infinity, limit }) =>
      quarantine
        .filter((entry) => entry.id < before && (!device || entry.device === device) && (!reason || entry.reason === reason))
        .reverse()
        .slice(0, limit),
    quarantineEntry: async (id) => quarantine[id - 1] ?? null,
    watermarks: async () => [...clocks].map(([run, at]) => ({ run, at })),
  }
}

/** Adds one commit's values to a device's totals. */
function add(totals: Map<DeviceId, DeviceTotals>, count: Commit['counts'][number]): void {
  const total = totals.get(count.device)
  if (!total) {
    totals.set(count.device, { ...count, refused: 0 })
    return
  }
  total.received += count.received
  total.stored += count.stored
  total.versions += count.versions
  total.duplicate += count.duplicate
  total.quarantined += count.quarantined
  total.late += count.late
  total.lastReceivedAt = Math.max(total.lastReceivedAt, count.lastReceivedAt)
}
