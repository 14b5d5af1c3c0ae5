import { quoted, refusedWhole, rejection, type Codec, type CodecDevice, type Decoded, type Misread } from '../../domain/codec.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import type { Rejection } from '../../domain/rejection.ts'
import { readAsciiBody, writeAsciiBody } from './body-ascii.ts'
import { readHexBody, writeHexBody } from './body-hex.ts'
import { elements, functions, placeOf, special, specialAscii } from './fields.ts'
import { digits, type Frame } from './frame.ts'
import { fiveMinutes, stepMs, type Item, type Message, type Part, type Unreadable } from './message.ts'
import { createScanner } from './scanner.ts'

/** Topic of a delivery: the protocol and its function code. */
export const topicOf = (code: number): string => `${prefix}${digits(code, 2)}`
const prefix = 'sl651/'

/**
 * SL 651 in both encodings. A payload is one frame, or all packets of one upload in order, as the gateway has checked them. Each element is a
 * group of its own: an unknown one does not take the others with it. A reading has the name of the device's channel for the element's ASCII
 * identifier (`PT`), else the parameter of the catalogue, else the identifier. Times are Beijing time.
 */
export const sl651: Codec = {
  name: 'sl651',
  reads: (topic) => topic.startsWith(prefix),
  decode(payload, device) {
    const frame = readPayload(payload)
    if (frame === null) return refusedWhole(rejection('wrong-shape', 'not a frame of SL 651, or not all packets of an upload'))
    return decodeFrame(frame, device)
  },
}

function readPayload(payload: Uint8Array): Frame | null {
  const scanner = createScanner()
  const found = scanner.push(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength))
  const frames = found.flatMap((each) => (each.fault === undefined ? [each.frame] : []))
  return scanner.pending() > 0 || frames.length < found.length ? null : join(frames)
}

/** One frame out of the packets of an upload, which stand in order; null when one is missing. */
export function join(frames: readonly Frame[]): Frame | null {
  const [first] = frames
  if (first === undefined) return null
  if (first.packet === null) return frames.length === 1 ? first : null
  if (first.packet.total !== frames.length || frames.some(({ packet }, i) => packet?.number !== i + 1)) return null
  return { ...first, packet: null, body: Buffer.concat(frames.map(({ body }) => body)) }
}

/** The message in an uplink frame. */
export function readMessage({ encoding, code, body }: Frame): Message | Unreadable {
  return encoding === 'hex' ? readHexBody(code, body) : readAsciiBody(code, body)
}

/** A message as the body of a frame. */
export function writeMessage(encoding: Frame['encoding'], message: Message): Buffer {
  return encoding === 'hex' ? writeHexBody(message) : writeAsciiBody(message)
}

/** The readings of a frame. Texts, pictures and answers to settings hold none. */
export function decodeFrame(frame: Frame, device: CodecDevice): Decoded {
  const meaning = functions.get(frame.code)
  if (meaning === undefined)
    return refusedWhole(rejection('unknown-topic', `function code ${digits(frame.code, 2)} is no upload of SL 651 that is known here`))
  const message = readMessage(frame)
  if ('problem' in message)
    return refusedWhole(rejection('wrong-shape', `the frame ${digits(frame.code, 2)} cannot be read: ${message.problem}`))
  if (meaning !== 'data') return { groups: [], items: null, rejections: [] }
  const gathered: Gathered = { groups: [], items: [], rejections: [], places: 0, coarse: [] }
  for (const part of message.parts) addPart(part, { own: frame.station, device }, gathered)
  if (gathered.coarse.length > 0) leaveOutCoarse(gathered)
  const { groups, items, rejections } = gathered
  return { groups, items, rejections }
}

interface Gathered {
  groups: ReadingGroup[]
  /** Place of each group: refused elements have places as well. */
  items: number[]
  rejections: Rejection[]
  places: number
  /** Groups that are coarse: a 5-minute level (0.01 m), which beside the station's own level (0.001 m) of its time would count as a correction. */
  coarse: ReadingGroup[]
}

function leaveOutCoarse(gathered: Gathered): void {
  const coarse = new Set(gathered.coarse)
  const exact = new Set(gathered.groups.filter((group) => !coarse.has(group) && isLevel(group)).map(({ at }) => at))
  const stays = gathered.groups.map((group) => !coarse.has(group) || !exact.has(group.at))
  gathered.groups = gathered.groups.filter((_, i) => stays[i])
  gathered.items = gathered.items.filter((_, i) => stays[i])
}

const isLevel = ({ readings }: ReadingGroup): boolean => readings[0]?.name === waterLevel.key

function addPart({ items, station, observedAt }: Part, { own, device }: { own: string; device: CodecDevice }, gathered: Gathered): void {
  const step = stepMs(items)
  const whose = station === own ? '' : `${station}/`
  const taken = new Set<string>()
  for (const item of items) {
    if (item.kind === 'step' || item.kind === 'counters' || (item.kind === 'raw' && item.id === special.picture)) continue
    if (item.kind === 'raw') refuse(gathered, notANumber(item))
    else if (observedAt === null) refuse(gathered, { reason: 'bad-time', detail: 'an element stands before any observation time (F0F0)' })
    else if (isWithoutStep(item, step)) refuse(gathered, noStep(item), item.values.length)
    else addItem(item, { name: nameOf(item, whose, device, taken), observedAt, step, device }, gathered)
  }
}

function refuse(gathered: Gathered, { reason, detail }: Misread, values = 1): void {
  gathered.rejections.push(rejection(reason, detail, values, gathered.places))
  gathered.places += 1
}

type Run = Extract<Item, { kind: 'run' }>

/** All values of such a run would have one time, each a correction of the one before. A single value needs no step. */
const isWithoutStep = (item: Value, step: number): item is Run => item.kind === 'run' && item.values.length > 1 && step === 0

const noStep = ({ id, values }: Run): Misread => ({
  reason: 'bad-time',
  detail: `a run without a step: ${values.length} values of element ${digits(id, 2)} and no time step (04) that says how far apart they are`,
})

function notANumber({ id, bytes }: Extract<Item, { kind: 'raw' }>): Misread {
  const what = id === 0 ? quoted(Buffer.from(bytes).toString('latin1')) : `element ${digits(id, 2)}`
  return { reason: 'unknown-parameter', detail: `${what} holds no number that SL 651 describes` }
}

type Value = Exclude<Item, { kind: 'step' | 'raw' | 'counters' }>

interface Placed {
  name: Name
  observedAt: number
  /** Between the values of a run, ms. */
  step: number
  device: CodecDevice
}

/** A group for each value of an item. */
function addItem(item: Value, placed: Placed, gathered: Gathered): void {
  const { name, observedAt, device } = placed
  if (item.kind === 'number') return add(gathered, observedAt, name, item.id === windDirection ? degrees(item.value) : item.value)
  if (item.kind === 'status') return add(gathered, observedAt, name, item.bits)
  const isRun = item.kind === 'run'
  const every = isRun ? placed.step : fiveMinutes
  const base = isRun || item.id === special.rain5min ? 0 : (device.sl651?.levelBase ?? 0)
  const isCoarse = !isRun && name.name === waterLevel.key
  for (const [i, value] of item.values.entries()) {
    add(gathered, observedAt + i * every, name, value === null ? null : Math.round((value + base) * 1e7) / 1e7)
    if (isCoarse) gathered.coarse.push(...gathered.groups.slice(-1))
  }
}

/** The battery is what the station says of itself: it costs nothing where nobody wants it. */
function add(gathered: Gathered, at: number, { name, number, unit }: Name, value: number | null): void {
  const isBattery = name === 'supply_voltage'
  const reading: Reading = { name: isBattery ? 'battery' : name, number, station: null, value, unit, sourceQuality: null }
  const group: ReadingGroup = isBattery
    ? { at, seq: null, position: null, readings: [], housekeeping: [reading] }
    : { at, seq: null, position: null, readings: [reading] }
  gathered.groups.push(group)
  gathered.items.push(gathered.places)
  gathered.places += 1
}

const windDirection = 0x33
/** Sixteen sectors from north, clockwise: 1 = N, 5 = E. */
const degrees = (sector: number | null): number | null => (sector === null ? null : (sector - 1) * 22.5)

/** What an element is called, and its unit. */
interface Name {
  name: string
  number: number | null
  unit: string | null
}

/** A second element of the same parameter in one part keeps its identifier: which of them is the series only a channel can say. */
function nameOf(item: Value, whose: string, { channels, sl651 }: CodecDevice, taken: Set<string>): Name {
  const id = item.kind === 'status' ? special.status : item.id
  const identifier = elements.get(id)?.ascii ?? specialAscii.get(id) ?? digits(id, 2)
  const unit = unitOf(item)
  if (whose !== '' || channels.has(identifier)) return { name: whose + identifier, number: null, unit }
  const place = isFirstLevel(id) && sl651?.levelBase != null ? waterLevel : placeOf(id)
  const key = (place?.number ?? 1) === 1 ? place?.key : `${place?.key}/${place?.number}`
  if (place === null || key === undefined || taken.has(key)) return { name: identifier, number: null, unit }
  taken.add(key)
  return { name: place.key, number: place.number, unit }
}

const isFirstLevel = (id: number): boolean => id === special.level5minFirst
const waterLevel = { key: 'water_level', number: null }

function unitOf(item: Value): string | null {
  if (item.kind === 'status') return null
  if (item.kind === 'series') return item.id === special.rain5min ? 'mm' : 'm'
  if (item.id === windDirection) return 'deg'
  return elements.get(item.id)?.unit ?? null
}
