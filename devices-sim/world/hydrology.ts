import {
  add,
  addWater,
  decay,
  leftAfter,
  moveShare,
  noAmounts,
  sediment,
  substances,
  water,
  type Amounts,
  type Concentrations,
} from './amounts.ts'

/** Length of one step of the simulation, s and ms. */
export const stepS = 300
export const stepMs = stepS * 1000

/** Share of a linear reservoir (Q = S/k) that leaves in one step. */
export const leaving = (kHours: number): number => 1 - Math.exp(-stepS / (kHours * 3600))

/** One stretch of river: what flows in leaves `travelHours` later, on average, and somewhat spread out. */
export interface Reach {
  /** Takes what came in during a step and gives what leaves in it. Nothing is lost: in = out + change of `stored` + `decayed`. */
  route(inflow: Amounts, outflow: Amounts): void
  /** Adds what is on its way to `sum`. */
  stored(sum: Amounts): void
  /** What has decayed on the way so far. */
  decayed: Amounts
}

/**
 * Lag-and-route: 70 % of the travel time as pure delay, the rest as a linear reservoir. For what is dissolved that is the aggregated dead zone
 * model of longitudinal dispersion: a pulse comes later, lower and longer, and nothing of it is lost but what decays.
 */
export function createReach(travelHours: number): Reach {
  const delay = Math.max(0, Math.round((0.7 * travelHours * 3600) / stepS))
  const underway = new Float64Array(delay * substances.length)
  const share = leaving(Math.max(0.3 * travelHours, 0.02))
  const pool = noAmounts()
  const decayed = noAmounts()
  const leftOfDelay = leftAfterSteps(delay)
  let place = 0
  return {
    route(inflow, outflow) {
      if (delay === 0) add(pool, inflow)
      else {
        for (let i = 0; i < pool.length; i += 1) {
          const parcel = underway[place + i] ?? 0
          const lost = parcel * (1 - (leftOfDelay[i] ?? 1))
          pool[i] = (pool[i] ?? 0) + (parcel - lost)
          decayed[i] = (decayed[i] ?? 0) + lost
          underway[place + i] = inflow[i] ?? 0
        }
        place = (place + pool.length) % underway.length
      }
      decay(pool, leftOfStep, decayed)
      moveShare(pool, share, outflow)
    },
    stored(sum) {
      add(sum, pool)
      for (const [i, amount] of underway.entries()) sum[i % sum.length] = (sum[i % sum.length] ?? 0) + amount
    },
    decayed,
  }
}

const leftOfStep = leftAfter(stepS / 3600)
const known = new Map<number, Amounts>()

/** What is left after so many steps: one array for all reaches of that length. */
function leftAfterSteps(steps: number): Amounts {
  const left = known.get(steps) ?? leftAfter((steps * stepS) / 3600)
  known.set(steps, left)
  return left
}

/** The land that drains to one station without passing another. */
export interface LandFacts {
  areaKm2: number
  /** Share of rain that runs off at once even from dry ground: roofs and roads. */
  sealed: number
  /** Hours of the two reservoirs of quick runoff (a Nash cascade of two). */
  quickHours: number
  /** Water from the ground and water from the surface, mg/L. */
  groundwater: Concentrations
  surface: Concentrations
}

export interface Land {
  /** One step of rain (mm) and possible evaporation (mm); what runs off is added to `outflow`. */
  step(rainMm: number, evaporationMm: number, outflow: Amounts): void
  /** How full the soil is, 0..1. */
  wetness(): number
  /** m3 in soil, on slopes and in the ground. */
  storedWater(): number
  /** m3 evaporated so far. */
  evaporated(): number
  /** Substances that have entered, per amounts vector (water = rain), g and m3. */
  entered: Amounts
  /** Substances still on the slopes. */
  stored(sum: Amounts): void
}

const soilMm = 110
const groundHours = 60

/** Soil that fills and drains, quick runoff over two reservoirs, and slow water from the ground. Water is conserved to rounding. */
export function createLand(facts: LandFacts): Land {
  const perMm = facts.areaKm2 * 1000
  const quick = leaving(facts.quickHours / 2)
  const [draining, seeping] = [leaving(260), leaving(groundHours)]
  const [slope, stream] = [noAmounts(), noAmounts()]
  const entered = noAmounts()
  // fields of an object, not variables of their own: each change of such a one would be a new number on the heap
  const held = { soil: 0.45 * soilMm * perMm, ground: 0.02 * facts.areaKm2 * groundHours * 3600, evaporated: 0 }
  const give = (volume: number, of: Concentrations, to: Amounts): void => {
    addWater(to, volume, of)
    addWater(entered, volume, of)
    entered[water] = (entered[water] ?? 0) - volume
  }
  /** Hard rain takes more soil along. */
  const erode = (volume: number, rainMm: number): void => {
    const more = volume * (facts.surface[sediment] ?? 0) * (Math.min(8, (rainMm * 3600) / stepS / 4) - 1)
    slope[sediment] = (slope[sediment] ?? 0) + more
    entered[sediment] = (entered[sediment] ?? 0) + more
  }
  return {
    entered,
    step(rainMm, evaporationMm, outflow) {
      const rain = rainMm * perMm
      entered[water] = (entered[water] ?? 0) + rain
      const wetness = held.soil / (soilMm * perMm)
      const runoff = rain > 0 ? rain * Math.min(0.95, facts.sealed + (1 - facts.sealed) * wetness ** 2) : 0
      const dried = Math.min(held.soil, evaporationMm * perMm * wetness)
      const drained = wetness > 0.2 ? held.soil * draining * (wetness - 0.2) : 0
      held.soil += rain - runoff - dried - drained
      held.evaporated += dried
      held.ground += drained
      const seeped = held.ground * seeping
      held.ground -= seeped
      if (runoff > 0) {
        give(runoff, facts.surface, slope)
        erode(runoff, rainMm)
      }
      moveShare(slope, quick, stream)
      moveShare(stream, quick, outflow)
      give(seeped, facts.groundwater, outflow)
    },
    wetness: () => held.soil / (soilMm * perMm),
    storedWater: () => held.soil + held.ground,
    evaporated: () => held.evaporated,
    stored(sum) {
      add(sum, slope)
      add(sum, stream)
    },
  }
}

/** Q = C (h − h0)^b, m3/s and m; the other way round: the level that carries a flow. */
export interface Rating {
  c: number
  h0: number
  b: number
}

/** m above the gauge's zero that carries so many m3/s. */
export function stageOf(rating: Rating, flow: number): number {
  return rating.h0 + (Math.max(0, flow) / rating.c) ** (1 / rating.b)
}

/** A reservoir: its shape, its aim and its way out. */
export interface ReservoirFacts {
  /** m3 = shape.factor × (level − shape.bottom)^2, level in m above datum. */
  shape: { factor: number; bottom: number }
  /** Level it is kept near, m, and m3/s that always leave. */
  normalLevel: number
  leastOutflow: number
  /** m3/s more for each m above the normal level, up to so many m3/s. */
  perMetre: number
  mostOutlet: number
  /** Crest of the spillway, m, and m3/s for 1 m over it (Q = c H^1.5). */
  crest: number
  spill: number
}

export function reservoirLevel({ shape }: ReservoirFacts, volume: number): number {
  return shape.bottom + Math.sqrt(Math.max(0, volume) / shape.factor)
}

export function reservoirVolume({ shape }: ReservoirFacts, level: number): number {
  return shape.factor * Math.max(0, level - shape.bottom) ** 2
}

/** m3/s that leave at a level: the least, more above the normal level, and the spillway's share above its crest. */
export function reservoirOutflow(facts: ReservoirFacts, level: number): number {
  const above = Math.max(0, level - facts.normalLevel)
  const outlet = facts.leastOutflow + Math.min(facts.mostOutlet, facts.perMetre * above)
  return outlet + facts.spill * Math.max(0, level - facts.crest) ** 1.5
}
