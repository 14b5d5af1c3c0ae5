import type { OutfallFacts } from './model.ts'
import { atMoments } from './moments.ts'
import { between, keyOf, wander } from './random.ts'

const hour = 3_600_000
const day = 24 * hour

/** Hour of the day by the sun at a longitude, 0..24. */
export function solarHour(at: number, lon: number): number {
  const hours = at / hour + lon / 15
  const clock = hours - 24 * Math.floor(hours / 24)
  return clock < 0 ? clock + 24 : clock
}

/** One wave a day with its peak at an hour; -1..1. */
export function daily(at: number, lon: number, peakHour: number): number {
  return Math.cos(((solarHour(at, lon) - peakHour) / 12) * Math.PI)
}

/** What a sewage works gives at a moment. */
export interface Effluent {
  /** m3/s. */
  flow: number
  /** mg/L. */
  cod: number
  ammonia: number
  phosphorus: number
}

/** How much stronger than usual sewage is at a moment, the same at all works. */
export interface SewageStrength {
  at: number
  cod: number
  ammonia: number
  phosphorus: number
}

export const createSewage = (seed: number): ((at: number) => SewageStrength) =>
  atMoments((at) => ({
    at,
    cod: 1 + 0.08 * wander(at, 8 * hour, seed, 11),
    ammonia: 1 + 0.15 * wander(at, 6 * hour, seed, 12),
    phosphorus: 1 + 0.1 * wander(at, 9 * hour, seed, 13),
  }))

/** When and how a sewage works runs. */
export interface Works {
  at: number
  lon: number
  /** How strong it is now. */
  strength: SewageStrength
  /** mm/h. */
  rain: number
  /** So many times more than usual goes through it. */
  excess: number
}

/** Two peaks a day, more flow in rain; in excess most is ammonia. */
export function effluent(facts: OutfallFacts, { at, lon, strength, rain, excess }: Works): Effluent {
  const rhythm = 1 + 0.22 * daily(at, lon, 9) + 0.14 * Math.cos(((solarHour(at, lon) - 20) / 6) * Math.PI)
  return {
    flow: facts.flow * rhythm * (1 + Math.min(0.6, rain / 15)),
    cod: Math.max(4, facts.cod * strength.cod * (1 + 0.125 * excess)),
    ammonia: Math.max(0.05, facts.ammonia * strength.ammonia * (1 + excess)),
    phosphorus: Math.max(0.02, facts.phosphorus * strength.phosphorus * (1 + excess / 12)),
  }
}

const [nightKey, startKey, lastsKey] = [keyOf('night'), keyOf('start'), keyOf('lasts')]

/** 0 in honest hours; in every four days one night when something that should not be there goes through the works: up to 12. */
export function nightSlip(at: number, lon: number, seed: number): number {
  const block = Math.floor(at / (4 * day))
  const night = Math.floor(between(0, 3, seed, nightKey, block))
  const midnight = (block * 4 + night + 1) * day - (lon / 15) * hour
  const start = midnight + between(-1.5, 1.5, seed, startKey, block) * hour
  const lasts = between(2.5, 4.5, seed, lastsKey, block) * hour
  const part = (at - start) / lasts
  return part <= 0 || part >= 1 ? 0 : 12 * Math.sin(part * Math.PI) ** 0.5
}
