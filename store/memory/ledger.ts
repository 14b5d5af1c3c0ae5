import type { CarriedAmendment } from '../../domain/amendment.ts'
import type { DeviceId, RunId } from '../../domain/ids.ts'
import type {
  AmendmentQuery,
  Commit,
  Committed,
  DeviceCount,
  Ledger,
  QuarantineEntry,
  QuarantineGroup,
  QuarantineState,
} from '../ports/ledger.ts'
import { heldBytes } from '../bounded-quarantine.ts'
import { StoreUnavailable } from '../errors.ts'
import { inSeriesOrder, readableWithin } from '../committed.ts'
import type { MemoryTelemetry } from './telemetry.ts'

/** The ledger in arrays. Commits that every reader has passed are let go. */
export function createMemoryLedger(telemetry: MemoryTelemetry, maxRows: number): Ledger {
  let commits: Committed[] = []
  let [newest, cursor] = [0, 0]
  const deferred = createDeferred()
  const readers = new Map<string, number>()
  const totals = new Map<DeviceId, DeviceCount>()
  const clocks = new Map<RunId | null, number>()
  const quarantine: QuarantineEntry[] = []
  const amendments: CarriedAmendment[] = []

  async function commit(batch: Commit): Promise<number> {
    if (telemetry.count() + batch.rows.length > maxRows)
      throw new StoreUnavailable(`committing ${batch.rows.length} rows to memory: its bound is ${maxRows} rows; use store: duckdb`)
    telemetry.write(batch.rows)
    for (const entry of batch.quarantined)
      quarantine.push({ ...entry, id: quarantine.length + 1, payloadBytes: entry.payload.length, repaired: null })
    for (const repaired of batch.repaired ?? []) {
      const entry = quarantine[repaired.entry - 1]
      if (entry !== undefined) quarantine[repaired.entry - 1] = { ...entry, repaired }
    }
    amendments.push(...(batch.amendments ?? []))
    for (const count of batch.counts) add(totals, count)
    for (const { run, at } of batch.watermarks) clocks.set(run, at)
    cursor = batch.cursor
    deferred.keep(batch)
    newest += 1
    commits.push({ commit: newest, rows: inSeriesOrder(batch.rows), watermarks: [...batch.watermarks] })
    return newest
  }

  return {
    cursor: () => cursor,
    deferred: deferred.now,
    nextDeferred: deferred.next,
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
    ...quarantineOf(quarantine),
    amendments: async (query) =>
      amendments
        .filter((one) => concerns(one, query))
        .reverse()
        .slice(0, query.limit),
    watermarks: async () => [...clocks].map(([run, at]) => ({ run, at })),
  }
}

/** Questions about what was put aside. */
function quarantineOf(
  entries: readonly QuarantineEntry[],
): Pick<Ledger, 'quarantine' | 'quarantineEntry' | 'repairsOf' | 'quarantineGroups' | 'quarantineHeld' | 'putAside'> {
  return {
    quarantine: async ({ device, reason, state, before = Infinity, limit, peek, mostBytes = Infinity }) => {
      const fitting = entries
        .filter((entry) => entry.id < before && (!device || entry.device === device) && (!reason || entry.reason === reason))
        .filter((entry) => state === undefined || state === stateOf(entry))
        .reverse()
        .slice(0, limit)
      let bytes = 0
      const within = fitting.filter(({ payloadBytes }, i) => (bytes += payloadBytes) <= mostBytes || i === 0)
      return peek === undefined ? within : within.map((entry) => ({ ...entry, payload: entry.payload.subarray(0, peek) }))
    },
    quarantineEntry: async (id) => entries[id - 1] ?? null,
    repairsOf: async (ids) =>
      new Map(
        ids.flatMap((id) => {
          const entry = entries[id - 1]
          return entry === undefined ? [] : [[id, entry.repaired] as const]
        }),
      ),
    quarantineHeld: async () => {
      const bytes = new Map<DeviceId, number>()
      for (const entry of entries) if (entry.repaired === null) bytes.set(entry.device, (bytes.get(entry.device) ?? 0) + heldBytes(entry))
      return { bytes, bare: 0 }
    },
    putAside: async () => entries.reduce((sum, { values }) => sum + values, 0),
    quarantineGroups: async () => groupsOf(entries.filter(({ repaired }) => repaired === null)),
  }
}

const stateOf = ({ repaired }: QuarantineEntry): QuarantineState => (repaired === null ? 'open' : (repaired.kind ?? 'repaired'))

/** What the live lane has passed over, in an array. */
function createDeferred() {
  let cursor = 0
  let waiting: readonly number[] = []
  return {
    keep: ({ deferred, deferredCursor }: Commit): void => {
      cursor = deferredCursor
      waiting = [...waiting, ...deferred].filter((number) => number > cursor)
    },
    now: () => ({ cursor, waiting: waiting.length }),
    next: async (limit: number) => waiting.slice(0, limit),
  }
}

/** Adds one commit's values to a device's totals. */
function add(totals: Map<DeviceId, DeviceCount>, count: Commit['counts'][number]): void {
  const total = totals.get(count.device)
  if (!total) {
    totals.set(count.device, { ...count })
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

function groupsOf(entries: readonly QuarantineEntry[]): QuarantineGroup[] {
  const groups = new Map<string, QuarantineGroup>()
  for (const { device, reason, values, receivedAt } of entries) {
    const group = groups.get(`${reason} ${device}`) ?? { device, reason, entries: 0, values: 0, newest: receivedAt }
    group.entries += 1
    group.values += values
    group.newest = Math.max(group.newest, receivedAt)
    groups.set(`${reason} ${device}`, group)
  }
  return [...groups.values()]
}

function concerns({ amendment, delivery }: CarriedAmendment, { kind, device, series, deliveries }: AmendmentQuery): boolean {
  if (kind !== undefined && amendment.kind !== kind) return false
  if (device !== undefined && !('device' in amendment && amendment.device === device)) return false
  if (series !== undefined && !('series' in amendment && amendment.series === series)) return false
  return deliveries === undefined || deliveries.includes(delivery)
}
