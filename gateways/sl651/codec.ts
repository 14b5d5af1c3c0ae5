import { quoted, refusedWhole, rejection, type Codec, type CodecDevice, type Decoded, type Misread } from '../../domain/codec.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
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
  const code = digits(frame.code, 2)
  const meaning = functions.get(frame.code)
  if (meaning === undefined)
    return refusedWhole(rejection('unknown-topic', `function code ${code} is no upload of SL 651 that is known here`))
  const message = readMessage(frame)
  if ('problem' in message) return refusedWhole(rejection('wrong-shape', `the frame ${code} cannot be read: ${message.problem}`))
  if (meaning !== 'data') return { groups: [], items: null, rejections: [] }
  const decoded: Decoded & { items: number[] } = { groups: [], items: [], rejections: [] }
  const groups = message.parts.flatMap((part) => groupsOf(part, frame.station, device))
  const exact = exactLevels(groups)
  for (const [place, group] of groups.entries()) {
    if ('reason' in group) decoded.rejections.push(rejection(group.reason, group.detail, 1, place))
    else if (!group.isCoarse || !exact.has(group.group.at)) {
      decoded.groups.push(group.group)
      decoded.items.push(place)
    }
  }
  return decoded
}

/** A group and whether it is coarse: a 5-minute level (0.01 m), which beside the station's own level (0.001 m) of its time would count as a correction. */
interface Made {
  group: ReadingGroup
  isCoarse: boolean
}

/** Times of the levels that are not coarse. */
function exactLevels(groups: readonly (Made | Misread)[]): ReadonlySet<number | null> {
  const times = new Set<number | null>()
  if (!groups.some((each) => 'isCoarse' in each && each.isCoarse)) return times
  for (const each of groups)
    if ('group' in each && !each.isCoarse && each.group.readings[0]?.name === waterLevel.key) times.add(each.group.at)
  return times
}

function groupsOf(part: Part, own: string, device: CodecDevice): (Made | Misread)[] {
  const step = stepMs(part.items)
  const taken = new Set<string>()
  return part.items.flatMap((item): (Made | Misread)[] => {
    if (item.kind === 'step' || item.kind === 'counters') return []
    if (item.kind === 'raw') return item.id === special.picture ? [] : [notANumber(item)]
    const at = part.observedAt
    if (at === null) return [{ reason: 'bad-time', detail: 'an element stands before any observation time (F0F0)' }]
    const name = nameOf(item, part.station === own ? '' : `${part.station}/`, device, taken)
    const unit = unitOf(item)
    const isCoarse = item.kind === 'series' && name.name === waterLevel.key
    return valuesOf(item, step, device).map(([after, value]) => ({ group: groupOf(at + after, name, value, unit), isCoarse }))
  })
}

function notANumber({ id, bytes }: Extract<Item, { kind: 'raw' }>): Misread {
  const what = id === 0 ? quoted(Buffer.from(bytes).toString('latin1')) : `element ${digits(id, 2)}`
  return { reason: 'unknown-parameter', detail: `${what} holds no number that SL 651 describes` }
}

type Value = Exclude<Item, { kind: 'step' | 'raw' | 'counters' }>

/** Values of an item, each with its time after the part's, ms. */
function valuesOf(item: Value, step: number, { sl651 }: CodecDevice): [after: number, value: number | null][] {
  if (item.kind === 'status') return [[0, item.bits]]
  if (item.kind === 'number') return [[0, item.id === windDirection ? degrees(item.value) : item.value]]
  const [every, base] = item.kind === 'run' ? [step, 0] : [fiveMinutes, item.id === special.rain5min ? 0 : (sl651?.levelBase ?? 0)]
  return item.values.map((value, i) => [i * every, value === null ? null : Math.round((value + base) * 1e7) / 1e7])
}

const windDirection = 0x33
/** Sixteen sectors from north, clockwise: 1 = N, 5 = E. */
const degrees = (sector: number | null): number | null => (sector === null ? null : (sector - 1) * 22.5)

interface Name {
  name: string
  number: number | null
}

/** A second element of the same parameter in one part keeps its identifier: which of them is the series only a channel can say. */
function nameOf({ ...item }: Value, whose: string, { channels, sl651 }: CodecDevice, taken: Set<string>): Name {
  const id = item.kind === 'status' ? special.status : item.id
  const identifier = elements.get(id)?.ascii ?? specialAscii.get(id) ?? digits(id, 2)
  if (whose !== '' || channels.has(identifier)) return { name: whose + identifier, number: null }
  const isLevel = id >= special.level5minFirst && id <= special.level5minLast
  const place = isLevel ? (id === special.level5minFirst && sl651?.levelBase != null ? waterLevel : null) : placeOf(id)
  const key = place === null ? identifier : `${place.key}/${place.number ?? 1}`
  if (place === null || taken.has(key)) return { name: identifier, number: null }
  taken.add(key)
  return { name: place.key, number: place.number }
}

const waterLevel = { key: 'water_level', number: null }

function unitOf(item: Value): string | null {
  if (item.kind === 'status') return null
  if (item.kind === 'series') return item.id === special.rain5min ? 'mm' : 'm'
  if (item.id === windDirection) return 'deg'
  return elements.get(item.id)?.unit ?? null
}

/** The battery is what the station says of itself: it costs nothing where nobody wants it. */
function groupOf(at: number, { name, number }: Name, value: number | null, unit: string | null): ReadingGroup {
  if (name !== 'supply_voltage')
    return { at, seq: null, position: null, readings: [{ name, number, station: null, value, unit, sourceQuality: null }] }
  const battery: Reading = { name: 'battery', number, station: null, value, unit, sourceQuality: null }
  return { at, seq: null, position: null, readings: [], housekeeping: [battery] }
}
