import { sensorId, stationId, type DeviceId, type SensorId } from '../domain/ids.ts'
import { hint } from '../domain/nearest.ts'
import type { Device, Sensor } from '../domain/network.ts'
import { findParameter, nearestParameter } from '../domain/parameters.ts'
import type { Reading } from '../domain/reading.ts'
import { fits, type Sampling } from '../domain/sampling.ts'
import { converter, isKnownUnit, type Converter, type UnitProblem } from '../domain/units.ts'
import { quoted, type Misread } from '../domain/codec.ts'
import type { CountingFleet } from './counters.ts'
import { takenSeries } from './series-bound.ts'

/** A series as one device reaches it. */
export interface Target {
  series: SensorId
  sensor: Sensor
  /** The unit that the device's entry declares; null = as the reading says. */
  unit: string | null
  /** Group that named it last: two names for one series in one group contradict each other. */
  group: number
  /** Conversions from the units the device has sent, worked out once; units that are none are among them. */
  units: Map<string, Converter | UnitProblem>
}

/** A device with the names it has used so far. */
export interface DeviceEntry {
  device: Device
  /** The series that a reading means, or why it means none; null = a statistic of a known parameter that no series asks for. */
  resolve(reading: Reading): Target | Misread | null
  /** The same for what the device says of itself; null when no series takes it. */
  resolveHousekeeping(reading: Reading): Target | null
}

/** Where devices and their series are looked up. */
export interface Directory {
  /** Null for a device of no network. */
  device(id: DeviceId): DeviceEntry | null
  /** Why a value that names its series takes no place there; null = it is taken. */
  refusal(id: SensorId): Misread | null
}

/** Names and units that one device is remembered by; more, and all are looked up again. */
const mostRemembered = 2000
const mostUnits = 100
const longestUnit = 40
/** Searches for the name that was meant, in all since the fleet changed; each costs milliseconds, and a flood of names must not. */
const mostHints = 40
const longestName = 80
/** Series that take what a device says of itself, unless a channel of that name leads elsewhere. */
const housekeepingParameters: ReadonlyMap<string, string> = new Map([['battery', 'supply_voltage']])

/**
 * The directory of the current fleet. A new fleet object starts it afresh; otherwise a name is looked up once.
 * @param mostSeries series that are taken in all, see `ingest.maxSeries`
 */
export function createDirectory(currentFleet: () => CountingFleet, mostSeries: number): Directory {
  let fleet: CountingFleet | null = null
  let refused: Beyond = () => null
  let hints: Hints = createHints()
  const entries = new Map<DeviceId, DeviceEntry>()
  function current(): CountingFleet {
    const now = currentFleet()
    if (now !== fleet) {
      entries.clear()
      hints = createHints()
      refused = beyond(now, mostSeries)
      fleet = now
    }
    return now
  }
  return {
    device(id) {
      const now = current()
      const known = entries.get(id)
      if (known !== undefined) return known
      const device = now.devices.get(id)
      if (device === undefined) return null
      const entry = createEntry(device, now, { hints, refused })
      entries.set(id, entry)
      return entry
    },
    refusal(id) {
      const { sensors, counts } = current()
      const [sensor, count] = [sensors.get(id), counts.get(id)]
      if (sensor === undefined) return { reason: 'unknown-series', detail: `no station has a sensor ${id} any more; add it to its network` }
      if (count === undefined) return refused(sensor)
      return { reason: 'unknown-series', detail: `${id} follows from the counts of ${count.id} by now, and takes no values of its own` }
    },
  }
}

/** Why a series is not taken, when there are more than may be. */
type Beyond = (sensor: Sensor) => Misread | null

function beyond(fleet: CountingFleet, most: number): Beyond {
  const taken = takenSeries(fleet, most)
  const why = `the networks declare ${fleet.sensors.size} series and ${most} are taken; take some out, or raise ingest.maxSeries`
  return ({ id }) => (taken?.has(id) === false ? refused('too-many-series', `${id} is beyond the bound of all series: ${why}`) : null)
}

interface Shared {
  hints: Hints
  refused: Beyond
}

function createEntry(device: Device, fleet: CountingFleet, { hints, refused }: Shared): DeviceEntry {
  /** Names of readings that give neither station nor number: nearly all. */
  const plain = new Map<string, Target>()
  /** Where housekeeping goes; null = nowhere. */
  const kept = new Map<string, Target | null>()
  const targets = new Map<SensorId, Target>()
  /** The same as `plain` for readings that say how they came about; null = left out. */
  const sampled = new Map<Sampling, Map<string, Target | null>>()
  const targetOf = (sensor: Sensor): Target => {
    const known = targets.get(sensor.id)
    if (known !== undefined) return known
    const unit = sensor.statistic === 'total' ? null : (device.units.get(sensor.parameter.key) ?? null)
    const target: Target = { series: sensor.id, sensor, unit, group: 0, units: new Map() }
    targets.set(sensor.id, target)
    return target
  }
  const search = (reading: Reading): Target | Misread | null => {
    const found = findSensor(reading, device, fleet, hints)
    if (found === null || 'reason' in found) return found
    const sensor = fleet.counts.get(found.id) ?? found
    return refused(sensor) ?? targetOf(sensor)
  }
  const resolveSampled = (reading: Reading, sampling: Sampling): Target | Misread | null => {
    if (reading.station !== null || reading.number !== null) return search(reading)
    let names = sampled.get(sampling)
    const known = names?.get(reading.name)
    if (known !== undefined) return known
    const found = search(reading)
    if (found !== null && 'reason' in found) return found
    if (names === undefined) remember(sampled, sampling, (names = new Map()))
    remember(names, reading.name, found)
    return found
  }
  return {
    device,
    resolve(reading) {
      if (reading.sampling !== undefined) return resolveSampled(reading, reading.sampling)
      const isPlain = reading.station === null && reading.number === null
      const known = isPlain ? plain.get(reading.name) : undefined
      if (known !== undefined) return known
      const found = search(reading)
      if (!isPlain || found === null || 'reason' in found) return found
      remember(plain, reading.name, found)
      return found
    },
    resolveHousekeeping(reading) {
      const known = reading.station === null ? kept.get(reading.name) : undefined
      if (known !== undefined) return known
      const name = device.channels.has(reading.name) ? reading.name : housekeepingParameters.get(reading.name)
      const found = name === undefined ? null : search({ ...reading, name })
      const target = found === null || 'reason' in found ? null : found
      if (reading.station === null) remember(kept, reading.name, target)
      return target
    },
  }
}

function remember<Name, Value>(known: Map<Name, Value>, name: Name, value: Value): void {
  if (known.size >= mostRemembered) known.clear()
  known.set(name, value)
}

/** The value in the unit of its series, or why it cannot be. */
export function toCanonical(target: Target, unit: string, value: number): number | Misread {
  const turn = target.units.get(unit) ?? conversion(target, unit)
  return typeof turn === 'function' ? turn(value) : { reason: turn.problem, detail: turn.detail }
}

/** A series meets a handful of units. Beyond 100, what is no unit is refused without a search for the one that was meant. */
function conversion({ units, sensor }: Target, unit: string): Converter | UnitProblem {
  const isFull = units.size >= mostUnits
  if (unit.length > longestUnit || (isFull && !isKnownUnit(unit)))
    return { problem: 'unknown-unit', detail: `unit ${quoted(unit)} is not known` }
  const turn = converter(unit, sensor.parameter.unit, sensor.parameter)
  if (!isFull) units.set(unit, turn)
  return turn
}

/** `; did you mean …?`, or nothing. A word that comes again is not searched again. */
type Hints = (word: string, search: () => string) => string

function createHints(): Hints {
  const known = new Map<string, string>()
  return (word, search) => {
    const before = known.get(word)
    if (before !== undefined || known.size >= mostHints || word.length > longestName) return before ?? ''
    const made = search()
    known.set(word, made)
    return made
  }
}

function findSensor(reading: Reading, device: Device, fleet: CountingFleet, hints: Hints): Sensor | Misread | null {
  const channel = device.channels.get(reading.name)
  if (channel !== undefined)
    return whereItFits(behindChannel({ ...reading, station: named(reading.station, device) }, channel, fleet), reading)
  const { name } = reading
  const station = named(reading.station, device)
  const serves = device.stations
  const whose = station ?? (serves.length === 1 ? serves[0] : undefined)
  const at = serves.find((id) => id === whose)
  if (at === undefined) return station === null ? noStation(device) : unknownStation(station, device, hints)
  const parameter = findParameter(name)
  if (parameter === null) return unknownParameter(reading, device, hints)
  const id = sensorId(at, parameter.key, reading.number ?? 1)
  if (reading.sampling === undefined || reading.number !== null)
    return whereItFits(fleet.sensors.get(id) ?? unknownSeries(id, fleet), reading)
  const all = fleet.stations.get(at)?.sensors.filter((sensor) => sensor.parameter.key === parameter.key) ?? []
  return all.length === 0 ? unknownSeries(id, fleet) : bestFit(all, reading.sampling)
}

/** The id of the station that a reading names. */
const named = (station: string | null, { stationPrefix, stations }: Device): string | null =>
  station === null || stationPrefix === undefined || stations.some((id) => id === station) ? station : `${stationPrefix}${station}`

/** A reading that says how it came about is left out where its series wants another statistic. */
function whereItFits(found: Sensor | Misread, { sampling }: Reading): Sensor | Misread | null {
  if ('reason' in found || sampling === undefined || fits(found, sampling)) return found
  return null
}

/** The first series that takes a statistic; one that asks for it by name comes before one that says nothing. */
function bestFit(sensors: readonly Sensor[], sampling: Sampling): Sensor | null {
  const fitting = sensors.filter((sensor) => fits(sensor, sampling))
  return fitting.find(({ statistic }) => statistic !== null) ?? fitting[0] ?? null
}

/** A channel says which station and sensor; a station that the reading names must be that one. */
function behindChannel({ name, station, number }: Reading, channel: SensorId, fleet: CountingFleet): Sensor | Misread {
  const sensor = fleet.sensors.get(channel)
  if (sensor === undefined) return unknownSeries(channel, fleet)
  if (station !== null && station !== sensor.station)
    return refused('unknown-series', `channel ${quoted(name)} belongs to station ${sensor.station}, not to ${quoted(station)}`)
  if (number === null || number === sensor.number) return sensor
  const id = sensorId(sensor.station, sensor.parameter.key, number)
  return fleet.sensors.get(id) ?? unknownSeries(id, fleet)
}

const refused = (reason: Misread['reason'], detail: string): Misread => ({ reason, detail })

function noStation(device: Device): Misread {
  if (device.stations.length === 0) return refused('unknown-station', `device ${device.id} serves no station; give it one in its network`)
  const known = listed(device.stations)
  return refused('ambiguous-station', `device ${device.id} serves ${known}; name one in "station", or map its channels`)
}

function unknownStation(station: string, { id, stations }: Device, hints: Hints): Misread {
  const detail = `device ${id} serves ${listed(stations)}, not ${quoted(station)}${hints(station, () => hint(station, stations))}`
  return refused('unknown-station', detail)
}

function unknownParameter({ name, hint: known }: Reading, { id, channels }: Device, hints: Hints): Misread {
  const meant = hints(name, () => {
    if (known !== undefined) return known
    const near = nearestParameter(name)?.key
    return near === undefined ? hint(name, channels.keys()) : `; did you mean ${near}?`
  })
  return refused('unknown-parameter', `${quoted(name)} is neither a parameter nor a channel of device ${id}${meant}`)
}

function unknownSeries(id: SensorId, fleet: CountingFleet): Misread {
  const [station = '', ...sensor] = id.split('/')
  const place = fleet.stations.get(stationId(station))
  const has = place === undefined ? 'no sensors' : listed(place.sensors.map((other) => `${other.parameter.key}/${other.number}`))
  return refused('unknown-series', `station ${station} has no sensor ${sensor.join('/')}, it has ${has}; add the sensor to its network`)
}

/** A list that stays short in a sentence. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ')
  if (names.length === 0) return 'nothing'
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown
}
