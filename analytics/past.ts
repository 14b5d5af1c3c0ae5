import { testBit } from '../domain/quality-tests.ts'
import type { SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { Ledger, StoredRow } from '../store/ports/ledger.ts'
import type { TelemetryStore } from '../store/ports/telemetry.ts'
import { markOf, SampleWindow } from './samples.ts'
import type { SeriesSlot } from './slot.ts'

const lateBit = testBit('late')
const seriesAtOnce = 100
const rowsAtOnce = 20_000

/** Beyond the lateness allowed: stored, but no rule looks at it. */
export const isLate = (row: Pick<StoredRow, 'tests'> & { arrival?: StoredRow['arrival'] }): boolean =>
  row.arrival === 'late' || (row.tests & lateBit) !== 0

/** What stands in commits that have not been taken yet, as far as it hides how the store stood before. */
export interface Ahead {
  /** Earliest reading of a series that came as its newest. */
  nextFrom: ReadonlyMap<SensorId, number>
  /** How many states of a key were made out of order: so many states back, the store stood as it was. */
  states: ReadonlyMap<SensorId, ReadonlyMap<number, number>>
}

/** Looks through the commits behind `commit`. Holds only the rare rows out of order. */
export async function lookAhead(ledger: Ledger, commit: number): Promise<Ahead> {
  const nextFrom = new Map<SensorId, number>()
  const states = new Map<SensorId, Map<number, number>>()
  for (let after = commit; ;) {
    const page = await ledger.committedSince(after, rowsAtOnce)
    for (const { rows } of page)
      for (const { series, observedAt, arrival } of rows) {
        if (arrival === 'next') {
          if (!nextFrom.has(series)) nextFrom.set(series, observedAt)
          continue
        }
        const times = states.get(series) ?? new Map<number, number>()
        states.set(series, times.set(observedAt, (times.get(observedAt) ?? 0) + 1))
      }
    after = page.at(-1)?.commit ?? after
    if (page.length === 0) return { nextFrom, states }
  }
}

/**
 * Reads the recent readings of these series back from the store, up to the newest one each has consumed, as they stood before what
 * lies `ahead`. A store without versions gives them as they stand now; the end is the same, a version on the way may differ.
 */
export async function readPast(telemetry: TelemetryStore, slots: readonly SeriesSlot[], ahead: Ahead): Promise<void> {
  const looking = slots.filter((slot) => slot.readings.length > 0 && slot.newest > -Infinity)
  for (let first = 0; first < looking.length; first += seriesAtOnce) {
    const some = new Map(looking.slice(first, first + seriesAtOnce).map((slot) => [slot.series, slot]))
    for (const slot of some.values()) slot.samples.clear()
    const from = Math.min(...[...some.values()].map((slot) => slot.newest - slot.samples.keepMs))
    const to = Math.max(...[...some.values()].map((slot) => slot.newest)) + 1
    for (const row of await telemetry.range({ series: [...some.keys()], from, to })) {
      const slot = some.get(row.series)
      if (slot === undefined || row.observedAt > slot.newest || row.observedAt < slot.newest - slot.samples.keepMs) continue
      const back = ahead.states.get(row.series)?.get(row.observedAt) ?? 0
      const state = back === 0 ? row : await stateBefore(telemetry, row, back)
      if (state !== null && !isLate(state)) slot.samples.push(state.observedAt, state.value ?? NaN, markOf(state.flag, state.tests))
    }
  }
}

async function stateBefore(telemetry: TelemetryStore, row: Observation, back: number): Promise<Observation | null> {
  if (!telemetry.capabilities.versions) return row
  const versions = await telemetry.versions({ series: row.series, observedAt: row.observedAt })
  return versions.at(-1 - back) ?? null
}

/** Readings of one series from a time up to its newest consumed one, for a re-run that goes further back than memory. */
export async function readSpan(telemetry: TelemetryStore, slot: SeriesSlot, from: number): Promise<SampleWindow> {
  const samples = new SampleWindow(Infinity, Infinity)
  for (const row of await telemetry.range({ series: [slot.series], from, to: slot.newest + 1 }))
    if (!isLate(row)) samples.push(row.observedAt, row.value ?? NaN, markOf(row.flag, row.tests))
  return samples
}

/** When each of these series was last heard, for rules that begin in the middle of things. Readings still ahead come by themselves. */
export async function readNewest(telemetry: TelemetryStore, slots: readonly SeriesSlot[], { nextFrom }: Ahead): Promise<void> {
  const unknown = slots.filter((slot) => slot.newest === -Infinity)
  if (unknown.length === 0) return
  const newest = await telemetry.latest(unknown.map((slot) => slot.series))
  for (const slot of unknown) {
    const found = newest.get(slot.series)
    if (found === undefined) continue
    const cut = nextFrom.get(slot.series)
    slot.newest = cut === undefined ? found.observedAt : cut - 1
    if (cut !== undefined) continue
    slot.heard = found.observedAt
  }
}
