import { requireRules } from '../../analytics/rules/compile.ts'
import type { LoadRequest, ReplayRequest, SimulationNote, SimulationRequest } from '../../api/schemas/simulation.ts'
import { faultTypes } from '../../devices-sim/faults/fault.ts'
import type { Scenario } from '../../devices-sim/scenarios/scenario.ts'
import { NetworkInvalid } from '../../domain/errors.ts'
import { hint } from '../../domain/nearest.ts'
import { readNetwork } from '../../domain/network-load.ts'
import type { Network } from '../../domain/network.ts'
import type { Work } from './channel.ts'
import { fullRequest } from './wish.ts'

type Described = 'kind' | 'scenario' | 'title' | 'seed' | 'stations' | 'speed' | 'start' | 'end' | 'faults'

/** What is to be played: under which name if that is free, what it is, and what its process does. */
export interface Plan {
  name: string
  note: Pick<SimulationNote, Described>
  workFor: (run: string) => Work
}

/** A scenario; a sentence when there is none of that name, or a fault is unknown. */
export function planScenario(request: SimulationRequest, scenarios: readonly Scenario[], now: number): Plan | string {
  const scenario = scenarios.find(({ id }) => id === request.scenario)
  if (scenario === undefined) {
    const names = scenarios.map(({ id }) => id)
    return `There is no scenario ${JSON.stringify(request.scenario)}${hint(request.scenario, names)}; these are ${names.join(', ')}.`
  }
  const unknown = request.faults?.more.find((type) => !(faultTypes as readonly string[]).includes(type))
  if (unknown !== undefined)
    return `There is no fault ${JSON.stringify(unknown)}${hint(unknown, faultTypes)}; these are ${faultTypes.join(', ')}.`
  const { seed, stations, speed, startAt, lastsMs, faults } = fullRequest(scenario, request, '', now)
  return {
    name: `${scenario.id}-${seed}`,
    note: {
      ...{ kind: 'scenario', scenario: scenario.id, title: scenario.title, seed, stations, speed },
      ...{ start: startAt, end: startAt + lastsMs, faults },
    },
    workFor: (run) => ({ kind: 'scenario', request: fullRequest(scenario, request, run, now) }),
  }
}

const noFaults = { factor: 1, more: [], share: 0 }

/** Many devices that send a reading so often each. */
export function planLoad(request: LoadRequest, now: number): Plan {
  const { devices, minutes } = request
  const count = devices.toLocaleString('en-GB')
  return {
    name: `load-${devices}`,
    note: {
      ...{ kind: 'load', scenario: 'load', title: { en: `${count} devices`, zh: `${count} 台设备` }, seed: 0, stations: devices, speed: 1 },
      ...{ start: now, end: now + minutes * 60_000, faults: noFaults },
    },
    workFor: () => ({ kind: 'load', request }),
  }
}

interface Sources {
  networks: readonly Network[]
  /** Whether it is the run of a past simulation: that has its own time and is replayed as a whole. */
  isPast: (run: string) => boolean
  now: number
}

/** What was received once; a sentence when there is no such network, the time is none, or the configuration is wrong. */
export function planReplay(request: ReplayRequest, { networks, isPast, now }: Sources): Plan | string {
  const { network: id, from, speed = 'max', configuration } = request
  const source = networks.find((network) => network.id === id)
  if (source === undefined) {
    const ids = networks.map((network) => network.id)
    return `There is no network ${JSON.stringify(id)}${hint(id, ids)}; these are ${ids.join(', ') || 'none yet'}.`
  }
  const isWhole = source.run !== null && isPast(source.run)
  if (isWhole && (from ?? request.to) !== undefined)
    return `${id} is the run of a simulation, which is replayed as a whole: leave out from and to.`
  const to = isWhole ? undefined : Math.min(request.to ?? now, now)
  if (from !== undefined && to !== undefined && from >= to)
    return `What is to be replayed ends (${iso(to)}) before it begins (${iso(from)}).`
  const problem = configuration === undefined ? null : mistakesIn(configuration)
  if (problem !== null) return problem
  return {
    name: 'replay',
    note: {
      ...{ kind: 'replay', scenario: 'replay', title: { en: `Replay of ${source.name.en}`, zh: `重放：${source.name.zh}` } },
      ...{ seed: 0, stations: source.stations.length, speed, start: from ?? now, end: to ?? now, faults: noFaults },
    },
    workFor: () => ({ kind: 'replay', request: { ...request, ...(to !== undefined && { to }), speed } }),
  }
}

/** The mistakes of a network file in a sentence; null = there are none. */
function mistakesIn(configuration: string): string | null {
  try {
    requireRules(readNetwork(configuration, { file: null, run: null }))
    return null
  } catch (error) {
    if (error instanceof NetworkInvalid) return `The configuration is wrong: ${error.message}`
    throw error
  }
}

const iso = (at: number): string => new Date(at).toISOString()
