import { keyOf, wander } from './random.ts'
import { daily } from './sewage.ts'

const hour = 3_600_000
const day = 24 * hour
const year = 365.2425 * day

/** -1 in the coldest days of January, 1 in July (northern hemisphere). */
export function season(at: number): number {
  return -Math.cos((2 * Math.PI * (at - 15 * day)) / year)
}

/** Where air is measured. */
export interface AirPlace {
  lon: number
  /** How much is emitted around it: 1 = a quiet town. */
  load: number
  /** Key of its own chance. */
  key: number
  seed: number
  /** So many times staler than the weather makes it. */
  stagnation: (at: number) => number
}

/** Share of the dirt that a rain of mm/h leaves in the air. */
const washed = (rain: number): number => 1 / (1 + 0.25 * rain)

/** °C at a moment. */
export function airTemperature(at: number, { lon, seed }: AirPlace, rain: number): number {
  return 17.5 + 9.5 * season(at) + 3.8 * daily(at, lon, 15) + 2.2 * wander(at, 2 * day, seed, keyOf('front')) - Math.min(3, rain / 3)
}

/** Whether water at a bank may freeze then: a night as cold as three deviations of the weather make it is below 0 °C. December to February. */
export function mayFreeze(at: number): boolean {
  return 17.5 + 9.5 * season(at) - 3.8 - 3 * 2.2 < 0
}

/** %, from the temperature's distance to its daily mean and the rain. */
export function humidity(at: number, place: AirPlace, rain: number): number {
  const dry = 72 - 14 * daily(at, place.lon, 15) + 7 * wander(at, day, place.seed, keyOf('moist'))
  return Math.min(99, Math.max(25, dry + Math.min(24, 10 * rain)))
}

/** Stale air of some days: 0.5 clean … 2.5 under an inversion. */
function stale(at: number, { lon, seed, stagnation }: AirPlace): number {
  return (1 + stagnation(at)) * Math.exp(0.42 * wander(at, 1.7 * day, seed, keyOf('stale')) - 0.12 * daily(at, lon, 14) - 0.15 * season(at))
}

/** Morning and evening traffic, 0.6 … 1.5. */
function traffic(at: number, { lon, load }: AirPlace): number {
  const rush = Math.max(0, daily(at, lon, 8)) ** 4 + Math.max(0, daily(at, lon, 19)) ** 4
  return load * (0.65 + 0.75 * rush)
}

const own = (at: number, { seed, key }: AirPlace): number => Math.exp(0.12 * wander(at, 3 * hour, seed, key))

/** µg/m3, CO in mg/m3, by parameter. */
export const airSources: ReadonlyMap<string, (at: number, place: AirPlace, rain: number) => number> = new Map([
  ['pm2_5', (at: number, place: AirPlace, rain: number) => 26 * place.load ** 0.6 * stale(at, place) * own(at, place) * washed(rain)],
  ['pm10', (at: number, place: AirPlace, rain: number) => 46 * place.load ** 0.7 * stale(at, place) * own(at + hour, place) * washed(rain)],
  ['no2', (at: number, place: AirPlace) => 22 * traffic(at, place) * stale(at, place) ** 0.8 * own(at, place)],
  ['so2', (at: number, place: AirPlace) => 7 * place.load * stale(at, place) ** 0.6 * own(at + 2 * hour, place)],
  ['co', (at: number, place: AirPlace) => 0.45 + 0.25 * traffic(at, place) * stale(at, place)],
  ['o3', ozone],
  ['air_temperature', airTemperature],
  ['relative_humidity', humidity],
  ['wind_speed', (at: number, place: AirPlace, rain: number) => Math.min(18, (2.4 + 0.15 * rain) / stale(at, place))],
])

/** Made by the sun, eaten by fresh exhaust. */
function ozone(at: number, place: AirPlace, rain: number): number {
  const sun = Math.max(0, 0.35 + daily(at, place.lon, 14.5)) * (1 + 0.35 * season(at)) * washed(4 * rain)
  return Math.max(4, 34 + 62 * sun - 14 * traffic(at, place) + 6 * wander(at, 6 * hour, place.seed, place.key))
}
