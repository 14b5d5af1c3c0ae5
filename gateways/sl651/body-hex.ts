import { functions, special } from './fields.ts'
import { digits, hexText } from './frame.ts'
import { isSeries, readBeijing, slotOf, writeBeijing, type Item, type Message, type Part, type Unreadable } from './message.ts'

/** Serial number and send time. */
export const headBytes = 8
const uniform = new Set([0x31, 0x38])

/** A place in a body. */
interface Cursor {
  body: Uint8Array
  at: number
}

/** Reads a body in HEX of an uplink. Which elements it holds is told by the function code: class codes are element identifiers as well. */
export function readHexBody(code: number, body: Uint8Array): Message | Unreadable {
  if (body.length < headBytes) return { problem: `its body has ${body.length} bytes, less than a serial number and a time` }
  const sent = readBeijing(hexText(body, 2, 6))
  const message: Message = { serial: word(body, 0), sentAt: Number.isNaN(sent) ? null : sent, parts: [], text: null }
  const meaning = functions.get(code)
  if (meaning === 'text') return readText(body, message)
  const cursor: Cursor = { body, at: headBytes }
  while (cursor.at < body.length) {
    const problem = readNext(cursor, code, message)
    if (problem !== null) return { problem: `${problem} at byte ${cursor.at + 1} of its body` }
  }
  return message
}

function readText(body: Uint8Array, message: Message): Message | Unreadable {
  if (word(body, headBytes) !== 0xf2f2) return { problem: 'F2F2 does not stand before its text' }
  return { ...message, text: Buffer.from(body.subarray(headBytes + 2)).toString('latin1') }
}

/** Reads a guide or an element; null = done, else what is wrong. */
function readNext(cursor: Cursor, code: number, message: Message): string | null {
  const { body, at } = cursor
  const { parts } = message
  const guide = word(body, at)
  if (guide === 0xf1f1) return readStation(cursor, functions.get(code) !== 'answer', parts)
  if (guide === 0xf0f0) return readTime(cursor, parts)
  const part = parts.at(-1)
  if (part === undefined) return 'an element stands before F1F1'
  if (code === versionCode || code === eventsCode) return readSpecial(cursor, code, message)
  if (guide === 0xf3f3) {
    part.items.push({ kind: 'raw', id: special.picture, definition: special.picture, bytes: body.subarray(at + 2) })
    cursor.at = body.length
    return null
  }
  return readItem(cursor, code, part.items)
}

const [versionCode, eventsCode] = [0x45, 0x50]

/** Answers that hold no elements: a version as length and text, an event log of 32 counters of two bytes. */
function readSpecial(cursor: Cursor, code: number, message: Message): string | null {
  const { body, at } = cursor
  const rest = body.subarray(at)
  cursor.at = body.length
  if (code === versionCode) {
    message.text = Buffer.from(rest.subarray(1)).toString('latin1')
    return rest[0] === rest.length - 1 ? null : 'the version is not as long as it says'
  }
  const values = Array.from({ length: rest.length >> 1 }, (_, i) => word(rest, 2 * i))
  message.parts.at(-1)?.items.push({ kind: 'counters', values })
  return rest.length === 64 ? null : 'the event log is not 64 bytes long'
}

function readStation(cursor: Cursor, hasClass: boolean, parts: Part[]): string | null {
  const { body, at } = cursor
  const next = at + 7 + (hasClass ? 1 : 0)
  if (next > body.length) return 'the station address is cut'
  parts.push({ station: hexText(body, at + 2, 5), stationClass: hasClass ? (body[at + 7] ?? 0) : null, observedAt: null, items: [] })
  cursor.at = next
  return null
}

/** A second time of one station begins a new part. */
function readTime(cursor: Cursor, parts: Part[]): string | null {
  const { body, at } = cursor
  const part = parts.at(-1)
  if (part === undefined) return 'a time stands before F1F1'
  if (at + 7 > body.length) return 'the observation time is cut'
  const observedAt = readBeijing(hexText(body, at + 2, 5))
  if (Number.isNaN(observedAt)) return `${hexText(body, at + 2, 5)} is no observation time`
  if (part.observedAt === null && part.items.length === 0) part.observedAt = observedAt
  else parts.push({ ...part, observedAt, items: [] })
  cursor.at = at + 7
  return null
}

function readItem(cursor: Cursor, code: number, items: Item[]): string | null {
  const { body } = cursor
  const isOwn = body[cursor.at] === special.own
  const id = isOwn ? word(body, cursor.at) : (body[cursor.at] ?? 0)
  const from = cursor.at + (isOwn ? 3 : 2)
  const definition = body[from - 1] ?? 0
  const size = definition >> 3
  if (id === special.velocities) {
    items.push({ kind: 'raw', id, definition, bytes: body.subarray(from) })
    cursor.at = body.length
    return null
  }
  if (size === 0 || from + size > body.length) return `element ${digits(id, 2)} with definition byte ${digits(definition, 2)} does not fit`
  const item = itemOf(id, definition, body.subarray(from, from + size))
  items.push(item)
  cursor.at = from + size
  if (item.kind === 'number' && uniform.has(code)) items[items.length - 1] = readRun(cursor, item, size)
  return null
}

/** The values behind the first, up to the end or the next guide (no BCD number begins with F0 or F1). */
function readRun(cursor: Cursor, { id, bytes, decimals, value }: Extract<Item, { kind: 'number' }>, size: number): Item {
  const values = [value]
  const { body } = cursor
  while (cursor.at + size <= body.length && (body[cursor.at] ?? 0) >> 1 !== 0x78) {
    values.push(readNumber(body, cursor.at, size, decimals) ?? null)
    cursor.at += size
  }
  return { kind: 'run', id, bytes, decimals, values }
}

function itemOf(id: number, definition: number, bytes: Uint8Array): Item {
  if (id === special.step && definition === 0x18) return { kind: 'step', days: bcd(bytes, 0), hours: bcd(bytes, 1), minutes: bcd(bytes, 2) }
  if (id === special.status && bytes.length === 4) return { kind: 'status', bits: word(bytes, 0) * 0x10000 + word(bytes, 2) }
  if (isSeries(id) && bytes.length === 12 * slotOf(id).bytes) return { kind: 'series', id, values: readSlots(id, bytes) }
  const decimals = definition & 7
  const value = bytes.length <= longestNumber ? readNumber(bytes, 0, bytes.length, decimals) : undefined
  return value === undefined ? { kind: 'raw', id, definition, bytes } : { kind: 'number', id, bytes: bytes.length, decimals, value }
}

/** Longest number: a sign byte and 14 digits, so that it is exact. */
const longestNumber = 8
const powers = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7]

/** BCD, negative behind FF, all F = null; undefined when it is no number. */
function readNumber(bytes: Uint8Array, at: number, size: number, decimals: number): number | null | undefined {
  const isNegative = bytes[at] === 0xff
  let value = 0
  for (let i = at + (isNegative ? 1 : 0); i < at + size; i++) {
    const [high, low] = [(bytes[i] ?? 0) >> 4, (bytes[i] ?? 0) & 15]
    if (high > 9 || low > 9) return isNegative && allF(bytes, at, size) ? null : undefined
    value = value * 100 + high * 10 + low
  }
  if (isNegative && size === 1) return null
  const scaled = value / (powers[decimals] ?? 1)
  return isNegative && scaled !== 0 ? -scaled : scaled
}

function allF(bytes: Uint8Array, at: number, size: number): boolean {
  for (let i = at; i < at + size; i++) if (bytes[i] !== 0xff) return false
  return true
}

function readSlots(id: number, bytes: Uint8Array): (number | null)[] {
  const { bytes: size, perUnit, missing } = slotOf(id)
  const values: (number | null)[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const raw = size === 1 ? (bytes[at] ?? 0) : word(bytes, at)
    values.push(raw === missing ? null : raw / perUnit)
  }
  return values
}

const word = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
const bcd = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) >> 4) * 10 + ((bytes[at] ?? 0) & 15)

/** Writes a body in HEX of data, a text or settings, so that `readHexBody` gives the same message. Throws RangeError for a number that does not fit its bytes. */
export function writeHexBody(message: Message): Buffer {
  const head = digits(message.serial, 4) + writeBeijing(message.sentAt ?? 0, 12)
  const text = message.text === null ? '' : `F2F2${Buffer.from(message.text, 'latin1').toString('hex')}`
  let station: Part | null = null
  let written = head + text
  for (const part of message.parts) {
    if (station === null || station.station !== part.station || station.stationClass !== part.stationClass)
      written += `F1F1${part.station ?? ''}${part.stationClass === null ? '' : digits(part.stationClass, 2)}`
    station = part
    if (part.observedAt !== null) written += `F0F0${writeBeijing(part.observedAt, 10)}`
    for (const item of part.items) written += writeItem(item)
  }
  return Buffer.from(written, 'hex')
}

function writeItem(item: Item): string {
  switch (item.kind) {
    case 'step':
      return `0418${[item.days, item.hours, item.minutes].map((part) => String(part).padStart(2, '0')).join('')}`
    case 'status':
      return `4520${digits(item.bits, 8)}`
    case 'series':
      return `${digits(item.id, 2)}${digits(12 * slotOf(item.id).bytes * 8, 2)}${item.values.map((value) => writeSlot(item.id, value)).join('')}`
    case 'counters':
      return item.values.map((value) => digits(value, 4)).join('')
    case 'raw':
      return digits(item.id, 2) + digits(item.definition, 2) + hexText(item.bytes)
    case 'number':
      return head(item) + writeNumber(item, item.value)
    case 'run':
      return head(item) + item.values.map((value) => writeNumber(item, value)).join('')
  }
}

interface Width {
  id: number
  bytes: number
  decimals: number
}

const head = ({ id, bytes, decimals }: Width): string => digits(id, 2) + digits((bytes << 3) | decimals, 2)

function writeSlot(id: number, value: number | null): string {
  const { bytes, perUnit, missing } = slotOf(id)
  const raw = value === null ? missing : Math.round(value * perUnit)
  if (raw < 0 || raw > missing) throw new RangeError(`${value} does not fit a slot of element ${digits(id, 2)}`)
  return digits(raw, bytes * 2)
}

function writeNumber({ id, bytes, decimals }: Width, value: number | null): string {
  if (value === null) return 'FF'.repeat(bytes)
  const text = String(Math.round(Math.abs(value) * (powers[decimals] ?? 1)))
  const room = 2 * bytes - (value < 0 ? 2 : 0)
  if (text.length > room) throw new RangeError(`${value} does not fit the ${bytes} bytes of element ${digits(id, 2)}`)
  return (value < 0 ? 'FF' : '') + text.padStart(room, '0')
}
