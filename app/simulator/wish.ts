import type { FaultNote, ScenarioNote, SimulationRequest } from '../../api/schemas/simulation.ts'
import { faultKinds, faultTypes } from '../../devices-sim/faults/fault.ts'
import { withFaults } from '../../devices-sim/scenarios/more-faults.ts'
import { spanMs, type Scenario } from '../../devices-sim/scenarios/scenario.ts'
import { createSimulation, type Simulation } from '../../devices-sim/simulation.ts'
import { orderOf, usualStations } from './order.ts'

/** A request with all that it left out, and the name of its run. */
export type FullRequest = Required<Omit<SimulationRequest, 'start' | 'hours'>> & { run: string; startAt: number; lastsMs: number }

/** What tells a story from its prelude on is watched at a minute a second; the rest is over as soon as possible. */
const usualSpeed = ({ prelude }: Scenario): number | 'max' => (prelude === undefined ? 'max' : 60)

export const noteOf = (scenario: Scenario): ScenarioNote => ({
  ...{ id: scenario.id, title: scenario.title, about: scenario.about },
  lastsMs: spanMs(scenario.lasts),
  stations: scenario.stations ?? usualStations,
  speed: usualSpeed(scenario),
  faults: [...new Set((scenario.faults ?? []).map(({ type }) => type))],
  leftOut: [...new Set((scenario.system ?? []).map(({ fault }) => fault))],
})

export const faultNotes = (): FaultNote[] => faultTypes.map((type) => ({ type, at: faultKinds[type].at }))

/** Fills in what was left out. `now`: epoch ms. */
export function fullRequest(scenario: Scenario, request: SimulationRequest, run: string, now: number): FullRequest {
  const { start: startAt, hours, speed = usualSpeed(scenario) } = request
  const lastsMs = hours === undefined ? spanMs(scenario.lasts) : hours * 3_600_000
  const order = orderOf(scenario, run, { ...request, startAt, lastsMs }, now)
  return {
    ...{ scenario: scenario.id, run, speed, lastsMs, seed: order.seed, stations: order.stations, startAt: order.startAt },
    faults: request.faults ?? { factor: 1, more: [], share: 0.2 },
  }
}

/**
 * The simulation of a request. Throws ScenarioInvalid where the scenario names a station that the basin lacks.
 * @param protocols those that the server has gateways for
 */
export function simulationOf(scenario: Scenario, request: FullRequest, protocols: Iterable<string>): Simulation {
  return createSimulation(orderOf(withFaults(scenario, request.faults), request.run, { ...request, protocols }, 0))
}
