import type { AbstractionFacts } from './abstraction.ts'
import type { FlightPlan } from './flight.ts'
import type { LandFacts, Rating, ReservoirFacts } from './hydrology.ts'
import type { Route } from './route.ts'

/** What works on the water at one station; all of it optional. A station without facts measures only rain, air or time. */
export interface StationFacts {
  land?: LandFacts
  rating?: Rating
  reservoir?: ReservoirFacts
  /** Sewage works: what it gives into the river. */
  outfall?: OutfallFacts
  /** Who takes water there, never more than a quarter of the flow; it leaves the river for good. */
  takes?: AbstractionFacts
  /** Half the range of the tide of 12.42 h and of 12 h, m. */
  tide?: readonly [number, number]
  /** The station whose water this one measures (a buoy on a reservoir). */
  waterOf?: string
  /** How dirty the air is and how loud the street: 1 = a quiet town. */
  air?: number
  /** A tank: m that stand in it, give or take its day. */
  tank?: number
  /** A boat: the water that it measures lies between two stations. */
  route?: Route
  /** A drone: when and along which reach it flies. */
  flights?: FlightPlan
}

export interface OutfallFacts {
  /** m3/s in the mean of a dry day. */
  flow: number
  /** Discharges by night, now and then, without a scenario's doing. */
  slips?: boolean
  /** mg/L. */
  cod: number
  ammonia: number
  phosphorus: number
}

/** Facts by station id. */
export type CatchmentModel = ReadonlyMap<string, StationFacts>
