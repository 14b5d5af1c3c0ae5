import { airTemperature } from './air.ts'
import { between } from './random.ts'
import { solarHour } from './sewage.ts'

/** Flights of a drone along a reach: from its base to the section downstream, where it dips a sonde, and back. */
export interface FlightPlan {
  /** Stations where it takes off and where it turns. */
  between: readonly [string, string]
  /** km from one to the other. */
  lengthKm: number
  /** Hours of the day, by the sun, at which it takes off. */
  hours: readonly number[]
  /** m above the sea of the ground there. */
  groundM: number
}

/** Where a drone is. */
export interface Aloft {
  /** 0 at its base, 1 over the other section. */
  part: number
  /** m above the ground or the water. */
  heightM: number
  /** True while its sonde hangs in the water. */
  dips: boolean
  /** What is left in the battery, 0..1. */
  charge: number
}

/** Where a drone is at a moment; null while it stands on the ground. */
export type Flight = (at: number) => Aloft | null

export interface FlightParts {
  seed: number
  /** Its own chance. */
  key: number
  lon: number
  /** mm/h at its base. */
  rain: (at: number) => number
}

const [second, minute, hour] = [1_000, 60_000, 3_600_000]
/** A small survey drone: 12 m/s, 35 min in the air with a full battery at 20 degrees, and a fifth of it is not to be used. */
const [kmPerMinute, enduranceMin, reserve] = [0.72, 35, 0.2]
/** m: on its way, and while it dips; it climbs in 40 s and dips for 3 min. */
const [cruiseM, dipM, climbMs, dipMs] = [80, 2, 40 * second, 3 * minute]
/** Above so many mm/h it stays at home. */
const mostRain = 1

/** One flight, as the battery allows it. */
interface Sortie {
  from: number
  outMs: number
  dips: boolean
  /** How far it gets, 0..1. */
  reach: number
  /** Minutes that the battery lasts in this air. */
  lastsMin: number
}

/**
 * The flights of a drone, made of the plan, the weather and the seed alone. The battery limits them: in the cold it holds less, and who cannot
 * reach the other section with the fifth in reserve turns on the way, without a dip.
 */
export function createFlight({ hours, lengthKm }: FlightPlan, parts: FlightParts): Flight {
  let [known, last] = [NaN, null as Sortie | null]
  const sortieOf = (start: number): Sortie | null => {
    if (start !== known) [known, last] = [start, plan(start, lengthKm, parts)]
    return last
  }
  return (at) => {
    const clock = solarHour(at, parts.lon)
    const due = hours.findLast((one) => one <= clock)
    if (due === undefined || clock - due > 1.5) return null
    const sortie = sortieOf(Math.round((at - (clock - due) * hour) / second) * second)
    return sortie === null ? null : placeIn(sortie, at)
  }
}

/** Some minutes late, as crews are; in the rain not at all. */
function plan(due: number, lengthKm: number, { seed, key, lon, rain }: FlightParts): Sortie | null {
  const from = due + Math.round(between(0, 12, seed, key, due) * 60) * second
  if (rain(from) > mostRain) return null
  const warmth = airTemperature(from, { lon, seed, key, load: 1, stagnation: () => 0 }, 0)
  const lastsMin = enduranceMin * Math.min(1, Math.max(0.6, 1 - 0.015 * (20 - warmth)))
  const usableMin = lastsMin * (1 - reserve) - (2 * climbMs) / minute
  const wayMin = lengthKm / kmPerMinute
  const dips = 2 * wayMin + dipMs / minute <= usableMin
  const reach = dips ? 1 : Math.min(1, usableMin / 2 / wayMin)
  return { from, outMs: reach * wayMin * minute, dips, reach, lastsMin }
}

function placeIn({ from, outMs, dips, reach, lastsMin }: Sortie, at: number): Aloft | null {
  const [turnAt, hoverMs] = [from + climbMs + outMs, dips ? dipMs : 0]
  const homeAt = turnAt + hoverMs + outMs + climbMs
  if (at < from || at >= homeAt) return null
  const charge = 1 - (at - from) / minute / lastsMin
  const isOver = at >= turnAt && at < turnAt + hoverMs
  const away = at < turnAt ? at - from - climbMs : homeAt - climbMs - at
  const part = isOver || outMs === 0 ? reach : reach * Math.min(1, Math.max(0, away / outMs))
  const climbed = Math.min(1, (at - from) / climbMs, (homeAt - at) / climbMs)
  return { part, heightM: isOver ? dipM : cruiseM * climbed, dips: isOver, charge }
}

/** V of its six cells: 25.2 when full, 21 when it has to be down. */
export const cellVolts = (charge: number): number => 25.2 - (4.2 * (1 - charge)) / (1 - reserve)

/** What it measures on its way; the others hang on the rope, in the water. */
export const inTheAir: ReadonlySet<string> = new Set(['pm2_5', 'pm10', 'no2', 'o3', 'air_temperature', 'relative_humidity'])

/** Share of what is in the air at the ground that is there at a height. */
export const thinned = (heightM: number): number => Math.exp(-heightM / 500)

/** °C less at a height. */
export const cooler = (heightM: number): number => 0.0098 * heightM
