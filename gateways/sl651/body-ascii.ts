import { classes, elementsByAscii, elements, functions, special, specialAscii } from './fields.ts'
import { digits } from './frame.ts'
import { isSeries, readBeijing, slotOf, writeBeijing, type Item, type Message, type Part, type Unreadable } from './message.ts'

/** Serial number (4 HEX digits) and send time (12 digits). */
export const asciiHeadLength = 16
const uniform = new Set([0x31, 0x38])

/**
 * Reads a body in the ASCII encoding (table 16 and chapter 6.6): `identifier space data space …`. The rules are the standard's; no frame of a
 * device was at hand. 5-minute series and ZT are taken as the HEX digits of their bytes.
 */
export function readAsciiBody(code: number, body: Uint8Array): Message | Unreadable {
  const content = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
  const head = /^([0-9A-Fa-f]{4})(\d{12})/.exec(content)
  if (head === null) return { problem: 'its body does not begin with a serial number and a time' }
  const sent = readBeijing(head[2] ?? '')
  const message: Message = { serial: parseInt(head[1] ?? '', 16), sentAt: Number.isNaN(sent) ? null : sent, parts: [], text: null }
  const rest = content.slice(asciiHeadLength)
  if (functions.get(code) === 'text') return { ...message, text: rest }
  const words = rest.split(' ').filter((word) => word !== '')
  let at = 0
  while (at < words.length) {
    const step = readWords(words, at, code, message.parts)
    if (typeof step === 'string') return { problem: step }
    at = step
  }
  return message
}

/** Reads an identifier with its data; gives the place behind them, or what is wrong. */
function readWords(words: readonly string[], at: number, code: number, parts: Part[]): number | string {
  const [name = '', data] = [words[at], words[at + 1]]
  const step = stepOf(name)
  const open = parts.at(-1)
  if (step !== null && open !== undefined) {
    open.items.push(step)
    return at + 1
  }
  if (data === undefined) return `"${name.slice(0, 20)}" has no data`
  if (name === 'ST') return readStation(words, at, functions.get(code) !== 'answer', parts)
  const part = parts.at(-1)
  if (part === undefined) return `"${name.slice(0, 20)}" stands before ST`
  if (name === 'TT') return readTime(data, part, parts) ?? at + 2
  const item = itemOf(name, data)
  if (typeof item === 'string') return item
  part.items.push(item)
  return item.kind === 'number' && uniform.has(code) ? readRun(words, at + 2, item, part.items) : at + 2
}

function readStation(words: readonly string[], at: number, hasClass: boolean, parts: Part[]): number | string {
  const [address = '', letter = ''] = [words[at + 1], words[at + 2]]
  if (!/^[0-9A-Fa-f]{10}$/.test(address)) return `"${address.slice(0, 20)}" is no station address`
  if (hasClass && !/^[A-Z]$/.test(letter)) return `"${letter.slice(0, 20)}" is no station class`
  parts.push({ station: address.toUpperCase(), stationClass: hasClass ? letter.charCodeAt(0) : null, observedAt: null, items: [] })
  return at + (hasClass ? 3 : 2)
}

function readTime(data: string, part: Part, parts: Part[]): string | null {
  const observedAt = data.length === 10 ? readBeijing(data) : NaN
  if (Number.isNaN(observedAt)) return `"${data.slice(0, 20)}" is no observation time`
  if (part.observedAt === null && part.items.length === 0) part.observedAt = observedAt
  else parts.push({ ...part, observedAt, items: [] })
  return null
}

/** All values up to the next identifier, which begins with a letter other than M alone. */
function readRun(words: readonly string[], from: number, first: Extract<Item, { kind: 'number' }>, items: Item[]): number {
  const values = [first.value]
  let at = from
  for (let word = words[at]; word !== undefined; word = words[++at]) {
    const value = readNumber(word)
    if (value === undefined) break
    values.push(value)
  }
  const { id, bytes, decimals } = first
  items[items.length - 1] = { kind: 'run', id, bytes, decimals, values }
  return at
}

const specialIds: ReadonlyMap<string, number> = new Map([...specialAscii].map(([id, name]) => [name, id]))

function itemOf(name: string, data: string): Item | string {
  const id = elementsByAscii.get(name)?.id ?? specialIds.get(name)
  if (id === undefined) return { kind: 'raw', id: 0, definition: 0, bytes: Buffer.from(`${name} ${data}`, 'latin1') }
  if (id === special.status && /^[0-9A-Fa-f]{8}$/.test(data)) return { kind: 'status', bits: parseInt(data, 16) }
  if (isSeries(id)) return readSlots(id, data) ?? `"${data.slice(0, 20)}" is no 5-minute series`
  const value = readNumber(data)
  if (value === undefined) return `"${data.slice(0, 20)}" is no value of ${name}`
  const definition = elements.get(id)?.definition ?? 0
  return { kind: 'number', id, bytes: definition >> 3, decimals: definition & 7, value }
}

/** `DRD01`, `DRH01`, `DRN05`: days, hours, minutes between the values that follow. */
function stepOf(name: string): Item | null {
  const [, unit, count] = /^DR([DHN])(\d\d)$/.exec(name) ?? []
  if (unit === undefined) return null
  const of = (letter: string): number => (unit === letter ? Number(count) : 0)
  return { kind: 'step', days: of('D'), hours: of('H'), minutes: of('N') }
}

function readSlots(id: number, data: string): Item | null {
  const { bytes, perUnit, missing } = slotOf(id)
  if (data.length !== 24 * bytes || !/^[0-9A-Fa-f]+$/.test(data)) return null
  const raw = Array.from({ length: 12 }, (_, i) => parseInt(data.slice(i * 2 * bytes, (i + 1) * 2 * bytes), 16))
  return { kind: 'series', id, values: raw.map((value) => (value === missing ? null : value / perUnit)) }
}

/** `M` = null; undefined when it is no number. */
function readNumber(text: string): number | null | undefined {
  if (text === 'M') return null
  return /^-?\d{1,14}(?:\.\d{1,7})?$/.test(text) ? Number(text) + 0 : undefined
}

/**
 * Writes a body in the ASCII encoding, so that `readAsciiBody` gives the same message; the last space stays. Throws RangeError for what it has no
 * identifier for: raw elements, and steps of more than one unit.
 */
export function writeAsciiBody(message: Message): Buffer {
  let written = digits(message.serial, 4) + writeBeijing(message.sentAt ?? 0, 12) + (message.text ?? '')
  let before: Part | null = null
  for (const part of message.parts) {
    if (before === null || before.station !== part.station || before.stationClass !== part.stationClass)
      written += `ST ${part.station ?? ''} ${part.stationClass === null ? '' : `${classes.get(part.stationClass) ?? '?'} `}`
    before = part
    if (part.observedAt !== null) written += `TT ${writeBeijing(part.observedAt, 10)} `
    for (const item of part.items) written += `${writeItem(item)} `
  }
  return Buffer.from(written, 'latin1')
}

function writeItem(item: Item): string {
  switch (item.kind) {
    case 'step':
      return writeStep(item)
    case 'status':
      return `ZT ${digits(item.bits, 8)}`
    case 'series':
      return `${nameOf(item.id)} ${item.values.map((value) => writeSlot(item.id, value)).join('')}`
    case 'number':
      return `${nameOf(item.id)} ${writeNumber(item.value, item.decimals)}`
    case 'run':
      return `${nameOf(item.id)} ${item.values.map((value) => writeNumber(value, item.decimals)).join(' ')}`
    case 'counters':
      throw new RangeError('an event log has no form in the ASCII encoding')
    case 'raw':
      throw new RangeError(`element ${digits(item.id, 2)} has no identifier in the ASCII encoding`)
  }
}

function nameOf(id: number): string {
  const name = elements.get(id)?.ascii ?? specialAscii.get(id)
  if (name === undefined) throw new RangeError(`element ${digits(id, 2)} has no identifier in the ASCII encoding`)
  return name
}

function writeStep({ days, hours, minutes }: Extract<Item, { kind: 'step' }>): string {
  const units = [['D', days] as const, ['H', hours] as const, ['N', minutes] as const].filter(([, count]) => count > 0)
  const [unit, count] = units[0] ?? ['N', 0]
  if (units.length > 1) throw new RangeError('a step in the ASCII encoding has one unit')
  return `DR${unit}${String(count).padStart(2, '0')}`
}

function writeSlot(id: number, value: number | null): string {
  const { bytes, perUnit, missing } = slotOf(id)
  return digits(value === null ? missing : Math.round(value * perUnit), bytes * 2)
}

const writeNumber = (value: number | null, decimals: number): string => (value === null ? 'M' : value.toFixed(decimals))
