import type { Network, Sensor, Station } from '../../domain/network.ts'
import { airSources, type AirPlace } from './air.ts'
import { isMomentary } from '../../domain/sampling.ts'
import { faultsAt, type PlaceFaults } from '../faults/schedule.ts'
import type { FaultOrder } from '../faults/fault.ts'
import { stepMs } from './hydrology.ts'
import { flueSources } from './flue.ts'
import { createSampler, type SimulatedReading } from './instruments.ts'
import type { CatchmentModel } from './model.ts'
import { keyOf } from './random.ts'
import { createRiver, placesOf, qualities, place as placeOf, type Balance, type Quality, type River } from './river.ts'
import { createRain } from './storms.ts'
import { waterSources, type WaterView } from './water-quality.ts'

export interface CatchmentParts {
  network: Network
  seed: number
  /** First moment of which readings are given, epoch ms. */
  startAt: number
  model: CatchmentModel
  /** What goes wrong with its instruments. */
  faults?: readonly FaultOrder[]
}

export interface Catchment {
  /** Carries on the warm-up by at most so many steps of 5 min; true when it is done. For callers that must not block for long. */
  warmUp(steps: number): boolean
  /** All readings after the last call up to and with `at`, in time order. Going back gives none. */
  advanceTo(at: number): SimulatedReading[]
  /** What came, went and is there since the simulation began. */
  balance(): Balance
}

const day = 86_400_000
/** Long enough for the ground to forget how it began: its slowest reservoir has 260 h. */
const warmUpMs = 20 * day
/** Simulations begin at whole multiples of this, so that two starts within one give the same water to the last digit. */
const gridMs = 20 * day

/**
 * A catchment in event time: rain that the seed makes, runoff, routing, reservoirs, water quality and air. No clock; the same network, seed
 * and time give the same readings, however the time is cut into calls, also after a new start in the same 20 days (else they differ by the
 * last traces of how it began). Parameters it knows nothing of are not reported. The warm-up of 20 to 40 days runs in the first call,
 * unless `warmUp` has.
 */
export function createCatchment({ network, seed, startAt, model, faults = [] }: CatchmentParts): Catchment {
  const rainAt = createRain(seed)
  const river = createRiver({ stations: network.stations, model, rainAt, seed })
  const places = placesOf(network.stations)
  const probes = network.stations.map((station) => {
    const place = places.get(station.id) ?? { x: 0, y: 0 }
    return createProbe(station, { model, seed, river, rain: (at) => rainAt(at, place), faults: (place) => faultsAt(faults, place, seed) })
  })
  let time = Math.floor((startAt - warmUpMs) / gridMs) * gridMs
  // Rain gauges need the reading before the first one.
  let given = startAt - 1 - longestEvery(network)
  const carry = (): void => {
    const isWarm = time + 2 * stepMs > given
    if (isWarm) for (const probe of probes) probe.before()
    river.step(time)
    if (isWarm) for (const probe of probes) probe.after(time)
    time += stepMs
  }
  return {
    warmUp(steps) {
      for (let step = 0; step < steps && time <= given; step += 1) carry()
      return time > given
    },
    advanceTo(at) {
      const readings: SimulatedReading[] = []
      while (given < at) {
        while (time <= given + 1) carry()
        const until = Math.min(at, time - 1)
        const found: SimulatedReading[] = []
        for (const probe of probes) probe.readings(given, until, found)
        for (const reading of found.sort(inTime)) if (reading.at >= startAt) readings.push(reading)
        given = until
      }
      return readings
    },
    balance: () => river.balance(),
  }
}

const inTime = (a: SimulatedReading, b: SimulatedReading): number => a.at - b.at

function longestEvery(network: Network): number {
  const intervals = network.stations.flatMap((station) => station.sensors.map((sensor) => sensor.everyMs ?? 0))
  return Math.min(day, Math.max(stepMs, ...intervals))
}

/** The instruments of one station. */
interface Probe {
  /** Called around each step of the river. */
  before(): void
  after(begun: number): void
  /** Adds the readings of (from, to], which lies within the last step. */
  readings(from: number, to: number, into: SimulatedReading[]): void
}

interface ProbeParts {
  model: CatchmentModel
  seed: number
  river: River
  /** mm/h at the station. */
  rain: (at: number) => number
  /** Of a series, `station/parameter`. */
  faults: (place: string) => PlaceFaults
}

function createProbe(station: Station, { model, seed, river, rain, faults }: ProbeParts): Probe {
  const [earlier, later] = [new Float64Array(qualities.length), new Float64Array(qualities.length)]
  let begun = 0
  const join = (quality: Quality, at: number): number => {
    const [a, b] = [earlier[placeOf[quality]] ?? 0, later[placeOf[quality]] ?? 0]
    return a + ((b - a) * (at - begun)) / stepMs
  }
  const truthOf = createTruth(station, { model, seed, rain, join })
  const samplers = station.sensors.flatMap((sensor) => {
    // what sums up a period is made by the logger, not by an instrument
    const truth = sensor.statistic !== null && !isMomentary(sensor.statistic) ? null : truthOf(sensor)
    if (truth === null) return []
    return [createSampler({ sensor, truth, seed, faults: faults(`${station.id}/${sensor.parameter.key}`) })]
  })
  return {
    before: () => earlier.set(river.state(station.id) ?? []),
    after(at) {
      later.set(river.state(station.id) ?? [])
      begun = at
    },
    readings(from, to, into) {
      for (const sample of samplers) sample(from, to, into)
    },
  }
}

interface TruthParts extends Pick<ProbeParts, 'model' | 'seed' | 'rain'> {
  /** A quality of the station's water between the two ends of the last step. */
  join: (quality: Quality, at: number) => number
}

/** Where the true values of a station's sensors come from; null = from nowhere. */
function createTruth(station: Station, { model, seed, rain, join }: TruthParts): (sensor: Sensor) => ((at: number) => number) | null {
  const facts = model.get(station.id) ?? {}
  const [key, lon] = [keyOf(station.id), station.location?.lon ?? 0]
  const air: AirPlace = { lon, load: facts.air ?? 1, key, seed }
  const view: WaterView = { at: 0, lon, seed, key, isLake: facts.waterOf !== undefined, of: (quality) => join(quality, view.at) }
  return ({ parameter }) => {
    if (parameter.key === 'rainfall') return (at) => join('rain', at)
    const ofAir = station.kind === 'air' ? (airSources.get(parameter.key) ?? flueSources.get(parameter.key)) : undefined
    if (ofAir !== undefined) return (at) => ofAir(at, air, rain(at))
    const ofWater = station.kind === 'air' ? undefined : waterSources.get(parameter.key)
    if (ofWater === undefined) return null
    return (at) => {
      view.at = at
      return ofWater(view)
    }
  }
}
