import type { AirPlace } from './air.ts'
import { keyOf, wander } from './random.ts'
import { daily } from './sewage.ts'

const [hour, day] = [3_600_000, 86_400_000]

/** How hard a boiler works, 0.5 … 1: by day more than by night. */
function boiler(at: number, { lon, seed, key }: AirPlace): number {
  return Math.min(1, Math.max(0.5, 0.78 + 0.12 * daily(at, lon, 15) + 0.05 * wander(at, 6 * hour, seed, key)))
}

const slow = (at: number, { seed }: AirPlace, name: string): number => wander(at, day / 4, seed, keyOf(name))

/** What the stack of a heating plant shows, by parameter, in its unit. */
export const flueSources: ReadonlyMap<string, (at: number, place: AirPlace) => number> = new Map([
  ['flue_soot', (at: number, place: AirPlace) => 6 + 5 * boiler(at, place) + 1.2 * slow(at, place, 'soot')],
  ['flue_oxygen', (at: number, place: AirPlace) => 9.5 - 3.5 * boiler(at, place) + 0.3 * slow(at, place, 'oxygen')],
  ['flue_temperature', (at: number, place: AirPlace) => 95 + 35 * boiler(at, place) + 2 * slow(at, place, 'heat')],
  ['flue_velocity', (at: number, place: AirPlace) => 14 * boiler(at, place) + 0.4 * slow(at, place, 'draught')],
  ['flue_humidity', (at: number, place: AirPlace) => 7.5 + 1.5 * boiler(at, place) + 0.2 * slow(at, place, 'steam')],
  ['flue_gas_flow', (at: number, place: AirPlace) => 62 * boiler(at, place) + slow(at, place, 'draught')],
])
