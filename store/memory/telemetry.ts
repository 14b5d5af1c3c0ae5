import type { SensorId } from '../../domain/ids.ts'
import { knownSince, type Observation, type ObservationVersion } from '../../domain/observation.ts'
import type { StoredRow } from '../ports/ledger.ts'
import type { ObservationKey, RangeQuery, Rollup, TelemetryStore, WindowQuery } from '../ports/telemetry.ts'
import { windowsOf, type Samples } from '../windows.ts'

/** All states of one key, oldest first; the last one is the current one. */
interface Entry {
  observedAt: number
  states: Observation[]
}

/** One series: its entries by time, and in time order. */
interface Series {
  byTime: Map<number, Entry>
  inOrder: Entry[]
}

export interface MemoryTelemetry extends TelemetryStore {
  /** Makes each row the current state of its key, in the order given. */
  write(rows: readonly StoredRow[]): void
  /** Current rows. */
  count(): number
}

/** Telemetry in maps: the model that the other adapters are compared with. */
export function createMemoryTelemetry(): MemoryTelemetry {
  const all = new Map<SensorId, Series>()
  const kept = new Map<string, Rollup>()
  const count = (): number => [...all.values()].reduce((sum, series) => sum + series.inOrder.length, 0)
  const entry = (key: ObservationKey): Entry | undefined => all.get(key.series)?.byTime.get(key.observedAt)
  const range = (query: RangeQuery): Observation[] => query.series.flatMap((id) => statesIn(all.get(id), query))
  return {
    capabilities: { versions: true, parquet: false },
    write: (rows) => rows.forEach((row) => place(all, row)),
    count,
    range: async (query) => oldest(range(query), query.limit),
    latest: async (series) => newest(all, series ?? [...all.keys()]),
    windows: async (query) =>
      query.series.flatMap((id) => windowsOf(id, counted(range({ series: [id], from: query.from, to: query.to }), query), query)),
    existing: async (keys) => keys.flatMap((key) => entry(key)?.states.at(-1) ?? []),
    versions: async (key) => (entry(key)?.states ?? []).map(versionOf),
    putRollups: async (rollups) => rollups.forEach((rollup) => void kept.set(rollupKey(rollup), { ...rollup })),
    rollups: async ({ series, size, from, to }) =>
      series.flatMap((id) =>
        [...kept.values()]
          .filter((rollup) => rollup.series === id && rollup.size === size && rollup.start >= from && rollup.start < to)
          .sort((a, b) => a.start - b.start)
          .map((rollup) => ({ ...rollup })),
      ),
    dropBefore: async (at) => drop(all, (entry) => entry.observedAt < at),
    dropRun: async (run) => {
      const before = new Set(all.keys())
      const dropped = drop(all, (entry) => entry.states.at(-1)?.run === run)
      for (const [key, rollup] of kept) if (before.has(rollup.series) && !all.has(rollup.series)) kept.delete(key)
      return dropped
    },
    size: async () => ({ rows: count(), bytes: 0 }),
  }
}

/** The values that count, with their times. */
function counted(rows: readonly Observation[], { flags = [1, 2] }: WindowQuery): Samples {
  const those = rows.filter(({ value, flag }) => value !== null && flags.includes(flag))
  return {
    times: Float64Array.from(those, ({ observedAt }) => observedAt),
    values: Float64Array.from(those, ({ value }) => value ?? NaN),
  }
}

const rollupKey = (rollup: Rollup): string => `${rollup.size} ${rollup.start} ${rollup.series}`

const versionOf = (state: Observation, i: number): ObservationVersion => ({ ...state, version: i + 1, knownAt: knownSince(state) })

function place(all: Map<SensorId, Series>, { arrival: _arrival, ...state }: StoredRow): void {
  let series = all.get(state.series)
  if (!series) all.set(state.series, (series = { byTime: new Map(), inOrder: [] }))
  const known = series.byTime.get(state.observedAt)
  if (known) {
    known.states.push(state)
    return
  }
  const entry = { observedAt: state.observedAt, states: [state] }
  series.byTime.set(state.observedAt, entry)
  series.inOrder.splice(firstAt(series.inOrder, state.observedAt), 0, entry)
}

/** Index of the first entry at or after `at`. */
function firstAt(entries: readonly Entry[], at: number): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle]?.observedAt ?? Infinity) < at) low = middle + 1
    else high = middle
  }
  return low
}

function statesIn(series: Series | undefined, { from, to, asOf }: RangeQuery): Observation[] {
  if (!series) return []
  const entries = series.inOrder.slice(firstAt(series.inOrder, from), firstAt(series.inOrder, to))
  if (asOf === undefined) return entries.flatMap((entry) => entry.states.at(-1) ?? [])
  return entries.flatMap((entry) => entry.states.findLast((state) => knownSince(state) <= asOf) ?? [])
}

/** The oldest rows over all series, in the order they came in. */
function oldest(rows: Observation[], limit = Infinity): Observation[] {
  if (rows.length <= limit) return rows
  const chosen = new Set([...rows].sort((a, b) => a.observedAt - b.observedAt).slice(0, limit))
  return rows.filter((row) => chosen.has(row))
}

function newest(all: Map<SensorId, Series>, series: readonly SensorId[]): Map<SensorId, Observation> {
  const found = new Map<SensorId, Observation>()
  for (const id of series) {
    const state = all.get(id)?.inOrder.at(-1)?.states.at(-1)
    if (state) found.set(id, state)
  }
  return found
}

function drop(all: Map<SensorId, Series>, goes: (entry: Entry) => boolean): number {
  let dropped = 0
  for (const [id, series] of all) {
    const stays = series.inOrder.filter((entry) => !goes(entry))
    dropped += series.inOrder.length - stays.length
    if (stays.length === 0) all.delete(id)
    else all.set(id, { inOrder: stays, byTime: new Map(stays.map((entry) => [entry.observedAt, entry])) })
  }
  return dropped
}
