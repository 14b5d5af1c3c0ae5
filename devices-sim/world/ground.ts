import { season } from './air.ts'
import { keyOf, wander } from './random.ts'
import { daily } from './sewage.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

/** What is around an instrument on land. */
export interface GroundView {
  at: number
  lon: number
  seed: number
  /** Key of the station's own chance. */
  key: number
  /** mm/h. */
  rain: number
  /** How full the soil is, 0..1. */
  wetness: number
  /** How loud the street is: 1 = a quiet town. */
  load: number
  /** m in the tank on an ordinary day, and above it. */
  tank: number
  filling: number
}

/** dB(A): a town by its hour, with the rain on the roofs. */
function noise({ at, lon, seed, key, rain, load }: GroundView): number {
  const busy = 54 + 7 * daily(at, lon, 14) + 4 * Math.log10(Math.max(0.1, load)) + 0.4 * Math.min(20, rain)
  return busy + 1.8 * wander(at, 20 * minute, seed, key)
}

/** nGy/h: the ground's own, and the daughters of radon that rain washes out of the air. */
function gamma({ at, seed, key, rain }: GroundView): number {
  return 86 + 3 * wander(at, day, seed, key) + 2.2 * Math.min(15, rain)
}

/** What is measured on land, in the parameter's unit. */
export const groundSources: ReadonlyMap<string, (view: GroundView) => number> = new Map([
  ['noise_leq', noise],
  ['gamma_dose_rate', gamma],
  ['soil_moisture_10cm', ({ wetness }: GroundView) => 8 + 34 * wetness],
  [
    'soil_temperature',
    ({ at, lon, seed }: GroundView) => 17 + 8 * season(at) + 1.4 * daily(at, lon, 17) + wander(at, 4 * day, seed, keyOf('front')),
  ],
  [
    'water_depth',
    ({ at, lon, seed, key, tank, filling }: GroundView) =>
      tank + filling + 0.3 * daily(at, lon, 18) + 0.1 * wander(at, 6 * hour, seed, key),
  ],
])
