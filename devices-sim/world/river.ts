import type { Station } from '../../domain/network.ts'
import { createRiverGraph } from '../../domain/river-graph.ts'
import { add, addWater, carrying, concentration, moveShare, noAmounts, water, type Amounts } from './amounts.ts'
import {
  createLand,
  createReach,
  reservoirLevel,
  reservoirOutflow,
  reservoirVolume,
  stageOf,
  stepMs,
  stepS,
  type Land,
  type Reach,
} from './hydrology.ts'
import type { CatchmentModel, StationFacts } from './model.ts'
import { daily, effluent } from './sewage.ts'
import type { PlaceKm } from './storms.ts'

/** What a station's water is like at the end of a step; a row of plain numbers, so that two can be joined by a straight line. */
export const qualities = ['flow', 'level', 'rain', 'given', 'taken', 'salt', 'sediment', 'ammonia', 'organic', 'phosphorus'] as const
export type Quality = (typeof qualities)[number]
export type WaterState = Float64Array
/** Where each quality stands in a state; the substances come last, in the order of an amounts vector. */
export const place = Object.fromEntries(qualities.map((name, i) => [name, i])) as Readonly<Record<Quality, number>>

interface Node {
  id: string
  facts: StationFacts
  where: PlaceKm
  lon: number
  land: Land | null
  /** Where its water goes; null at a mouth and on dry land. */
  reach: { into: Node; route: Reach } | null
  /** Everything held behind a dam. */
  pool: Amounts | null
  inflow: Amounts
  passing: Amounts
  state: WaterState
}

/** Everything that came, went and is there, to compare; water in m3, the rest in g. */
export interface Balance {
  came: Amounts
  went: Amounts
  there: Amounts
}

export interface River {
  /** Carries the water over [at, at + one step). */
  step(at: number): void
  /** State at the end of the last step; the same array each time. Null for an unknown station. */
  state(station: string): WaterState | null
  balance(): Balance
}

interface RiverParts {
  stations: readonly Station[]
  model: CatchmentModel
  rainAt: (at: number, place: PlaceKm) => number
  seed: number
}

/** Middle of the plane: the mean of all positions. */
export function placesOf(stations: readonly Station[]): Map<string, PlaceKm> {
  const located = stations.flatMap(({ location }) => (location === null ? [] : [location]))
  const mean = (pick: (at: { lon: number; lat: number }) => number): number =>
    located.reduce((sum, at) => sum + pick(at), 0) / Math.max(1, located.length)
  const [lon, lat] = [mean((at) => at.lon), mean((at) => at.lat)]
  const kmPerDegree = 111.32
  return new Map(
    stations.map(({ id, location }) => [
      id,
      {
        x: ((location?.lon ?? lon) - lon) * kmPerDegree * Math.cos((lat * Math.PI) / 180),
        y: ((location?.lat ?? lat) - lat) * kmPerDegree,
      },
    ]),
  )
}

/** The water of a network: rain on land, runoff, reaches in the order of the river, reservoirs, intakes and outfalls. Pure state. */
export function createRiver({ stations, model, rainAt, seed }: RiverParts): River {
  const places = placesOf(stations)
  const nodes = new Map(stations.map((station) => [station.id as string, createNode(station, model, places)]))
  const order = createRiverGraph(stations).order.flatMap((id) => nodes.get(id) ?? [])
  for (const { id, reach } of stations) {
    const [node, into] = [nodes.get(id), nodes.get(reach?.downstream ?? '')]
    if (node && into) node.reach = { into, route: createReach((reach?.travelTimeMs ?? 3_600_000) / 3_600_000) }
  }
  const [came, went] = [noAmounts(), noAmounts()]
  return {
    step(at) {
      for (const node of order) stepNode(node, at, rainAt(at + stepMs / 2, node.where), seed, came, went)
    },
    state: (station) => nodes.get(nodes.get(station)?.facts.waterOf ?? station)?.state ?? null,
    balance: () => balanceOf(order, came, went),
  }
}

function createNode(station: Station, model: CatchmentModel, places: ReadonlyMap<string, PlaceKm>): Node {
  const facts = model.get(station.id) ?? {}
  const pool = facts.reservoir === undefined ? null : noAmounts()
  if (pool !== null && facts.reservoir !== undefined && facts.land !== undefined)
    addWater(pool, reservoirVolume(facts.reservoir, facts.reservoir.normalLevel), facts.land.groundwater)
  return {
    id: station.id,
    facts,
    where: places.get(station.id) ?? { x: 0, y: 0 },
    lon: station.location?.lon ?? 0,
    land: facts.land === undefined ? null : createLand(facts.land),
    reach: null,
    pool,
    inflow: noAmounts(),
    passing: noAmounts(),
    state: new Float64Array(qualities.length),
  }
}

function stepNode(node: Node, at: number, rainMmPerHour: number, seed: number, came: Amounts, went: Amounts): void {
  const { facts, passing, state } = node
  const hours = stepS / 3600
  passing.fill(0)
  moveShare(node.inflow, 1, passing)
  node.land?.step(rainMmPerHour * hours, evaporation(at, node.lon) * hours, passing)
  const given = facts.outfall === undefined ? null : effluent(facts.outfall, at, node.lon, rainMmPerHour, seed)
  if (given !== null) {
    const { cod, ammonia, phosphorus } = given
    const source = carrying({ salt: 420, sediment: 12, ammonia, organic: cod, phosphorus })
    addWater(passing, given.flow * stepS, source)
    addWater(came, given.flow * stepS, source)
  }
  if (node.pool !== null && facts.reservoir !== undefined) throughPool(node.pool, facts.reservoir, passing)
  const taken = facts.takes === undefined ? 0 : take(facts.takes, at, node.lon, passing, went)
  record(node, rainMmPerHour * hours, given?.flow ?? 0, taken)
  if (facts.tide) state[place.level] = (state[place.level] ?? 0) + tide(facts.tide, at)
  if (node.reach === null) add(went, passing)
  else node.reach.route.route(passing, node.reach.into.inflow)
}

/** Everything mixes behind the dam; what leaves has the mixture's concentrations. */
function throughPool(pool: Amounts, facts: NonNullable<StationFacts['reservoir']>, passing: Amounts): void {
  moveShare(passing, 1, pool)
  const volume = pool[water] ?? 0
  const out = reservoirOutflow(facts, reservoirLevel(facts, volume)) * stepS
  moveShare(pool, Math.min(1, out / Math.max(1, volume)), passing)
}

function take(mean: number, at: number, lon: number, passing: Amounts, went: Amounts): number {
  const wanted = mean * (1 + 0.25 * daily(at, lon, 19))
  const flow = (passing[water] ?? 0) / stepS
  const share = flow <= 0 ? 0 : Math.min(0.25, wanted / flow)
  moveShare(passing, share, went)
  return flow * share
}

function record({ facts, passing, pool, state }: Node, rainMm: number, given: number, taken: number): void {
  const flow = (passing[water] ?? 0) / stepS
  const parcel = pool ?? passing
  const level =
    pool !== null && facts.reservoir !== undefined
      ? reservoirLevel(facts.reservoir, pool[water] ?? 0)
      : facts.rating
        ? stageOf(facts.rating, flow)
        : 0
  state[place.flow] = flow
  state[place.level] = level
  state[place.rain] = (state[place.rain] ?? 0) + rainMm
  state[place.given] = given
  state[place.taken] = taken
  for (let i = 1; i < parcel.length; i += 1) state[place.taken + i] = concentration(parcel, i)
}

/** mm/h that sun and wind could take; 3 mm a day, by daylight. */
function evaporation(at: number, lon: number): number {
  return (3 / 24) * Math.max(0, 1 + 1.4 * daily(at, lon, 13))
}

const hour = 3_600_000
function tide([moon, sun]: readonly [number, number], at: number): number {
  return moon * Math.cos((2 * Math.PI * at) / (12.4206 * hour)) + sun * Math.cos((2 * Math.PI * at) / (12 * hour))
}

function balanceOf(order: readonly Node[], came: Amounts, went: Amounts): Balance {
  const all = { came: Float64Array.from(came), went: Float64Array.from(went), there: noAmounts() }
  for (const { land, reach, pool, inflow } of order) {
    if (land !== null) {
      add(all.came, land.entered)
      land.stored(all.there)
      all.there[water] = (all.there[water] ?? 0) + land.storedWater()
      all.went[water] = (all.went[water] ?? 0) + land.evaporated()
    }
    reach?.route.stored(all.there)
    if (pool !== null) add(all.there, pool)
    add(all.there, inflow)
  }
  return all
}
