import type { StationKind } from '../../domain/network.ts'
import { formatDuration } from '../../domain/time.ts'
import { fields, hills, town } from '../world/land.ts'
import { stageOf, type Rating, type ReservoirFacts } from '../world/hydrology.ts'
import type { StationFacts } from '../world/model.ts'
import { between, keyOf, uniform } from '../world/random.ts'
import type { PlaceKm } from '../world/storms.ts'
import * as sensors from './sensors.ts'
import type { StationFile } from './sensors.ts'
import type { Branch } from './tree.ts'
import { nameOf } from './names.ts'

/** A station as the network file has it, and what works on it. */
export interface MadeStation {
  file: StationFile
  facts: StationFacts
}

/** The mouth of every basin lies here, degrees. */
const mouth = { lon: 121.73, lat: 28.67 }
const kmPerDegree = 111.32

export const idOf = (kind: StationKind, nth: number): string => `${kind}-${String(nth).padStart(3, '0')}`

/** What every station is called and where it stands. */
export function placed(
  kind: StationKind,
  nth: number,
  where: PlaceKm,
  seed: number,
): Pick<StationFile, 'id' | 'name' | 'kind' | 'location'> {
  const lat = mouth.lat + where.y / kmPerDegree
  const lon = mouth.lon + where.x / (kmPerDegree * Math.cos((mouth.lat * Math.PI) / 180))
  const round = (degrees: number): number => Math.round(degrees * 1e5) / 1e5
  return { id: idOf(kind, nth), name: nameOf(kind, nth, seed), kind, location: { lon: round(lon), lat: round(lat) } }
}

/** A station on the water. */
export function onWater(branch: Branch, seed: number): MadeStation {
  const { kind, nth, where, into, lengthKm, areaKm2, ownKm2 } = branch
  const chance = (key: string): number => uniform(seed, keyOf(`${kind}-${key}`), nth)
  const travel = Math.max(300_000, Math.round(lengthKm / 4.5 / 0.25) * 900_000)
  const reach =
    into === null
      ? {}
      : { reach: { downstream: idOf(into.kind, into.nth), travelTime: formatDuration(travel), length: `${lengthKm.toFixed(1)} km` } }
  const isTown = chance('town') < 0.12
  const landOf = isTown ? town : areaKm2 < 120 ? hills : fields
  const land = ownKm2 > 0 ? { land: landOf(isTown ? Math.min(20, ownKm2) : ownKm2) } : {}
  const common = { ...placed(kind, nth, where, seed), ...reach }
  switch (kind) {
    case 'reservoir': {
      const reservoir = reservoirFor(areaKm2)
      const stages = { 'flood-limit': 62.2, design: 63, check: 63.6 }
      return { file: { ...common, sensors: sensors.reservoirGauge(stages, [40, 75]) }, facts: { ...land, reservoir } }
    }
    case 'water-source':
      return { file: { ...common, targetClass: 'II', sensors: [...sensors.sonde(), ...sensors.analysers()] }, facts: land }
    case 'abstraction':
      return takenBy(branch, common, land, seed)
    case 'outfall': {
      const flow = between(0.03, 0.14, seed, keyOf('sewage'), nth)
      const permit = { parameter: 'cod', amount: Math.round(flow * 40 * 31_536), unit: 'kg' as const }
      return {
        file: { ...common, permit, sensors: sensors.works() },
        facts: { outfall: { flow, cod: 34, ammonia: 1.9, phosphorus: 0.28 } },
      }
    }
    case 'sea':
      return { file: { ...common, sensors: sensors.tideGauge() }, facts: { ...land, rating: ratingFor(areaKm2), tide: [0.5, 0.12] } }
    default:
      return riverStation(branch, common, land, seed)
  }
}

/** m3/s a km2 above it that each takes, and what stands there. */
const users = [
  { user: 'town', perKm2: 0.0009, noun: { en: ' Waterworks', zh: '水厂取水口' } },
  { user: 'farm', perKm2: 0.0014, noun: { en: ' Irrigation Intake', zh: '灌区取水口' } },
  { user: 'industry', perKm2: 0.0006, noun: { en: ' Paper Mill Intake', zh: '造纸厂取水口' } },
] as const

/** Towns, farms and industry in turn. */
function takenBy({ kind, nth, areaKm2 }: Branch, common: Omit<StationFile, 'sensors'>, land: StationFacts, seed: number): MadeStation {
  const { user, perKm2, noun } = users[(nth - 1) % users.length] ?? users[0]
  const name = nameOf(kind, nth, seed, noun)
  return { file: { ...common, name, sensors: sensors.waterMeter() }, facts: { ...land, takes: { user, flow: perKm2 * areaKm2 } } }
}

/** Who has no intake with a meter in a small basin pumps from the river above its second and third gauge, and nobody sees how much. */
export function withPumps(made: MadeStation, { kind, nth, areaKm2 }: Branch, intakes: number): MadeStation {
  const one = kind === 'river' && nth > 1 && nth > intakes ? users[nth - 1] : undefined
  if (one === undefined) return made
  return { ...made, facts: { ...made.facts, takes: { user: one.user, flow: one.perKm2 * areaKm2 } } }
}

function riverStation({ nth, areaKm2 }: Branch, common: Omit<StationFile, 'sensors'>, land: StationFacts, seed: number): MadeStation {
  const rating = ratingFor(areaKm2)
  const warning = warningFlow(areaKm2)
  const stages = {
    warning: stageOf(rating, warning),
    guarantee: stageOf(rating, 1.5 * warning),
    record: stageOf(rating, 2.2 * warning),
    low: between(0.0016, 0.0028, seed, keyOf('low'), nth) * areaKm2,
  }
  // every fourth is a section where quality is watched, every third has a rain gauge
  const more = [...(nth % 4 === 2 ? [...sensors.sonde(), ...sensors.analysers()] : []), ...(nth % 3 === 0 ? sensors.rainGauge() : [])]
  const targetClass = nth % 4 === 2 ? { targetClass: 'III' as const } : {}
  return { file: { ...common, ...targetClass, sensors: [...sensors.riverGauge(stages), ...more] }, facts: { ...land, rating } }
}

/** m3/s at the warning stage: what a catchment gives once in some years, less for each km2 the larger it is. */
const warningFlow = (areaKm2: number): number => 2 * areaKm2 ** 0.8

/** The warning stage lies 2.3 m above the bed, in large rivers more. */
function ratingFor(areaKm2: number): Rating {
  const depth = 2.3 + 0.6 * Math.log10(areaKm2 / 30)
  return { c: warningFlow(areaKm2) / depth ** 1.7, h0: 0.3, b: 1.7 }
}

function reservoirFor(areaKm2: number): ReservoirFacts {
  return {
    shape: { factor: 700 * areaKm2, bottom: 40 },
    normalLevel: 61,
    leastOutflow: 0.015 * areaKm2,
    perMetre: 0.15 * areaKm2,
    mostOutlet: 0.42 * areaKm2,
    crest: 63,
    spill: areaKm2,
  }
}

/** A station on land, near a station of the river. */
export function onLand(kind: StationKind, nth: number, near: readonly Branch[], seed: number): MadeStation {
  const key = keyOf(`${kind}-near`)
  const neighbour = near[Math.floor(uniform(seed, key, nth) * near.length)]
  const aside = { x: between(-4, 4, seed, key, nth, 1), y: between(-4, 4, seed, key, nth, 2) }
  const where = { x: (neighbour?.where.x ?? 0) + aside.x, y: (neighbour?.where.y ?? 0) + aside.y }
  const common = placed(kind, nth, where, seed)
  const load = between(0.4, 1.2, seed, keyOf('load'), nth)
  switch (kind) {
    case 'rain':
      return { file: { ...common, sensors: nth % 4 === 0 ? sensors.tipCounter() : sensors.rainGauge() }, facts: {} }
    case 'air':
      return { file: { ...common, sensors: sensors.airMonitor() }, facts: { air: load } }
    case 'noise':
      return { file: { ...common, sensors: sensors.soundMeter() }, facts: { air: load } }
    case 'soil':
      return { file: { ...common, sensors: sensors.soilProbe() }, facts: { land: fields(0.01) } }
    case 'radiation':
      return { file: { ...common, sensors: sensors.doseMeter() }, facts: {} }
    default:
      return { file: { ...common, sensors: sensors.tankGauge({ high: 8, critical: 9.2 }) }, facts: { tank: 6.2 } }
  }
}

/** A buoy before a dam. */
export function onLake(nth: number, reservoirs: readonly Branch[], seed: number): MadeStation {
  const dam = reservoirs[(nth - 1) % reservoirs.length]
  const where = { x: (dam?.where.x ?? 0) - 0.6, y: (dam?.where.y ?? 0) + 0.4 }
  const file = { ...placed('lake', nth, where, seed), targetClass: 'II' as const, sensors: [...sensors.sonde(), ...sensors.algae()] }
  return { file, facts: { waterOf: idOf('reservoir', dam?.nth ?? 1) } }
}

/** Boats and drones in turn, each between a section of the river and the station below it. */
export function onTheMove(nth: number, rivers: readonly Branch[], seed: number): MadeStation {
  const from = rivers[(nth * 3) % rivers.length]
  const to = from?.into ?? from
  const { location: _, ...common } = placed('mobile', nth, from?.where ?? { x: 0, y: 0 }, seed)
  const [start = '', end = ''] = [from, to].map((one) => idOf(one?.kind ?? 'river', one?.nth ?? 1))
  const between = [start, end] as const
  if (nth % 2 === 1) return { file: { ...common, sensors: sensors.sonde() }, facts: { route: { between, hours: 6 } } }
  const [a, b] = [from?.where ?? { x: 0, y: 0 }, to?.where ?? { x: 0, y: 0 }]
  const flights = { between, lengthKm: Math.hypot(a.x - b.x, a.y - b.y), hours: [7, 10, 13, 16], groundM: groundAt(a) }
  return { file: { ...common, name: nameOf('mobile', nth, seed, drone), sensors: sensors.drone() }, facts: { flights, air: 0.8 } }
}

const drone = { en: ' drone', zh: '监测无人机' }

/** m above the sea of a valley: 1.5 m for each km from the mouth. */
const groundAt = ({ x, y }: PlaceKm): number => Math.round(3 + 1.5 * Math.hypot(x, y))
