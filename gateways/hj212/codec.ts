import { quoted, refusedWhole, rejection, type Codec, type Decoded, type Misread } from '../../domain/codec.ts'
import type { DeviceClock } from '../../domain/network.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import type { Rejection } from '../../domain/rejection.ts'
import type { Sampling } from '../../domain/sampling.ts'
import { parseDigits } from '../../domain/time.ts'
import {
  factorHint,
  fieldNamed,
  findFactor,
  samplingIn,
  uploads,
  type Factor,
  type FactorField,
  type Field,
  type Period,
} from './fields.ts'
import { eachField, parseSegment, type Frame } from './frame.ts'

/** Topic of a delivery: the protocol and its command. */
export const topicOf = (cn: string): string => `${prefix}${cn}`
const prefix = 'hj212/'

/**
 * HJ 212 in all three editions. A payload is one frame in plain text, from `##` to the CRC, as the gateway has checked it: length and CRC are
 * not looked at again, so that a quarantined frame can be mended by hand. Each factor is a group of its own: an unknown one does
 * not take the others with it. Times are Beijing time unless the device's clock says another zone.
 */
export const hj212: Codec = {
  name: 'hj212',
  reads: (topic) => topic.startsWith(prefix),
  decode(payload, { clock }) {
    const frame = readPayload(payload)
    if (frame !== null) return decodeFrame(frame, clock)
    return refusedWhole(rejection('wrong-shape', 'not a frame of HJ 212: ##, four digits, fields with CN, CP=&&…&&, CRC'))
  },
}

function readPayload(payload: Uint8Array): Frame | null {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const isFramed = bytes.length > 6 && bytes[0] === 0x23 && bytes[1] === 0x23
  return isFramed ? parseSegment(bytes.subarray(6)) : null
}

const beijing = '+08:00'

/** The readings of a frame. A command that brings none (a note) gives nothing; one that nobody knows is refused. */
export function decodeFrame(frame: Frame, clock: DeviceClock): Decoded {
  const upload = uploads.get(frame.cn)
  if (upload === undefined)
    return refusedWhole(rejection('unknown-topic', `CN ${quoted(frame.cn)} is no upload of HJ 212 that is known here`))
  if (upload.kind === 'note') return { groups: [], items: null, rejections: [] }
  const area = readArea(frame, upload.period)
  const time = timeOf('DataTime', area.dataTime, clock)
  if ('reason' in time) return refusedWhole(rejection(time.reason, withPart(time.detail, frame), valuesIn(area)))
  if (area.items.length + area.equipment.length === 0) return refusedWhole(rejection('wrong-shape', 'its data area holds no factor'))
  return gather(area, time.at, clock)
}

const valuesIn = ({ items, equipment }: Area): number =>
  Math.max(
    1,
    items.reduce((sum, { readings }) => sum + readings.length, equipment.length),
  )

/** One factor of a frame, as far as it was read. */
interface Item {
  code: string
  /** Null for a code that nobody knows. */
  factor: Factor | null
  readings: Reading[]
  sampleTime: string
  flag: string | null
  wrong: Misread | null
}

interface Area {
  dataTime: string
  items: Item[]
  equipment: Reading[]
  byCode: Map<string, Item>
}

function readArea({ area, st }: Frame, period: Period): Area {
  const read: Area = { dataTime: '', items: [], equipment: [], byCode: new Map() }
  const told = { period, st }
  eachField(area, (name, text) => readField(read, name, text, told))
  return read
}

function readField(read: Area, name: string, text: string, told: { period: Period; st: string }): void {
  const field = meaningOf(name)
  if (field.kind === 'ignored') {
    if (name === 'DataTime') read.dataTime = text
  } else if (field.kind === 'equipment') read.equipment.push(reading(name, numberOf(text) ?? null))
  else take(itemOf(read, field.code, told.st), field, text, told.period)
}

/** The fields of one factor stand together as a rule. */
function itemOf({ items, byCode }: Area, code: string, st: string): Item {
  const last = items[items.length - 1]
  if (last?.code === code) return last
  const known = byCode.get(code)
  if (known !== undefined) return known
  const item: Item = { code, factor: factorOf(code, st), readings: [], sampleTime: '', flag: null, wrong: null }
  byCode.set(code, item)
  items.push(item)
  return item
}

function take(item: Item, field: FactorField, text: string, period: Period): void {
  if (field.kind === 'flag') item.flag = text === '' ? null : text
  else if (field.kind === 'sample-time') item.sampleTime = /^0*$/.test(text) ? '' : text
  else {
    const value = numberOf(text)
    const { factor } = item
    if (value === undefined)
      item.wrong = { reason: 'not-finite', detail: `${quoted(field.code)} is ${quoted(text)}; send a number, or nothing` }
    const unit = field.statistic === 'total' ? factor?.totalUnit : factor?.unit
    const made = reading(factor?.parameter.key ?? field.code, value ?? null, unit ?? null, samplingIn(period, field.statistic))
    if (factor === null) made.hint = hintOf(field.code)
    if (item.readings.length === 0)
      item.readings = [made] // not pushed: that would make room for seventeen
    else item.readings.push(made)
  }
}

const reading = (name: string, value: number | null, unit: string | null = null, sampling?: Sampling): Reading =>
  sampling === undefined
    ? { name, number: null, station: null, value, unit, sourceQuality: null }
    : { name, number: null, station: null, value, unit, sourceQuality: null, sampling }

/** Texts that devices send for a value that is not there. */
const missing: ReadonlySet<string> = new Set(['', '-', '--', 'NaN', 'nan', 'null', 'NULL'])

/** The number (HJ 212-2017 6.3.3.2.2), null for a missing one, undefined for what is none. */
function numberOf(text: string): number | null | undefined {
  const plain = plainNumber(text)
  if (!Number.isNaN(plain)) return plain
  if (missing.has(text)) return null
  const value = /^[\d.eE+-]+$/.test(text) ? Number(text) : NaN
  return Number.isFinite(value) ? value + 0 : undefined
}

/** A number of at most 15 digits without sign and exponent, by hand: both parts of the fraction are exact. NaN for all others. */
function plainNumber(text: string): number {
  if (text.length > 16) return NaN
  let [digits, point] = [0, -1]
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit
    else if (digit === -2 && point < 0 && at > 0) point = at
    else return NaN
  }
  const count = point < 0 ? text.length : text.length - 1
  if (count === 0 || count > 15) return NaN
  return point < 0 ? digits : digits / (powersOfTen[count - point] ?? NaN)
}

const powersOfTen = Array.from({ length: 16 }, (_, i) => 10 ** i)

function timeOf(name: string, text: string, { zone, none }: DeviceClock): { at: number | null } | Misread {
  if (text === '' && none) return { at: null }
  const parsed = parseDigits(text.length === 17 && /^\d+$/.test(text) ? text.slice(0, 14) : text, zone ?? beijing)
  if (parsed.reason === undefined) return parsed
  if (parsed.shown !== undefined) return { at: parsed.shown }
  if (!/^\d{14}(?:\d{3})?$/.test(text)) return { reason: 'bad-time', detail: `${name} is ${quoted(text)}, not a time YYYYMMDDhhmmss` }
  return {
    reason: parsed.reason,
    detail: `${name} is ${quoted(text)}: ${parsed.reason === 'bad-time' ? 'there is no such time' : 'before 1900, which no clock shows'}`,
  }
}

const withPart = (detail: string, { part }: Frame): string =>
  part === null ? detail : `${detail}; packet ${part.number} of ${part.of}: each one repeats DataTime`

/** A group for each factor, in their order; equipment last. */
function gather({ items, equipment }: Area, at: number | null, clock: DeviceClock): Decoded {
  const groups: ReadingGroup[] = []
  const places: number[] = []
  const rejections: Rejection[] = []
  for (const [place, { readings, sampleTime, flag, wrong }] of items.entries()) {
    if (readings.length === 0) continue
    for (const one of readings) one.sourceQuality = flag
    const own = sampleTime === '' ? { at } : timeOf('SampleTime', sampleTime, clock)
    const refused = wrong ?? ('reason' in own ? own : null)
    if (refused !== null) rejections.push(rejection(refused.reason, refused.detail, readings.length, place))
    else {
      groups.push({ at: 'at' in own ? own.at : at, seq: null, position: null, readings })
      places.push(place)
    }
  }
  if (equipment.length > 0) {
    groups.push({ at, seq: null, position: null, readings: [], housekeeping: equipment })
    places.push(items.length)
  }
  return { groups, items: places, rejections }
}

/** What names and codes were found to mean; devices send the same few over and over. */
const mostRemembered = 4000
const fieldsByName = new Map<string, Field>()
const factorsByCode = new Map<string, Factor | null>()
const hintsByCode = new Map<string, string>()

function remembered<Meaning>(known: Map<string, Meaning>, name: string, find: () => Meaning): Meaning {
  const before = known.get(name)
  if (before !== undefined) return before
  const meaning = find()
  if (known.size >= mostRemembered) known.clear()
  known.set(name, meaning)
  return meaning
}

const meaningOf = (name: string): Field => fieldsByName.get(name) ?? remembered(fieldsByName, name, () => fieldNamed(name))
const hintOf = (code: string): string => remembered(hintsByCode, code, () => factorHint(code))
const factorOf = (code: string, st: string): Factor | null =>
  factorsByCode.get(code) ?? (/^\d{5}$/.test(code) ? findFactor(code, st) : remembered(factorsByCode, code, () => findFactor(code, st)))
