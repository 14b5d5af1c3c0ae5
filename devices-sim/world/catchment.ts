import type { Network, Sensor, Station } from '../../domain/network.ts'
import { airSources, type AirPlace } from './air.ts'
import { isMomentary } from '../../domain/sampling.ts'
import { faultsAt, type PlaceFaults } from '../faults/schedule.ts'
import { ordersForSensor, type FaultOrder } from '../faults/fault.ts'
import { groundSources, type GroundView } from './ground.ts'
import { createStrength, type Happening, type Strength } from './happenings.ts'
import { stepMs } from './hydrology.ts'
import { flueSources } from './flue.ts'
import { cooler, createFlight, inTheAir, thinned, type Flight } from './flight.ts'
import { createSampler, type SimulatedReading } from './instruments.ts'
import type { CatchmentModel } from './model.ts'
import { keyOf } from './random.ts'
import {
  blockSteps,
  createRiver,
  placesOf,
  qualities,
  seenSteps,
  place as placeOf,
  type Balance,
  type Quality,
  type River,
} from './river.ts'
import { wayAlong } from './route.ts'
import { createRain, type Rain, type Sky } from './storms.ts'
import { waterSources, type WaterView } from './water-quality.ts'

export interface CatchmentParts {
  network: Network
  seed: number
  /** First moment of which readings are given, epoch ms. */
  startAt: number
  model: CatchmentModel
  /** What the sky does; left out: as always. */
  sky?: Omit<Sky, 'strength'>
  /** What happens beside the weather. */
  happenings?: readonly Happening[]
  /** What goes wrong with its instruments. */
  faults?: readonly FaultOrder[]
}

/** The noise-free value of one sensor; for rainfall the sum since the beginning, mm. */
export interface Signal {
  sensor: Sensor
  /** Of a moment since the last step began, up to what `advanceTo` was last asked for. */
  truth: (at: number) => number
}

export interface Catchment {
  /** Carries on the warm-up by at most so many steps of 5 min; true when it is done. For callers that must not block for long. */
  warmUp(steps: number): boolean
  /** All readings after the last call up to and with `at`, in time order. Going back gives none. */
  advanceTo(at: number): SimulatedReading[]
  /** What instruments without faults would show, of every sensor. */
  signals: readonly Signal[]
  /** Where a drone is; undefined for what does not fly. */
  flights: ReadonlyMap<string, Flight>
  /** mm/h at a moment, by station. */
  rains: ReadonlyMap<string, Rain>
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
export function createCatchment({ network, seed, startAt, model, sky = {}, happenings = [], faults = [] }: CatchmentParts): Catchment {
  const strength = createStrength(happenings)
  const rainOver = createRain(seed, { ...sky, strength })
  const spills = happenings.filter(({ kind }) => kind === 'spill')
  const river = createRiver({ stations: network.stations, model, rainOver, seed, strength, spills })
  const places = placesOf(network.stations)
  const byId = new Map<string, Station>(network.stations.map((station) => [station.id, station]))
  const [flights, rains] = [new Map<string, Flight>(), new Map<string, Rain>()]
  const probes = network.stations.map((station) => {
    const plan = model.get(station.id)?.flights
    const place = places.get(plan?.between[0] ?? station.id) ?? { x: 0, y: 0 }
    const rain = rainOver(place)
    rains.set(station.id, rain)
    const lon = byId.get(plan?.between[0] ?? '')?.location?.lon ?? 0
    const flight = plan === undefined ? null : createFlight(plan, { seed, key: keyOf(`${station.id}:flight`), lon, rain })
    if (flight !== null) flights.set(station.id, flight)
    return createProbe(station, {
      model,
      seed,
      river,
      strength,
      rain,
      flight,
      faults: (sensor) => faultsAt(ordersForSensor(sensor, faults), `${station.id}/${sensor.parameter.key}`, seed),
    })
  })
  const course = createCourse(river, probes, Math.floor((startAt - warmUpMs) / gridMs) * gridMs)
  // Rain gauges need the reading before the first one.
  let given = startAt - 1 - longestEvery(network)
  return {
    warmUp(steps) {
      for (let left = steps; left > 0 && course.time() <= given;) left -= course.carry(left, given)
      return course.time() > given
    },
    advanceTo(at) {
      const readings: SimulatedReading[] = []
      while (given < at) {
        while (course.time() <= given + 1) course.carry(blockSteps, given)
        const until = Math.min(at, course.time() - 1)
        const found: SimulatedReading[] = []
        for (const probe of probes) probe.readings(given, until, found)
        for (const one of inTime(found.filter((reading) => reading.at >= startAt))) for (const reading of one) readings.push(reading)
        given = until
      }
      return readings
    },
    signals: probes.flatMap((probe) => probe.signals),
    flights,
    rains,
    balance: () => river.balance(),
  }
}

/** Carries the river on from a moment, past what nobody looks at and step by step before the eyes of the instruments. */
function createCourse(river: River, probes: readonly Probe[], begin: number) {
  let time = begin
  /** Up to where the water is: ahead of `time` where its course is kept, which begins at `keptFrom`. */
  let [carried, keptFrom] = [time, time]
  return {
    time: () => time,
    /** By at most so many steps while nobody looks, which is up to shortly before `seenFrom`, else by one; how many it was. */
    carry(most: number, seenFrom: number): number {
      const unseen = Math.min(most, blockSteps, Math.floor((seenFrom - time) / stepMs) - 1)
      if (unseen >= 1) {
        river.carry(time, unseen)
        time += unseen * stepMs
        carried = time
        return unseen
      }
      if (carried === time) {
        river.carrySeen(time, seenSteps)
        keptFrom = time
        carried = time + seenSteps * stepMs
      }
      for (const probe of probes) probe.see(time, (time - keptFrom) / stepMs)
      time += stepMs
      return 1
    },
  }
}

/** Readings moment by moment, each in the order given: stations report at few moments of a step, so that this is far shorter than to sort them. */
function inTime(readings: readonly SimulatedReading[]): SimulatedReading[][] {
  const moments = new Map<number, SimulatedReading[]>()
  for (const reading of readings) {
    const own = moments.get(reading.at)
    if (own === undefined) moments.set(reading.at, [reading])
    else own.push(reading)
  }
  return [...moments].sort(([a], [b]) => a - b).map(([, own]) => own)
}

function longestEvery(network: Network): number {
  const intervals = network.stations.flatMap((station) => station.sensors.map((sensor) => sensor.everyMs ?? 0))
  return Math.min(day, Math.max(stepMs, ...intervals))
}

/** The instruments of one station. */
interface Probe {
  /** Looks at the step that begins at a moment, the n-th of the river's course. */
  see(begun: number, nth: number): void
  /** Adds the readings of (from, to], which lies within the last step. */
  readings(from: number, to: number, into: SimulatedReading[]): void
  signals: readonly Signal[]
}

interface ProbeParts {
  model: CatchmentModel
  seed: number
  river: River
  strength: Strength
  /** mm/h at the station. */
  rain: (at: number) => number
  /** Of a drone. */
  flight: Flight | null
  faults: (sensor: Sensor) => PlaceFaults
}

function createProbe(station: Station, { model, seed, river, strength, rain, flight, faults }: ProbeParts): Probe {
  const water = waterOf(station, model, river)
  let [begun, row] = [0, 0]
  let course: Float64Array = new Float64Array(2 * qualities.length)
  const join = (quality: Quality, at: number): number => {
    const [a, b] = [course[row + placeOf[quality]] ?? 0, course[row + qualities.length + placeOf[quality]] ?? 0]
    return a + ((b - a) * (at - begun)) / stepMs
  }
  const truthOf = createTruth(station, { model, seed, strength, rain, flight, join })
  const signals = station.sensors.flatMap((sensor): Signal[] => {
    // what sums up a period is made by the logger, not by an instrument
    const truth = sensor.statistic !== null && !isMomentary(sensor.statistic) ? null : truthOf(sensor)
    return truth === null ? [] : [{ sensor, truth }]
  })
  const samplers = signals.map(({ sensor, truth }) =>
    createSampler({
      ...{ sensor, truth, seed, faults: faults(sensor) },
      ...(flight !== null && { everyMs: flightEveryMs, measures: (at) => measuresAloft(flight, sensor.parameter.key, at) }),
    }),
  )
  return {
    signals,
    see(at, nth) {
      begun = at
      const seen = water(at, nth)
      course = seen.course
      row = seen.row
    },
    readings(from, to, into) {
      for (const sample of samplers) sample(from, to, into)
    },
  }
}

/** Drones measure every minute. */
const flightEveryMs = 60_000

/** The air on its whole way, the water while it dips. */
function measuresAloft(flight: Flight, parameter: string, at: number): boolean {
  const place = flight(at)
  return place !== null && (inTheAir.has(parameter) || place.dips)
}

/** Where the qualities at the begin of a step stand, with those at its end behind them. */
interface SeenStep {
  course: Float64Array
  row: number
}

/** The water that a station measures in a step: its own, that under a drone where it dips, or a mixture by the way of a boat. */
function waterOf({ id }: Station, model: CatchmentModel, river: River): (begun: number, nth: number) => SeenStep {
  const { route, flights } = model.get(id) ?? {}
  const size = qualities.length
  const seen: SeenStep = { course: river.course(flights?.between[1] ?? id) ?? new Float64Array((seenSteps + 1) * size), row: 0 }
  if (route === undefined)
    return (_, nth) => {
      seen.row = nth * size
      return seen
    }
  const [a, b] = route.between.map((end) => river.course(end))
  const mixed = new Float64Array(2 * size)
  return (begun, nth) => {
    for (const [end, at] of [begun, begun + stepMs].entries()) {
      const part = wayAlong(route, at)
      const row = (nth + end) * size
      for (let i = 0; i < size; i += 1) mixed[end * size + i] = (a?.[row + i] ?? 0) * (1 - part) + (b?.[row + i] ?? 0) * part
    }
    return { course: mixed, row: 0 }
  }
}

interface TruthParts extends Pick<ProbeParts, 'model' | 'seed' | 'strength' | 'rain' | 'flight'> {
  /** A quality of the station's water between the two ends of the last step. */
  join: (quality: Quality, at: number) => number
}

/** Where the true values of a station's sensors come from; null = from nowhere. */
function createTruth(station: Station, parts: TruthParts): (sensor: Sensor) => ((at: number) => number) | null {
  const { rain, flight, join } = parts
  const ofAir = createAirView(station, parts)
  const ofGround = createGroundView(station, parts)
  const ofWater = createWaterView(station, parts)
  const isOnLand = ['noise', 'soil', 'radiation', 'hazard'].includes(station.kind)
  return ({ parameter: { key } }) => {
    if (key === 'rainfall') return (at) => join('rain', at)
    if (station.kind === 'air') {
      const source = airSources.get(key) ?? flueSources.get(key)
      return source === undefined ? null : (at) => source(at, ofAir, rain(at))
    }
    if (isOnLand) {
      const source = groundSources.get(key)
      return source === undefined ? null : (at) => source(ofGround(at))
    }
    if (flight !== null && inTheAir.has(key)) return aloft(key, flight, (at) => airSources.get(key)?.(at, ofAir, rain(at)) ?? 0)
    const source = waterSources.get(key)
    return source === undefined ? null : (at) => source(ofWater(at))
  }
}

/** What is in the air at the height of a drone: less dust, and cooler. */
function aloft(key: string, flight: Flight, atGround: (at: number) => number): (at: number) => number {
  const heightAt = (at: number): number => flight(at)?.heightM ?? 0
  if (key === 'relative_humidity') return atGround
  return key === 'air_temperature' ? (at) => atGround(at) - cooler(heightAt(at)) : (at) => atGround(at) * thinned(heightAt(at))
}

function createAirView({ id, location }: Station, { model, seed, strength }: TruthParts): AirPlace {
  const stagnation = (at: number): number => strength('stagnation', id, at)
  return { lon: location?.lon ?? 0, load: model.get(id)?.air ?? 1, key: keyOf(id), seed, stagnation }
}

function createGroundView({ id, location }: Station, { model, seed, strength, rain, join }: TruthParts): (at: number) => GroundView {
  const { air = 1, tank = 0 } = model.get(id) ?? {}
  const view: GroundView = { at: 0, lon: location?.lon ?? 0, seed, key: keyOf(id), rain: 0, wetness: 0, load: air, tank, filling: 0 }
  return (at) => {
    view.at = at
    view.rain = rain(at)
    view.wetness = join('wetness', at)
    view.filling = strength('filling', id, at)
    return view
  }
}

function createWaterView({ id, location }: Station, { model, seed, strength, join }: TruthParts): (at: number) => WaterView {
  const isLake = model.get(id)?.waterOf !== undefined
  const view: WaterView = {
    at: 0,
    lon: location?.lon ?? 0,
    seed,
    key: keyOf(id),
    isLake,
    bloom: 0,
    of: (quality) => join(quality, view.at),
  }
  return (at) => {
    view.at = at
    view.bloom = isLake ? strength('bloom', id, at) : 0
    return view
  }
}
