import type { CurrentFleet, Fleet } from '../domain/fleet.ts'
import type { LiveHub } from '../domain/events.ts'
import type { RunId, SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { TelemetryStore } from '../store/ports/telemetry.ts'
import { cellCount, cellMs, createSeriesState, type SeriesState } from './series-state.ts'

/** The newest of every series in memory, so that an overview of 500 stations asks no store. Bounded by the sensors of the fleet. */
export interface Board {
  /** Fills it from the store. */
  start(): Promise<void>
  close(): void
  /** Null when the fleet has no such series. */
  of(series: SensorId): SeriesState | null
  /** observedAt of the newest reading of a run; null when it has none. */
  newestOf(run: RunId): number | null
}

interface BoardParts {
  fleet: CurrentFleet
  telemetry: TelemetryStore
  live: LiveHub
  onFault: (doing: string, error: unknown) => void
}

export function createBoard({ fleet, telemetry, live, onFault }: BoardParts): Board {
  const states = new Map<SensorId, SeriesState>()
  const newest = new Map<RunId, number>()
  let shown: Fleet | null = null

  /** Follows a change of the fleet: states of sensors that went go, those of new ones are read from the store. */
  const follow = (): SensorId[] => {
    const current = fleet()
    if (current === shown) return []
    shown = current
    const runs = new Set(current.networks.map((network) => network.run))
    for (const [series, state] of states) if (current.sensors.get(series)?.everyMs !== state.everyMs) states.delete(series)
    for (const run of newest.keys()) if (!runs.has(run)) newest.delete(run)
    const added = [...current.sensors.values()].filter((sensor) => !states.has(sensor.id))
    for (const sensor of added) states.set(sensor.id, createSeriesState(sensor.everyMs))
    return added.map((sensor) => sensor.id)
  }
  const take = (seen: Observation, fill: boolean): void => {
    const state = states.get(seen.series)
    if (!state) return
    state.take(seen, fill)
    if (seen.run !== null && seen.observedAt > (newest.get(seen.run) ?? -Infinity)) newest.set(seen.run, seen.observedAt)
  }
  const load = async (series: readonly SensorId[]): Promise<void> => {
    const latest = await telemetry.latest(series)
    for (const chunk of alike([...latest.values()])) {
      const last = chunk.at(-1)?.observedAt ?? 0
      const from = (chunk[0]?.observedAt ?? 0) - cellCount * cellMs
      for (const seen of await telemetry.range({ series: chunk.map((one) => one.series), from, to: last + 1 })) take(seen, true)
    }
  }
  const followInBackground = (): void => {
    const added = follow()
    if (added.length > 0) load(added).catch((error: unknown) => onFault(`reading the last day of ${added.length} series`, error))
  }
  const stop = live.on((event) => {
    if (event.name !== 'observed') return
    if (fleet() !== shown) followInBackground()
    for (const seen of event.observations) take(seen, false)
  })

  return {
    start: () => load(follow()),
    close: stop,
    of(series) {
      if (fleet() !== shown) followInBackground()
      return states.get(series) ?? null
    },
    newestOf: (run) => newest.get(run) ?? null,
  }
}

/** Series whose newest readings are within an hour of each other, at most 64 together: their last days are one short read. */
function alike(latest: readonly Observation[]): Observation[][] {
  const chunks: Observation[][] = []
  for (const seen of [...latest].sort((a, b) => a.observedAt - b.observedAt)) {
    const chunk = chunks.at(-1)
    const first = chunk?.[0]
    if (chunk && first && chunk.length < 64 && seen.observedAt - first.observedAt <= 2 * cellMs) chunk.push(seen)
    else chunks.push([seen])
  }
  return chunks
}
