import { parseDigits, type TimeProblem } from '../../domain/time.ts'
import { kinds, layouts, trailerBytes, type Field } from './fields.ts'
import { hexByte, type Frame } from './frame.ts'

/** Time of a report: digits as they came; there is neither month nor year. */
export interface Tp {
  day: string
  hour: string
  minute: string
  second: string
  /** The last byte, 0 to 255; its unit is not verified. */
  delay: number
}

/** The data of an automatic report (C0). */
export interface Report {
  values: { field: Field; bytes: Uint8Array }[]
  /** 0 to 65535, read low byte first. */
  alarm: number
  state: number
  tp: Tp
}

/** Reads the data of a report: values by data type, alarm word, state word, Tp (second, minute, hour and day in BCD, delay). */
export function readReport({ kind, data }: Pick<Frame, 'kind' | 'data'>): Report | { problem: string } {
  const size = data.length - trailerBytes
  const named = `data type ${kind} (${kinds[kind] ?? '?'})`
  const known = layouts.get(kind)
  if (known === undefined) return { problem: `how values of ${named} are written is not described` }
  const layout = known.find((fields) => bytesOf(fields) === size)
  if (layout === undefined) return { problem: `a report of ${named} with ${data.length} bytes of data is not described` }
  const values: Report['values'] = []
  let at = 0
  for (const field of layout) {
    values.push({ field, bytes: data.subarray(at, at + field.bytes) })
    at += field.bytes
  }
  const [alarm, state] = [wordAt(data, at), wordAt(data, at + 2)]
  const [second = '', minute = '', hour = '', day = ''] = [4, 5, 6, 7].map((place) => hexByte(data[at + place] ?? 0))
  return { values, alarm, state, tp: { day, hour, minute, second, delay: data[at + 8] ?? 0 } }
}

const bytesOf = (fields: readonly Field[]): number => fields.reduce((sum, { bytes }) => sum + bytes, 0)
const wordAt = (data: Uint8Array, at: number): number => (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8)

/** Writes what `readReport` reads. */
export function writeReport({ values, alarm, state, tp }: Report): Buffer {
  const words = Buffer.of(alarm & 0xff, alarm >> 8, state & 0xff, state >> 8)
  const time = Buffer.from(tp.second + tp.minute + tp.hour + tp.day, 'hex')
  return Buffer.concat([...values.map(({ bytes }) => bytes), words, time, Buffer.of(tp.delay)])
}

/** Packed BCD, low byte first, as digits of the usual order; null when a nibble is none. */
export function readBcd(bytes: Uint8Array): string | null {
  const digits = Buffer.from(bytes).reverse().toString('hex')
  return /^\d*$/.test(digits) ? digits : null
}

/** A whole number from 0 on as packed BCD, low byte first. Throws RangeError for one that does not fit. */
export function writeBcd(value: number, bytes: number): Buffer {
  const digits = String(value).padStart(2 * bytes, '0')
  if (!/^\d+$/.test(digits) || digits.length > 2 * bytes) throw new RangeError(`${value} does not fit ${bytes} bytes of BCD`)
  return Buffer.from(digits, 'hex').reverse()
}

/** A clock that is fast is told from one that speaks of last month by this, ms. */
const mostAhead = 86_400_000

/**
 * The moment of a Tp, whose month and year are those of `receivedAt` or of the months before: the latest that is at most a day ahead of it. So what a
 * station kept for up to a month has its time, also beyond the end of a month. `bad-time` where no such month has the day.
 */
export function momentOf({ day, hour, minute, second }: Tp, receivedAt: number, zone: string): { at: number } | { reason: TimeProblem } {
  const received = new Date(receivedAt)
  for (let back = -1; back <= 2; back++) {
    const month = new Date(Date.UTC(received.getUTCFullYear(), received.getUTCMonth() - back, 1)).toISOString()
    const parsed = parseDigits(month.slice(0, 4) + month.slice(5, 7) + day + hour + minute + second, zone)
    if (parsed.reason === undefined && parsed.at <= receivedAt + mostAhead) return { at: parsed.at }
  }
  return { reason: 'bad-time' }
}
