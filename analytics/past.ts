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

/**
 * What stands in commits that have not been taken yet, as far as it hides how the store stood before. The store goes on while its past is
 * read: whatever was read of it may hold what was committed meanwhile, so `lookOn` comes after each reading and before its use.
 */
export class Ahead {
  /** Earliest reading of a series that came as its newest. */
  readonly nextFrom = new Map<SensorId, number>()
  readonly #ledger: Ledger
  /** How many states of a key were made out of order: so many states back, the store stood as it was. Infinity = there was none. */
  readonly #states = new Map<SensorId, Map<number, number>>()
  #commit: number

  /** @param commit the last one that was taken */
  constructor(ledger: Ledger, commit: number) {
    this.#ledger = ledger
    this.#commit = commit
  }

  /** How many states of a key lie ahead, as far as was looked; Infinity = all there are. */
  statesOf(series: SensorId, observedAt: number): number {
    return this.#states.get(series)?.get(observedAt) ?? 0
  }

  /** Looks through the commits that came since. Holds only the rare rows out of order. */
  async lookOn(isEnding: () => boolean): Promise<void> {
    while (!isEnding()) {
      const page = await this.#ledger.committedSince(this.#commit, rowsAtOnce)
      for (const { rows } of page) for (const row of rows) this.#see(row)
      if (page.length === 0) return
      this.#commit = page.at(-1)?.commit ?? this.#commit
    }
  }

  #see({ series, observedAt, arrival }: StoredRow): void {
    if (arrival === 'next') {
      if (!this.nextFrom.has(series)) this.nextFrom.set(series, observedAt)
      return
    }
    const times = this.#states.get(series) ?? new Map<number, number>()
    const isFirst = arrival === 'inserted' || arrival === 'late'
    this.#states.set(series, times.set(observedAt, isFirst ? Infinity : (times.get(observedAt) ?? 0) + 1))
  }
}

export interface Past {
  telemetry: TelemetryStore
  ahead: Ahead
  /** True when nobody waits for it any more. */
  isEnding: () => boolean
}

/**
 * Reads the recent readings of these series back from the store, up to the newest one each has consumed, as they stood before what
 * lies ahead; what a store without versions cannot tell is left out until it is taken.
 */
export async function readPast(past: Past, slots: readonly SeriesSlot[]): Promise<void> {
  const { telemetry, ahead, isEnding } = past
  const looking = slots.filter((slot) => slot.readings.length > 0 && slot.newest > -Infinity)
  for (let first = 0; first < looking.length && !isEnding(); first += seriesAtOnce) {
    const some = new Map(looking.slice(first, first + seriesAtOnce).map((slot) => [slot.series, slot]))
    for (const slot of some.values()) slot.samples.clear()
    const from = Math.min(...[...some.values()].map((slot) => slot.newest - slot.samples.keepMs))
    const to = Math.max(...[...some.values()].map((slot) => slot.newest)) + 1
    const rows = await telemetry.range({ series: [...some.keys()], from, to })
    await ahead.lookOn(isEnding)
    for (const row of rows) {
      const slot = some.get(row.series)
      if (slot === undefined || row.observedAt > slot.newest || row.observedAt < slot.newest - slot.samples.keepMs) continue
      const state = ahead.statesOf(row.series, row.observedAt) === 0 ? row : await stateBefore(past, row)
      if (state !== null && !isLate(state)) slot.samples.push(state.observedAt, state.value ?? NaN, markOf(state.flag, state.tests))
    }
  }
}

/** The state of a key before those that lie ahead; another one may come while they are read. */
async function stateBefore({ telemetry, ahead, isEnding }: Past, { series, observedAt }: Observation): Promise<Observation | null> {
  while (telemetry.capabilities.versions && !isEnding()) {
    const back = ahead.statesOf(series, observedAt)
    if (back === Infinity) return null
    const versions = await telemetry.versions({ series, observedAt })
    await ahead.lookOn(isEnding)
    if (ahead.statesOf(series, observedAt) === back) return versions.at(-1 - back) ?? null
  }
  return null
}

/** Readings of one series from a time up to its newest consumed one, for a re-run that goes further back than memory. */
export async function readSpan(telemetry: TelemetryStore, slot: SeriesSlot, from: number): Promise<SampleWindow> {
  const samples = new SampleWindow(Infinity, Infinity)
  for (const row of await telemetry.range({ series: [slot.series], from, to: slot.newest + 1 }))
    if (!isLate(row)) samples.push(row.observedAt, row.value ?? NaN, markOf(row.flag, row.tests))
  return samples
}

/** When each of these series was last heard, for rules that begin in the middle of things. Readings still ahead come by themselves. */
export async function readNewest({ telemetry, ahead, isEnding }: Past, slots: readonly SeriesSlot[]): Promise<void> {
  const unknown = slots.filter((slot) => slot.newest === -Infinity)
  if (unknown.length === 0) return
  const newest = await telemetry.latest(unknown.map((slot) => slot.series))
  await ahead.lookOn(isEnding)
  for (const slot of unknown) {
    const found = newest.get(slot.series)
    if (found === undefined) continue
    const cut = ahead.nextFrom.get(slot.series)
    slot.newest = cut === undefined ? found.observedAt : cut - 1
    if (cut !== undefined) continue
    slot.heard = found.observedAt
  }
}
