import type { CurrentFleet, Fleet } from '../domain/fleet.ts'
import type { LiveHub } from '../domain/events.ts'
import type { RunId, SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { TelemetryStore } from '../store/ports/telemetry.ts'
import { createUnread } from './unread.ts'
import { cellCount, cellMs, createSeriesState, type SeriesState } from './series-state.ts'

/** The newest of every series in memory, so that an overview of 500 stations asks no store. Bounded by the sensors of the fleet. */
export interface Board {
  /** Fills it from the store; resolves after the first try. While the store is away it shows what it hears, and goes on trying. */
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
  readAgainMs?: number
}

export function createBoard({ fleet, telemetry, live, onFault, readAgainMs = 5_000 }: BoardParts): Board {
  const states = new Map<SensorId, SeriesState>()
  const newest = new Map<RunId, number>()
  let shown: Fleet | null = null

  /** Follows a change of the fleet: states of sensors that went or were made anew go; those of new ones are to be read from the store. */
  const follow = (): SensorId[] => {
    const [before, current] = [shown, fleet()]
    shown = current
    for (const series of states.keys()) if (current.sensors.get(series) !== before?.sensors.get(series)) states.delete(series)
    for (const { run } of before?.networks.filter((network) => !current.networks.includes(network)) ?? [])
      if (run !== null) newest.delete(run)
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
  const unread = createUnread<SensorId>(load, readAgainMs, (series, error) =>
    onFault(`reading the last day of ${series.length} series`, error),
  )
  const catchUp = (): Promise<void> => (fleet() === shown ? Promise.resolve() : unread.add(follow()))
  const stop = live.on((event) => {
    if (event.name !== 'observed') return
    void catchUp()
    for (const seen of event.observations) take(seen, false)
  })

  return {
    start: catchUp,
    close() {
      unread.close()
      stop()
    },
    of(series) {
      void catchUp()
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
