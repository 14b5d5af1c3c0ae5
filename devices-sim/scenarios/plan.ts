import type { Network, Station } from '../../domain/network.ts'
import { ScenarioInvalid } from '../errors.ts'
import { canStrike, type FaultOrder } from '../faults/fault.ts'
import type { SystemFault } from '../faults/system.ts'
import type { Cause } from '../truth/events.ts'
import type { Happening } from '../world/happenings.ts'
import { keyOf, between } from '../world/random.ts'
import { placesOf } from '../world/river.ts'
import type { PlaceKm, Storm } from '../world/storms.ts'
import { spanMs, type Scenario, type ScenarioFault, type ScenarioHappening, type ScenarioSystemFault } from './scenario.ts'

/** A scenario at one place and time. */
export interface ScenarioPlan {
  storms: Storm[]
  /** All but storms. */
  happenings: Happening[]
  /** All of them. */
  causes: Cause[]
  faults: FaultOrder[]
  system: SystemFault[]
  endAt: number
}

export interface PlanOrder {
  scenario: Scenario
  network: Network
  seed: number
  startAt: number
  /** As long as somebody wants it; null = as the scenario says. */
  lastsMs: number | null
}

/**
 * Puts a scenario into a network: offsets become times, places become stations. Throws ScenarioInvalid where it names a station
 * that is not there, a fault that an instrument cannot have, or a moment behind the end.
 */
export function planScenario({ scenario, network, seed, startAt, lastsMs }: PlanOrder): ScenarioPlan {
  checkMoments(scenario, Math.max(spanMs(scenario.lasts), lastsMs ?? 0))
  const box = boxOf(placesOf(network.stations))
  const ordered = scenario.happenings ?? []
  const causes = ordered.map((one) => happeningOf(one, network, scenario.id, startAt))
  return {
    storms: ordered.filter(({ kind }) => kind === 'storm').map((storm) => stormOf(storm, box, seed, startAt)),
    happenings: causes.filter(({ kind }) => kind !== 'storm'),
    causes,
    faults: (scenario.faults ?? []).map((fault, i) => orderOf(possible(fault, scenario.id, i), startAt)),
    system: (scenario.system ?? []).map((fault) => systemFaultOf(fault, startAt)),
    endAt: startAt + spanMs(scenario.lasts),
  }
}

/** What begins behind its end is a mistake of the scenario; what is left out because somebody wants a shorter one is none. */
function checkMoments({ id, happenings = [], faults = [], system = [] }: Scenario, endsMs: number): void {
  const late = Object.entries({ happenings, faults, system }).flatMap(([list, entries]) =>
    entries.flatMap(({ at }, i) =>
      spanMs(at) < endsMs ? [] : [{ path: `${list}[${i}].at`, message: `${at ?? ''} is behind the end; begin it earlier` }],
    ),
  )
  if (late.length > 0) throw new ScenarioInvalid(id, late)
}

function happeningOf(one: ScenarioHappening, network: Network, scenario: string, startAt: number): Happening {
  const { id, kind, size, substance = 'ammonia', place } = one
  const from = startAt + spanMs(one.at)
  const station = place === undefined ? null : findStation(network.stations, place)
  if (station === undefined)
    throw new ScenarioInvalid(scenario, [
      {
        path: `happenings.${id}.place`,
        message: `there is no ${place?.kind} ${place?.nth ?? 1} in a basin of ${network.stations.length} stations; ask for more with --stations`,
      },
    ])
  return { id, kind, station, from, to: from + spanMs(one.lasts), size, substance }
}

type Place = NonNullable<ScenarioHappening['place']>

function findStation(stations: readonly Station[], { kind, nth = 1, high = false, above }: Place): string | undefined {
  const measures = (id: string | undefined): boolean =>
    stations.some((station) => station.id === id && station.sensors.some(({ parameter }) => parameter.key === above))
  const fitting = stations.filter((station) => station.kind === kind && (above === undefined || measures(station.reach?.downstream)))
  return fitting.at(high ? -nth : nth - 1)?.id
}

interface Box {
  from: PlaceKm
  to: PlaceKm
}

function boxOf(places: ReadonlyMap<string, PlaceKm>): Box {
  const [xs, ys] = [[...places.values()].map(({ x }) => x), [...places.values()].map(({ y }) => y)]
  return { from: { x: Math.min(...xs), y: Math.min(...ys) }, to: { x: Math.max(...xs), y: Math.max(...ys) } }
}

function stormOf(one: ScenarioHappening, { from, to }: Box, seed: number, startAt: number): Storm {
  const [east = 0.5, north = 0.5] = one.centre ?? []
  const [x = 2, y = 0] = one.drift ?? []
  const draw = (low: number, high: number, key: number): number => between(low, high, seed, keyOf(one.id), key)
  return {
    start: startAt + spanMs(one.at),
    durationMs: spanMs(one.lasts),
    depth: one.size,
    centre: { x: from.x + east * (to.x - from.x), y: from.y + north * (to.y - from.y) },
    drift: { x, y },
    radiusKm: Math.max(12, (one.radius ?? 0.35) * Math.max(to.x - from.x, to.y - from.y)),
    bursts: [draw(0.2, 0.4, 1), draw(0.55, 0.75, 2)],
    share: draw(0.35, 0.6, 3),
  }
}

/** The fault, where it names instruments that can have it. */
function possible(fault: ScenarioFault, scenario: string, i: number): ScenarioFault {
  const [, parameter = '*'] = fault.where?.split('/') ?? []
  if (parameter === '*' || canStrike(fault.type, parameter)) return fault
  throw new ScenarioInvalid(scenario, [
    { path: `faults.${i}.where`, message: `no instrument of ${parameter} can have the fault ${fault.type}` },
  ])
}

function orderOf({ type, where = '*', share = 1, every, at, lasts, height }: ScenarioFault, startAt: number): FaultOrder {
  return {
    ...{ type, where, share, lastsMs: spanMs(lasts), height: height ?? null },
    everyMs: every === undefined ? null : spanMs(every),
    at: startAt + spanMs(at),
  }
}

const fiveMinutes = 300_000

function systemFaultOf({ fault: type, at, lasts }: ScenarioSystemFault, startAt: number): SystemFault {
  const from = startAt + spanMs(at)
  return { id: `${type}:${Math.round(from / 1000).toString(36)}`, type, from, to: from + spanMs(lasts, fiveMinutes) }
}
