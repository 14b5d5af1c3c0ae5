import type { SimulationDetail, SimulatorState } from '../api/schemas/simulation.ts'
import type { StationList } from '../api/schemas/station.ts'
import type { Asking } from './api-client.ts'
import type { PageContext } from './context.ts'
import type { SimulationData } from './pages/simulation.tsx'
import type { SimulatorData } from './pages/simulator.tsx'

export async function loadSimulator(asking: Asking): Promise<SimulatorData> {
  return { state: await asking.get<SimulatorState>('/api/v1/simulator'), fields: {}, problem: null }
}

export async function loadSimulation(asking: Asking, run: string, { language }: PageContext): Promise<SimulationData> {
  const detail = await asking.get<SimulationDetail>(`/api/v1/simulator/${encodeURIComponent(run)}`)
  // names are wanted for the strip only, and its stations may be gone
  const list = detail.strip === null ? null : await asking.maybe<StationList>('/api/v1/stations')
  const names = new Map(list?.stations.map(({ id, name }) => [id, name[language]]))
  const zone = list?.networks.find((network) => network.run === run)?.timeZone ?? 'UTC'
  return { ...detail, places: { zone, nameOf: (station) => names.get(station) ?? station } }
}
