import type { CurrentFleet, Fleet } from '../domain/fleet.ts'
import type { SensorId } from '../domain/ids.ts'
import { withCounts, type CountingFleet } from './counters.ts'

/**
 * The series that are taken when more are declared than may be, else null. The first in the order of the networks, those of runs last: the
 * same ones after each start, and no simulation costs a real one.
 * @param most see `ingest.maxSeries`
 */
export function takenSeries(fleet: CountingFleet, most: number): ReadonlySet<SensorId> | null {
  return fleet.sensors.size <= most ? null : new Set(inOrder(fleet).slice(0, most))
}

/** How many series the networks declare, and how many of them are refused; a counter is two. */
export interface SeriesBound {
  declared: number
  refused: { real: number; ofRuns: number }
}

/** The bound as it stands; counted once for each fleet. */
export function createSeriesBound(currentFleet: CurrentFleet, most: number): () => SeriesBound {
  let fleet: Fleet | null = null
  let bound: SeriesBound = { declared: 0, refused: { real: 0, ofRuns: 0 } }
  return () => {
    if (fleet === currentFleet()) return bound
    fleet = currentFleet()
    const counting = withCounts(fleet)
    const beyond = inOrder(counting).slice(most)
    const ofRuns = beyond.filter((id) => isOfRun(counting, id)).length
    return (bound = { declared: counting.sensors.size, refused: { real: beyond.length - ofRuns, ofRuns } })
  }
}

function inOrder(fleet: CountingFleet): SensorId[] {
  const [real, ofRuns]: [SensorId[], SensorId[]] = [[], []]
  for (const id of fleet.sensors.keys()) (isOfRun(fleet, id) ? ofRuns : real).push(id)
  return [...real, ...ofRuns]
}

function isOfRun(fleet: CountingFleet, id: SensorId): boolean {
  const sensor = fleet.sensors.get(id)
  return sensor !== undefined && fleet.runOf(sensor.station) !== null
}
