import type { CurrentFleet, Fleet } from '../domain/fleet.ts'
import { flag, type Flag } from '../domain/flag.ts'
import type { SensorId } from '../domain/ids.ts'
import type { Sensor } from '../domain/network.ts'
import type { Observation } from '../domain/observation.ts'
import { testBit } from '../domain/quality-tests.ts'
import type { TelemetryStore } from '../store/ports/telemetry.ts'
import { limitsOf } from './quality/defaults.ts'
import { marksOf, planOf, RunningTests, type Plan, type TestFailed } from './quality/running-tests.ts'
import { inGroups, type Span } from './spans.ts'

/** What is known of one series between two batches. All of it can be read back from the store. */
export interface SeriesState {
  sensor: Sensor
  plan: Plan
  running: RunningTests
  /** observedAt of the newest key; -Infinity for none. */
  newest: number
  /** The newest reading that is not late: its verdict waits for the next one. */
  last: Observation | null
  /** Its verdict so far, as the tests gave it. */
  lastFlag: Flag
  lastTests: number
  /** Batch that made it; 0 = before this start. */
  lastBatch: number
  /** Newest batch in which a reading came that was not the newest of its series. */
  disorderedIn: number
}

/** Takes the rows of one series in time order. */
export type TakeRows = (series: SensorId, rows: readonly Observation[]) => void

/** The states of the series that were met, at most one per sensor of the fleet. */
export interface SeriesBook {
  get(series: SensorId): SeriesState | undefined
  /** Makes the states of the rows' series that are met for the first time, from the stored rows. Rejects with StoreUnavailable. */
  warm(rows: readonly { series: SensorId }[]): Promise<void>
  /** Gives the rows of each span that has any; late ones are left out where judgement is concerned. Rejects with StoreUnavailable. */
  read(spans: readonly Span[], options: { withLate: boolean }, take: TakeRows): Promise<void>
  /** A new run of the series' tests, from their beginning. */
  rerun(state: SeriesState): RunningTests
  /** Forgets one series; the next batch that meets it reads it back. */
  drop(series: SensorId): void
  forget(): void
  size(): number
}

export interface BookParts {
  telemetry: Pick<TelemetryStore, 'latest' | 'range'>
  fleet: CurrentFleet
  onTestFailed: TestFailed
}

const late = testBit('late')
/** Interval that an irregular series is taken to have when rows are estimated, ms. */
const usualMs = 300_000
const mostRowsOfSeries = 10_000

export function createSeriesBook({ telemetry, fleet, onTestFailed }: BookParts): SeriesBook {
  const states = new Map<SensorId, SeriesState>()
  let known: Fleet | null = null

  /** A changed sensor may have changed limits: its series starts afresh. */
  function follow(now: Fleet): void {
    if (now === known) return
    for (const [id, state] of states) if (now.sensors.get(id) !== state.sensor) states.delete(id)
    known = now
  }

  async function warm(rows: readonly { series: SensorId }[]): Promise<void> {
    const now = fleet()
    follow(now)
    const made = new Map<SensorId, SeriesState>()
    for (const { series } of rows) {
      if (states.has(series) || made.has(series)) continue
      const sensor = now.sensors.get(series)
      if (sensor === undefined) throw new Error(`no sensor ${series} in the fleet it was found in`)
      made.set(series, startOf(sensor, onTestFailed))
    }
    if (made.size === 0) return
    const latest = await telemetry.latest([...made.keys()])
    const spans = [...made.values()].flatMap((state) => spanBefore(state, latest.get(state.sensor.id)))
    await read(spans, { withLate: false }, (id, found) => {
      const state = made.get(id)
      if (state !== undefined) replay(state, found)
    })
    for (const [id, state] of made) {
      // A late one may be the newest key; it counts for nobody's verdict.
      state.newest = latest.get(id)?.observedAt ?? -Infinity
      states.set(id, state)
    }
  }

  async function read(spans: readonly Span[], { withLate }: { withLate: boolean }, take: TakeRows): Promise<void> {
    for (const group of inGroups(spans)) {
      const bySeries = new Map<SensorId, Observation[]>()
      for (const row of await telemetry.range(group)) {
        if (!withLate && (row.tests & late) !== 0) continue
        const rows = bySeries.get(row.series)
        if (rows === undefined) bySeries.set(row.series, [row])
        else rows.push(row)
      }
      for (const [id, rows] of bySeries) take(id, rows)
    }
  }

  return {
    get: (series) => states.get(series),
    warm,
    read,
    rerun: (state) => new RunningTests(state.plan, onTestFailed),
    drop: (series) => void states.delete(series),
    forget: () => states.clear(),
    size: () => states.size,
  }
}

function startOf(sensor: Sensor, failed: TestFailed): SeriesState {
  const plan = planOf(limitsOf(sensor))
  return {
    sensor,
    plan,
    running: new RunningTests(plan, failed),
    newest: -Infinity,
    last: null,
    lastFlag: flag.notEvaluated,
    lastTests: 0,
    lastBatch: 0,
    disorderedIn: 0,
  }
}

/** The stretch that a series' state depends on. */
function spanBefore({ sensor, plan }: SeriesState, latest: Observation | undefined): Span[] {
  if (latest === undefined) return []
  return [spanOf(sensor, latest.observedAt - plan.lookbackMs, latest.observedAt + 1)]
}

/** A stretch of a sensor's series, with about how many rows it holds. */
export function spanOf({ id, everyMs }: Sensor, from: number, to: number): Span {
  return { series: id, from, to, rows: Math.min(mostRowsOfSeries, Math.ceil((to - from) / (everyMs ?? usualMs))) }
}

/** Brings a state whose tests are at their beginning to where it is behind the last of the rows. */
export function replay(state: SeriesState, rows: readonly Observation[]): void {
  for (const row of rows) state.running.advance(row.observedAt, row.value, row.tests & marksOf)
  state.last = rows.at(-1) ?? null
  state.lastFlag = state.running.flag
  state.lastTests = state.running.tests
}
