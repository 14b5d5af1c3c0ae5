import type { DeviceClock } from '../../domain/network.ts'
import type { Position, Reading, ReadingGroup } from '../../domain/reading.ts'
import type { Rejection } from '../../domain/rejection.ts'
import {
  described,
  isMembers,
  mostValues,
  needsNumber,
  notFinite,
  quoted,
  refusedWhole,
  rejection,
  type Codec,
  type CodecDevice,
  type Decoded,
  type Members,
  type Misread,
} from '../../domain/codec.ts'
import { readInstant } from './instant.ts'
import { readJson, type JsonText } from './json-text.ts'
import { readPlainObject } from './native-plain.ts'

/**
 * The native format: `{ "seq", "at", "values": { name: number | null | { v, u, q, n } }, "station", "position": [lon, lat, altitude?],
 * "battery", "signal" }`, or an array of such objects. An object stands or falls as a whole, the items of an array each for itself. Only `null` is a
 * missing value. Members that are not named here are passed over, so that a firmware may send more. `at` may be missing where the
 * device's clock says so. `battery` (V) and `signal` (dBm) become `housekeeping`.
 */
export const nativeJson: Codec = { name: 'native-json', reads: isReadingsTopic, decode: decodeNative }

const prefix = 'devices/'
const suffix = '/readings'

/** `devices/{device}/readings` */
function isReadingsTopic(topic: string): boolean {
  const end = topic.length - suffix.length
  return end > prefix.length && topic.startsWith(prefix) && topic.indexOf('/', prefix.length) === end && topic.endsWith(suffix)
}

function decodeNative(payload: Uint8Array, { clock }: CodecDevice): Decoded {
  const plain = readPlainObject(payload, clock)
  if (plain !== null) return { groups: [plain], items: null, rejections: [] }
  const json = readJson(payload)
  if (json.refused !== undefined) return refusedWhole(json.refused)
  if (!Array.isArray(json.root)) {
    const item = readObject(json.root, clock, json, null)
    return 'reason' in item ? refusedWhole(item) : { groups: [item], items: null, rejections: [] }
  }
  return decodeArray(json.root, (item, i) => readObject(item, clock, json, i), countOf)
}

/** Each item for itself; an empty array and one of too many values are refused as a whole. */
export function decodeArray(
  items: readonly unknown[],
  read: (item: unknown, index: number) => ReadingGroup | Rejection,
  count: (item: unknown) => number,
): Decoded {
  if (items.length === 0) return refusedWhole(rejection('wrong-shape', 'the array is empty; send at least one object'))
  let values = 0
  for (const item of items) values += count(item)
  if (values > mostValues) return refusedWhole(rejection('too-many-values', tooMany(values), values))
  const groups: ReadingGroup[] = []
  const places: number[] = []
  const rejections: Rejection[] = []
  for (const [i, raw] of items.entries()) {
    const item = read(raw, i)
    if ('reason' in item) rejections.push(item)
    else {
      groups.push(item)
      places.push(i)
    }
  }
  return { groups, items: places, rejections }
}

export const tooMany = (values: number): string => `${values} values in one delivery; send at most ${mostValues}`

function readObject(item: unknown, clock: DeviceClock, json: JsonText, index: number | null): ReadingGroup | Rejection {
  const group = readGroup(item, clock, json)
  if (!('reason' in group)) return group
  const refused = rejection(group.reason, group.detail, countOf(item), index)
  return isMembers(item) && isSeq(item.seq) ? { ...refused, seq: item.seq } : refused
}

const isSeq = (seq: unknown): seq is number => Number.isSafeInteger(seq) && (seq as number) >= 0

/** Values an item stands for: at least one, whatever it holds. */
function countOf(item: unknown): number {
  return isMembers(item) && isMembers(item.values) ? Math.max(1, Object.keys(item.values).length) : 1
}

function readGroup(item: unknown, clock: DeviceClock, json: JsonText): ReadingGroup | Misread {
  if (!isMembers(item)) return wrongShape(`expected an object with "at" and "values", got ${described(item)}`)
  const { values } = item
  if (values === undefined) return wrongShape('"values" is missing; send an object of names and numbers')
  if (!isMembers(values)) return wrongShape(`"values" must be an object of names and numbers, not ${described(values)}`)
  const wrong = (json.repeated.size === 0 ? null : repetition(item, values, json)) ?? wrongMember(item)
  if (wrong !== null) return wrongShape(wrong)
  const time = readTime(item.at, clock)
  if (time.problem !== undefined) return time.problem
  const station = (item.station ?? null) as string | null
  const readings: Reading[] = []
  for (const name in values) {
    const reading = readValue(name, values[name], station)
    if ('reason' in reading) return reading
    readings.push(reading)
  }
  if (readings.length > mostValues) return { reason: 'too-many-values', detail: tooMany(readings.length) }
  return withHousekeeping({ at: time.at, seq: (item.seq ?? null) as number | null, position: positionOf(item.position), readings }, item)
}

const wrongShape = (detail: string): Misread => ({ reason: 'wrong-shape', detail })

/** A name that stands twice where it is read: which value was meant is unknown. */
function repetition(item: Members, values: Members, { repeated }: JsonText): string | null {
  const places = [item, values, ...Object.values(values)]
  for (const place of places) {
    const name = typeof place === 'object' && place !== null ? repeated.get(place) : undefined
    if (name !== undefined) return `${quoted(name)} stands twice; send each name once`
  }
  return null
}

/** The first member beside the values that is not what it must be, in a sentence. */
function wrongMember({ station, seq, position, battery, signal }: Members): string | null {
  if (station != null && (typeof station !== 'string' || station === ''))
    return `"station" must be the id of a station, not ${described(station)}`
  if (seq != null && !isSeq(seq)) return `"seq" must be a whole number from 0 up, not ${described(seq)}`
  if (position != null && !isPosition(position))
    return '"position" must be [longitude, latitude] in degrees, and may have an altitude in metres'
  if (battery != null && !Number.isFinite(battery)) return `"battery" must be a number of volts, not ${described(battery)}`
  if (signal != null && !Number.isFinite(signal)) return `"signal" must be a number of dBm, not ${described(signal)}`
  return null
}

/** Deeper than any sea, higher than any drone. */
const mostAltitudeM = 20_000

function isPosition(value: unknown): value is Position {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return false
  const [lon, lat, altitude = 0] = value as unknown[]
  if (typeof altitude !== 'number' || Math.abs(altitude) > mostAltitudeM) return false
  return typeof lon === 'number' && typeof lat === 'number' && Math.abs(lon) <= 180 && Math.abs(lat) <= 90
}

function positionOf(value: unknown): Position | null {
  return isPosition(value) ? value : null
}

/** `at` null: the payload has no time and need not have one. */
function readTime(at: unknown, clock: DeviceClock): ReturnType<typeof readInstant> | { at: null; problem?: undefined } {
  if (at !== undefined && at !== null) return readInstant('"at"', at, clock)
  if (clock.none) return { at: null }
  const detail = '"at" is missing; send the time of the reading, or declare that the device has no clock'
  return { problem: { reason: 'bad-time', detail } }
}

function readValue(name: string, raw: unknown, station: string | null): Reading | Misread {
  if (typeof raw === 'number' || raw === null)
    return notFinite(name, raw) ?? { name, number: null, station, value: positiveZero(raw), unit: null, sourceQuality: null }
  if (!isMembers(raw)) return wrongShape(`${quoted(name)} is ${described(raw)}; ${needsNumber}`)
  const { v, u = null, q = null, n = null } = raw
  if (typeof v !== 'number' && v !== null) return wrongShape(`"v" of ${quoted(name)} is ${described(v)}; ${needsNumber}`)
  if (u !== null && typeof u !== 'string') return wrongShape(`"u" of ${quoted(name)} must be a UCUM unit as text, not ${described(u)}`)
  if (q !== null && typeof q !== 'string' && !Number.isFinite(q))
    return wrongShape(`"q" of ${quoted(name)} must be a text or a number, not ${described(q)}`)
  if (n !== null && !(Number.isSafeInteger(n) && (n as number) >= 1))
    return wrongShape(`"n" of ${quoted(name)} must be a sensor number from 1 up, not ${described(n)}`)
  const sourceQuality = q === null ? null : String(q)
  return notFinite(name, v) ?? { name, number: n as number | null, station, value: positiveZero(v), unit: u, sourceQuality }
}

/** A sensor that shows -0 shows 0. */
const positiveZero = (value: number | null): number | null => (value === 0 ? 0 : value)

/** Housekeeping has no unit but its own: volts and dBm. A group of nothing at all is refused. */
function withHousekeeping(group: ReadingGroup, { battery, signal, station }: Members): ReadingGroup | Misread {
  const housekeeping: Reading[] = []
  const add = (name: string, value: unknown, unit: string | null): void => {
    if (typeof value !== 'number') return
    housekeeping.push({
      name,
      number: null,
      station: (station ?? null) as string | null,
      value: positiveZero(value),
      unit,
      sourceQuality: null,
    })
  }
  add('battery', battery, 'V')
  add('signal', signal, null)
  if (housekeeping.length > 0) group.housekeeping = housekeeping
  else if (group.readings.length === 0) return wrongShape('"values" is empty; send at least one value')
  return group
}
