import type { SimulationOrder } from '../../devices-sim/simulation.ts'
import type { Scenario } from '../../devices-sim/scenarios/scenario.ts'

/** What somebody says of a simulation; what is left out is as the scenario says. */
export interface SimulationWish {
  stations?: number | undefined
  seed: number
  /** First moment, epoch ms; left out: the 15th of the month of the scenario, last year. */
  startAt?: number | undefined
  lastsMs?: number | undefined
  /** Protocols that the server has gateways for; left out: none. */
  protocols?: Iterable<string> | undefined
}

const stepMs = 300_000
export const usualStations = 60

/** The order for a scenario; its start is the last full five minutes. `now`: epoch ms, decides which year is the last. */
export function orderOf(scenario: Scenario, run: string, wish: SimulationWish, now: number): SimulationOrder {
  const { stations = scenario.stations ?? usualStations, seed, lastsMs = null } = wish
  const lastYear = new Date(now).getUTCFullYear() - 1
  const startAt = wish.startAt ?? Date.UTC(lastYear, (scenario.month ?? 6) - 1, 15)
  const protocols = [...(wish.protocols ?? [])].filter((protocol) => protocol === 'hj212' || protocol === 'sl651')
  return { scenario, run, stations, seed, startAt: Math.floor(startAt / stepMs) * stepMs, lastsMs, protocols }
}
