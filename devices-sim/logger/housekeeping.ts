import type { Reading } from '../../domain/reading.ts'
import { season } from '../world/air.ts'
import { between, keyOf, uniform, wander } from '../world/random.ts'
import { daily } from '../world/sewage.ts'

/** Where a device stands and what it lives on. */
export interface Upkeep {
  /** Chance of its own. */
  key: number
  lon: number
  seed: number
  /** A panel and a battery; else mains, with the battery full behind it. */
  isSolar: boolean
  /** mm/h there; left out: unknown, no rain. */
  rain?: (at: number) => number
}

const [hour, day] = [3_600_000, 86_400_000]

/** V of a lead battery: empty, full, and what a charger adds while it works; a charger on mains holds it there. */
const [emptyV, fullV, chargingV] = [11.6, 12.8, 0.9]

/** Share of a battery that a logger with its radio needs a day, and that its panel brings on a clear day between the seasons. */
const [usePerDay, gainPerDay] = [0.06, 0.16]

/** Days that a battery remembers: after so many it has been full or empty, whatever it was before. */
const memoryDays = 25

/** Share of the sun that clouds leave, 0.15..1: fronts of a day and a half over the whole basin, and nothing but grey while it rains. */
export function clearness(at: number, seed: number, rain = 0): number {
  const clear = 0.65 + 0.3 * wander(at, 1.5 * day, seed, keyOf('cloud'))
  return Math.min(1, Math.max(0.15, rain > 0.2 ? 0.15 : clear))
}

/** Sun of a clear day, as a share of that between the seasons: high and long in July, half of it in January. */
const sunOf = (at: number): number => 1 + 0.4 * season(at)

/** What is left in a battery at the end of a day, 0..1; a function of the day, so that it does not matter when somebody begins to look. */
function createBattery({ seed, rain = () => 0 }: Upkeep): (at: number) => number {
  const clear = (at: number): number => clearness(at, seed, rain(at))
  const gained = new Map<number, number>()
  const gain = (ofDay: number): number => {
    const known = gained.get(ofDay)
    if (known !== undefined) return known
    if (gained.size > 4 * memoryDays) gained.clear()
    const noon = ofDay * day + 4 * hour
    const mean = [-4, -2, 0, 2, 4].reduce((sum, off) => sum + clear(noon + off * hour), 0) / 5
    gained.set(ofDay, gainPerDay * sunOf(noon) * mean)
    return gained.get(ofDay) ?? 0
  }
  let [known, left] = [NaN, 1]
  return (at) => {
    const today = Math.floor(at / day)
    if (today === known) return left
    left = 1
    for (let one = today - memoryDays; one < today; one += 1) left = Math.min(1, Math.max(0, left + gain(one) - usePerDay))
    known = today
    return left
  }
}

/** V at a moment. @param drained how far a battery that breaks down is on its way to be empty, 0..1 */
export function createVolts(upkeep: Upkeep): (at: number, drained: number) => number {
  const { key, lon, seed, isSolar, rain = () => 0 } = upkeep
  const charge = createBattery(upkeep)
  return (at, drained) => {
    const noise = 0.03 * wander(at, 3 * hour, seed, key)
    const sun = isSolar ? sunOf(at) * clearness(at, seed, rain(at)) * Math.max(0, daily(at, lon, 12)) : 1
    const resting = emptyV + (fullV - emptyV) * (isSolar ? charge(at) : 1)
    const volts = resting + chargingV * Math.min(1, sun) + noise
    return volts - (volts - emptyV + 0.8) * drained
  }
}

/** One device in eight has a poor line: in a valley, behind a dam. */
const [poorShare, poorDbm, usualDbm] = [0.125, [-107, -101], [-88, -72]] as const

/** dBm of its radio at a moment; it fades for hours, in one that is poor until nothing gets through. */
export function signalAt(at: number, { key, seed }: Pick<Upkeep, 'key' | 'seed'>): number {
  const [low, high] = uniform(seed, key, 41) < poorShare ? poorDbm : usualDbm
  return between(low, high, seed, key, 42) + 2 * wander(at, hour, seed, key)
}

/** Chance that one try gets through: half at -107 dBm, nearly always at -99. */
const getsThrough = (dbm: number): number => 1 / (1 + Math.exp(-(dbm + 107) / 2))

/** A try that fails is followed by another after 20, 40, 80 and 160 s; the fifth gets through, so that no message is late by more than 5 min. */
const [firstPauseMs, mostTries] = [20_000, 5]

/** ms until a message that leaves at a moment has got through. */
export function tryingMs(at: number, upkeep: Pick<Upkeep, 'key' | 'seed'>): number {
  let waited = 0
  for (let tries = 1; tries < mostTries; tries += 1) {
    if (uniform(upkeep.seed, upkeep.key, at, 50 + tries) < getsThrough(signalAt(at + waited, upkeep))) break
    waited += firstPauseMs * 2 ** (tries - 1)
  }
  return waited
}

/** What a device says of itself beside its values: `battery` (V) and `signal` (dBm). */
export function statusOf(volts: number, dbm: number, station: string | null = null): Reading[] {
  const one = (name: string, value: number): Reading => ({ name, number: null, station, value, unit: null, sourceQuality: null })
  return [one('battery', Math.round(volts * 100) / 100), one('signal', Math.round(dbm))]
}
