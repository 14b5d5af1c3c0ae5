import { quoted, refusedWhole, rejection, type Codec, type Decoded, type Misread } from '../../domain/codec.ts'
import type { DeviceClock } from '../../domain/network.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import type { Rejection } from '../../domain/rejection.ts'
import type { Sampling } from '../../domain/sampling.ts'
import { parseInstant } from '../../domain/time.ts'
import { factorHint, findFactor, readField, samplingIn, uploads, type Factor, type FactorField, type Field, type Period } from './fields.ts'
import { parseSegment, type Frame } from './frame.ts'

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
  const count = Math.max(
    1,
    area.items.reduce((sum, { readings }) => sum + readings.length, area.equipment.length),
  )
  const time = timeOf('DataTime', area.dataTime, clock)
  if ('reason' in time) return refusedWhole(rejection(time.reason, withPart(time.detail, frame), count))
  if (area.items.length + area.equipment.length === 0) return refusedWhole(rejection('wrong-shape', 'its data area holds no factor'))
  return gather(area, time.at, clock)
}

/** One factor of a frame, as far as it was read. */
interface Item {
  readings: Reading[]
  sampleTime: string
  flag: string | null
  wrong: Misread | null
}

interface Area {
  dataTime: string
  items: Item[]
  equipment: Reading[]
}

/** Splits at `;` and `,` alike: devices take the one for the other, and no value holds either. */
function readArea({ area, st }: Frame, period: Period): Area {
  const read: Area = { dataTime: '', items: [], equipment: [] }
  const byCode = new Map<string, Item>()
  let [last, lastCode]: [Item | null, string] = [null, '']
  for (let from = 0; from < area.length;) {
    const to = endOfField(area, from)
    const equals = area.indexOf('=', from)
    if (equals > from && equals < to) {
      const [name, value] = [area.slice(from, equals).trim(), area.slice(equals + 1, to).trim()]
      const field = fieldOf(name)
      if (name === 'DataTime') read.dataTime = value
      else if (field.kind === 'equipment') read.equipment.push(reading(name, numberOf(value) ?? null))
      else if (field.kind !== 'ignored') {
        if (last === null || field.code !== lastCode) last = itemOf(byCode, field.code, read.items)
        lastCode = field.code
        take(last, field, value, { period, factor: factorOf(field.code, st) })
      }
    }
    from = to + 1
  }
  return read
}

function endOfField(area: string, from: number): number {
  for (let at = from; at < area.length; at++) {
    const mark = area.charCodeAt(at)
    if (mark === 0x3b || mark === 0x2c) return at
  }
  return area.length
}

function itemOf(byCode: Map<string, Item>, code: string, items: Item[]): Item {
  const known = byCode.get(code)
  if (known !== undefined) return known
  const item: Item = { readings: [], sampleTime: '', flag: null, wrong: null }
  byCode.set(code, item)
  items.push(item)
  return item
}

function take(item: Item, field: FactorField, text: string, from: { period: Period; factor: Factor | null }): void {
  if (field.kind === 'sample-time') item.sampleTime = /^0*$/.test(text) ? '' : text
  else if (field.kind === 'flag') item.flag = text === '' ? null : text
  else {
    const value = numberOf(text)
    const { factor } = from
    if (value === undefined)
      item.wrong = { reason: 'not-finite', detail: `${quoted(field.code)} is ${quoted(text)}; send a number, or nothing` }
    const unit = field.statistic === 'total' ? factor?.totalUnit : factor?.unit
    const made = reading(factor?.parameter.key ?? field.code, value ?? null, unit ?? null, samplingIn(from.period, field.statistic))
    if (factor === null) made.hint = hintOf(field.code)
    item.readings.push(made)
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
  for (let at = 0; at < text.length; at++) {
    const mark = text.charCodeAt(at)
    const isOfNumber = (mark >= 0x30 && mark <= 0x39) || mark === 0x2e || mark === 0x2d || mark === 0x2b || (mark | 0x20) === 0x65
    if (!isOfNumber) return missing.has(text) ? null : undefined
  }
  if (text.length < 3 && missing.has(text)) return null
  const value = Number(text)
  return Number.isFinite(value) ? value + 0 : undefined
}

function timeOf(name: string, text: string, { zone, none }: DeviceClock): { at: number | null } | Misread {
  if (text === '' && none) return { at: null }
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\d{3})?$/.exec(text)
  if (digits === null) return { reason: 'bad-time', detail: `${name} is ${quoted(text)}, not a time YYYYMMDDhhmmss` }
  const [, year, month, day, hour, minute, second] = digits
  const parsed = parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}`, zone ?? beijing)
  if (parsed.reason === undefined) return parsed
  return {
    reason: parsed.reason,
    detail: `${name} is ${quoted(text)}: ${parsed.reason === 'bad-time' ? 'there is no such time' : 'before 2000, a clock that was reset'}`,
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

const fieldOf = (name: string): Field => fieldsByName.get(name) ?? remembered(fieldsByName, name, () => readField(name))
const hintOf = (code: string): string => remembered(hintsByCode, code, () => factorHint(code))
const factorOf = (code: string, st: string): Factor | null =>
  factorsByCode.get(code) ?? (/^\d{5}$/.test(code) ? findFactor(code, st) : remembered(factorsByCode, code, () => findFactor(code, st)))
