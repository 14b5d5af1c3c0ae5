import { season } from './air.ts'
import { keyOf, wander } from './random.ts'
import type { Quality } from './river.ts'
import { daily } from './sewage.ts'

const day = 86_400_000

/** One station's water at one moment. */
export interface WaterView {
  at: number
  lon: number
  seed: number
  /** Key of the station's own chance. */
  key: number
  /** Still water: smaller daily swings, algae. */
  isLake: boolean
  /** So many times more algae than usual. */
  bloom: number
  of(quality: Quality): number
}

/** °C: season, weather of some days, and the sun with a lag. */
export function waterTemperature({ at, lon, seed, isLake }: WaterView): number {
  const swing = isLake ? 0.5 : 1.1
  return 17.5 + 8 * season(at) + 1.2 * wander(at, 3 * day, seed, keyOf('front')) + swing * daily(at, lon, 16.5)
}

/** Ammonia eats oxygen as slowly as bacteria grow: a pulse that just got in takes no more than this, mg/L. */
const mostByAmmonia = 1.2

/** mg/L: saturation (468/(31.6 + T), HJ 2.3-2018 for fresh water), algae by day, and what the load eats. */
export function dissolvedOxygen(view: WaterView): number {
  const saturation = 468 / (31.6 + waterTemperature(view))
  const algae = (view.isLake ? 0.09 + 0.04 * view.bloom : 0.05) * daily(view.at, view.lon, 15)
  const eaten = 0.035 * view.of('organic') + mostByAmmonia * -Math.expm1((-0.35 * view.of('ammonia')) / mostByAmmonia)
  return Math.max(0.3, saturation * (0.97 + algae) - eaten)
}

function acidity(view: WaterView): number {
  const algae = (view.isLake ? 0.25 + 0.06 * view.bloom : 0.1) * daily(view.at, view.lon, 15.5) + 0.08 * view.bloom
  return 7.1 + 0.0024 * view.of('salt') + algae + 0.06 * wander(view.at, 2.5 * day, view.seed, view.key)
}

function chlorophyll(view: WaterView): number {
  const bloom = Math.exp(0.5 * wander(view.at, 5 * day, view.seed, view.key) + 0.4 * season(view.at))
  return 9 * bloom * (1 + view.bloom) * (1 + 0.15 * daily(view.at, view.lon, 13))
}

/** What a water station measures, in the parameter's unit; mg/L and so on are those of the river's own parcel. */
export const waterSources: ReadonlyMap<string, (view: WaterView) => number> = new Map([
  ['water_level', (view: WaterView) => view.of('level')],
  ['reservoir_level_upstream', (view: WaterView) => view.of('level')],
  ['river_discharge', (view: WaterView) => view.of('flow')],
  ['water_temperature', waterTemperature],
  ['dissolved_oxygen', dissolvedOxygen],
  ['ph', acidity],
  ['conductivity', (view: WaterView) => 1.55 * view.of('salt')],
  ['turbidity', (view: WaterView) => 1.5 + 0.8 * view.of('sediment')],
  ['ammonia_nitrogen', (view: WaterView) => view.of('ammonia')],
  ['codmn', (view: WaterView) => 0.3 * view.of('organic')],
  ['cod', (view: WaterView) => view.of('organic')],
  ['total_phosphorus', (view: WaterView) => view.of('phosphorus')],
  ['total_nitrogen', (view: WaterView) => 0.7 + 1.4 * view.of('ammonia')],
  ['chlorophyll_a', chlorophyll],
  ['cyanobacteria', (view: WaterView) => 900 * chlorophyll(view)],
  ['wastewater_flow', (view: WaterView) => 1000 * view.of('given')],
  ['water_flow', (view: WaterView) => 3600 * view.of('taken')],
])
