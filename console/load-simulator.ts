import type { SimulationDetail, SimulatorState } from '../api/schemas/simulation.ts'
import type { Asking } from './api-client.ts'
import type { SimulatorData } from './pages/simulator.tsx'

/** What can be started, and what runs with all that is known of it by now. */
export async function loadSimulator(asking: Asking): Promise<SimulatorData> {
  const state = await asking.get<SimulatorState>('/api/v1/simulator')
  const running = state.running && (await asking.maybe<SimulationDetail>(detailPath(state.running.run)))
  return { state, running, fields: {}, problem: null }
}

export const loadSimulation = (asking: Asking, run: string): Promise<SimulationDetail> => asking.get<SimulationDetail>(detailPath(run))

const detailPath = (run: string): string => `/api/v1/simulator/${encodeURIComponent(run)}`
