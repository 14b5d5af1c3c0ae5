import type { Station } from '../../domain/network.ts'
import { createRiverGraph } from '../../domain/river-graph.ts'
import { createIntake, type Intake } from './abstraction.ts'
import {
  add,
  addWater,
  carrying,
  concentration,
  decay,
  leftAfter,
  moveShare,
  noAmounts,
  substances,
  water,
  type Amounts,
  type Concentrations,
} from './amounts.ts'
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
import type { Happening, Strength } from './happenings.ts'
import type { CatchmentModel, OutfallFacts, StationFacts } from './model.ts'
import { createSewage, daily, effluent, nightSlip, type SewageStrength } from './sewage.ts'
import type { PlaceKm, Rain } from './storms.ts'

/** What a station's water is like at the end of a step; a row of plain numbers, so that two can be joined by a straight line. */
export const qualities = [
  'flow',
  'level',
  'rain',
  'given',
  'taken',
  'wetness',
  'salt',
  'sediment',
  'ammonia',
  'organic',
  'phosphorus',
] as const
export type Quality = (typeof qualities)[number]
export type WaterState = Float64Array
/** Where each quality stands in a state; the substances come last, in the order of an amounts vector. */
export const place = Object.fromEntries(qualities.map((name, i) => [name, i])) as Readonly<Record<Quality, number>>

interface Node {
  id: string
  facts: StationFacts
  lon: number
  land: Land | null
  rain: Rain
  spills: readonly Happening[]
  /** Nothing but the rain is known of it. */
  isDry: boolean
  /** Where its water goes; null at a mouth and on dry land. */
  reach: { into: Node; route: Reach } | null
  intake: Intake | null
  /** Everything held behind a dam. */
  pool: Amounts | null
  /** What has come from above in the block in hand, step by step; null = nothing. */
  above: Float64Array | null
  state: WaterState
  course: Float64Array
}

/** Everything that came, went and is there, to compare; water in m3, the rest in g. */
export interface Balance {
  came: Amounts
  went: Amounts
  there: Amounts
}

export interface River {
  /** Carries the water over so many steps from a moment on, 1 to `blockSteps`, which nobody looks at. */
  carry(from: number, steps: number): void
  /** The same with 1 to `seenSteps`, of which the course is kept. */
  carrySeen(from: number, steps: number): void
  /** Qualities at the begin of the last `carrySeen` and at the end of each of its steps, row by row; the same array each time. Null for an unknown station. */
  course(station: string): Float64Array | null
  balance(): Balance
}

interface RiverParts {
  stations: readonly Station[]
  model: CatchmentModel
  rainOver: (place: PlaceKm) => Rain
  seed: number
  strength: Strength
  spills: readonly Happening[]
}

/**
 * Most steps that one station is carried over before the next below it: what it holds is fetched once for all of them. The water is the same as
 * step by step, for nothing flows upward. The weather of all their moments is remembered (`atMoments`).
 */
export const blockSteps = 288

/** Most steps whose course is kept: an hour. */
export const seenSteps = 12

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
export function createRiver(parts: RiverParts): River {
  const { stations, seed, strength } = parts
  const places = placesOf(stations)
  const nodes = new Map(stations.map((station) => [station.id as string, createNode(station, places.get(station.id), parts)]))
  const order = createRiverGraph(stations).order.flatMap((id) => nodes.get(id) ?? [])
  for (const { id, reach } of stations) {
    const [node, into] = [nodes.get(id), nodes.get(reach?.downstream ?? '')]
    if (!node || !into) continue
    node.reach = { into, route: createReach((reach?.travelTimeMs ?? 3_600_000) / 3_600_000) }
    into.isDry = false
  }
  const [came, went] = [noAmounts(), noAmounts()]
  const step: Step = { at: 0, middle: 0, rain: 0, seed, strength, sewageAt: createSewage(seed), came, went }
  const [passing, leaving] = [createBlock(), createBlock()]
  const flow = createFlow()
  const carry = (from: number, steps: number, isSeen: boolean): void => {
    for (const node of order) {
      if (isSeen) node.course.set(node.state)
      flow.arriveAt(node, passing.all)
      for (let nth = 0; nth < steps; nth += 1) {
        step.at = from + nth * stepMs
        step.middle = step.at + stepMs / 2
        const own = passing.byStep[nth] ?? noAmounts()
        stepNode(node, own, leaving.byStep[nth] ?? noAmounts(), step)
        if (isSeen || nth === steps - 1) show(node, own, step.at)
        if (isSeen) node.course.set(node.state, (nth + 1) * qualities.length)
      }
      if (node.reach !== null && !node.isDry) flow.goOn(node.reach.into, leaving.all)
    }
  }
  return {
    carry: (from, steps) => carry(from, steps, false),
    carrySeen: (from, steps) => carry(from, steps, true),
    course: (station) => nodes.get(nodes.get(station)?.facts.waterOf ?? station)?.course ?? null,
    balance: () => balanceOf(order, came, went),
  }
}

/** Amounts for each step of a block, beside each other: one for all stations, so that it stays near the processor. */
interface Block {
  all: Float64Array
  byStep: readonly Amounts[]
}

function createBlock(): Block {
  const size = substances.length
  const all = new Float64Array(blockSteps * size)
  return { all, byStep: Array.from({ length: blockSteps }, (_, nth) => all.subarray(nth * size, (nth + 1) * size)) }
}

/** What is on its way from one station to the next within a block. */
function createFlow() {
  const free: Float64Array[] = []
  return {
    /** Puts what came from above into a block; nothing is above any more. */
    arriveAt(node: Node, block: Float64Array): void {
      if (node.above === null) return void block.fill(0)
      block.set(node.above)
      free.push(node.above)
      node.above = null
    },
    /** Lets a block flow into a station, and empties it. */
    goOn(into: Node, block: Float64Array): void {
      if (into.above === null) {
        into.above = free.pop() ?? new Float64Array(block.length)
        into.above.set(block)
      } else add(into.above, block)
      block.fill(0)
    },
  }
}

function createNode(station: Station, where: PlaceKm = { x: 0, y: 0 }, { model, rainOver, spills }: RiverParts): Node {
  const facts = model.get(station.id) ?? {}
  const pool = facts.reservoir === undefined ? null : noAmounts()
  if (pool !== null && facts.reservoir !== undefined && facts.land !== undefined)
    addWater(pool, reservoirVolume(facts.reservoir, facts.reservoir.normalLevel), facts.land.groundwater)
  const own = spills.filter((spill) => spill.station === station.id)
  return {
    id: station.id,
    facts,
    rain: rainOver(where),
    spills: own,
    isDry: own.length === 0 && [facts.land, facts.outfall, facts.takes, facts.reservoir].every((fact) => fact === undefined),
    lon: station.location?.lon ?? 0,
    land: facts.land === undefined ? null : createLand(facts.land),
    reach: null,
    intake: facts.takes === undefined ? null : createIntake(facts.takes, station.location?.lon ?? 0),
    pool,
    above: null,
    state: new Float64Array(qualities.length),
    course: new Float64Array((seenSteps + 1) * qualities.length),
  }
}

/** What all nodes of one step share. */
interface Step extends Pick<RiverParts, 'seed' | 'strength'> {
  at: number
  middle: number
  sewageAt: (at: number) => SewageStrength
  /** mm/h at the node. */
  rain: number
  came: Amounts
  went: Amounts
}

/** @param passing what comes from above, then what its own land and works give, at last what goes on; @param leaving what gets through its reach */
function stepNode(node: Node, passing: Amounts, leaving: Amounts, step: Step): void {
  const { facts, state } = node
  const { at, went } = step
  const hours = stepS / 3600
  step.rain = node.rain(step.middle)
  state[place.rain] = (state[place.rain] ?? 0) + step.rain * hours
  if (node.isDry) return
  node.land?.step(step.rain * hours, evaporation(at, node.lon) * hours, passing)
  if (facts.outfall !== undefined) state[place.given] = discharge(node, facts.outfall, passing, step)
  for (const spill of node.spills) pour(spill, passing, step)
  throughPool(node, passing, step)
  if (node.intake !== null) state[place.taken] = take(node, node.intake, passing, step)
  if (node.reach === null) add(went, passing)
  else node.reach.route.route(passing, leaving)
}

/** What the works give into the water; m3/s. */
function discharge({ id, lon }: Node, facts: OutfallFacts, passing: Amounts, step: Step): number {
  const { at, rain, seed, strength, middle, came } = step
  const excess = strength('discharge', id, middle) + (facts.slips ? nightSlip(at, lon, seed) : 0)
  const { flow, cod, ammonia, phosphorus } = effluent(facts, { at, lon, rain, strength: step.sewageAt(at), excess })
  const source = sewageOf(ammonia, cod, phosphorus)
  addWater(passing, flow * stepS, source)
  addWater(came, flow * stepS, source)
  return flow
}

const sewage = carrying({ salt: 420, sediment: 12, ammonia: 0, organic: 0, phosphorus: 0 })
const [ofAmmonia, ofOrganic, ofPhosphorus] = (['ammonia', 'organic', 'phosphorus'] as const).map((name) => substances.indexOf(name)) as [
  number,
  number,
  number,
]

/** mg/L; the same array each time, for it is asked for in each step. */
function sewageOf(ammonia: number, organic: number, phosphorus: number): Concentrations {
  sewage[ofAmmonia] = ammonia
  sewage[ofOrganic] = organic
  sewage[ofPhosphorus] = phosphorus
  return sewage
}

/** What an accident gives into the water. */
function pour(spill: Happening, passing: Amounts, { at, came }: Step): void {
  const overlap = Math.min(spill.to, at + stepMs) - Math.max(spill.from, at)
  if (overlap <= 0) return
  const grams = (1000 * spill.size * overlap) / (spill.to - spill.from)
  const of = substances.indexOf(spill.substance)
  passing[of] = (passing[of] ?? 0) + grams
  came[of] = (came[of] ?? 0) + grams
}

const leftOfStep = leftAfter(stepS / 3600)

/** Everything mixes and decays behind the dam; what leaves has the mixture's concentrations. Gates may let out more than the rule. */
function throughPool({ id, pool, facts: { reservoir } }: Node, passing: Amounts, { strength, middle, went }: Step): void {
  if (pool === null || reservoir === undefined) return
  moveShare(passing, 1, pool)
  decay(pool, leftOfStep, went)
  const volume = pool[water] ?? 0
  const out = (reservoirOutflow(reservoir, reservoirLevel(reservoir, volume)) + strength('release', id, middle)) * stepS
  moveShare(pool, Math.min(1, out / Math.max(1, volume)), passing)
}

function take({ id }: Node, intake: Intake, passing: Amounts, { middle, rain, strength, went }: Step): number {
  const wanted = intake.wanted(middle) * (1 + strength('thirst', id, middle))
  const flow = (passing[water] ?? 0) / stepS
  const share = flow <= 0 ? 0 : Math.min(0.25, wanted / flow)
  moveShare(passing, share, went)
  intake.step(middle, stepS / 3600, rain, flow * share)
  return flow * share
}

/** Puts down what the water is like at the end of a step that began at a moment. */
function show({ facts, land, pool, state }: Node, passing: Amounts, at: number): void {
  const flow = (passing[water] ?? 0) / stepS
  const parcel = pool ?? passing
  const level =
    pool !== null && facts.reservoir !== undefined
      ? reservoirLevel(facts.reservoir, pool[water] ?? 0)
      : facts.rating
        ? stageOf(facts.rating, flow)
        : 0
  state[place.flow] = flow
  state[place.level] = facts.tide ? level + tide(facts.tide, at) : level
  state[place.wetness] = land?.wetness() ?? 0
  for (let i = 1; i < parcel.length; i += 1) state[place.wetness + i] = concentration(parcel, i)
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
  for (const { land, reach, pool } of order) {
    if (land !== null) {
      add(all.came, land.entered)
      land.stored(all.there)
      all.there[water] = (all.there[water] ?? 0) + land.storedWater()
      all.went[water] = (all.went[water] ?? 0) + land.evaporated()
    }
    reach?.route.stored(all.there)
    if (reach !== null) add(all.went, reach.route.decayed)
    if (pool !== null) add(all.there, pool)
  }
  return all
}
