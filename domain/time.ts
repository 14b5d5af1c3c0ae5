import { daysInMonth, epochDay, instantOf, localTime, offsetAt } from './time-zone.ts'

/** Why a text or number is not a time; names of quarantine reasons. */
export type TimeProblem = 'no-offset' | 'bad-time' | 'time-microseconds' | 'time-1970'

/** `shown`: what a clock shows that was reset, epoch ms, with `time-1970`. */
export type ParsedInstant = { at: number; reason?: undefined } | { at?: undefined; reason: TimeProblem; shown?: number }

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** 2000-01-01: nothing that is sent today was measured before it; a clock that says so was reset. */
export const earliestTime = 946_684_800_000

/** 1900-01-01, where the time of networks begins: what lies before is shown by no clock. */
const earliestShown = -2_208_988_800_000

/**
 * Reads a time as devices send it: ISO 8601 (extended form: `T` or a space; seconds and any fraction optional; offset `Z`, `+08:00`,
 * `+0800` or `+08`), or epoch seconds or milliseconds told by size: below 1e11 seconds, from 1e14 on microseconds, which are refused.
 * A text without an offset is read in `zone` (IANA or fixed) when there is one: shown twice = the first, never shown = an hour later.
 * Impossible dates and times are refused; 24:00 is the next midnight, second 60 the next minute. Digits beyond the ms are cut off.
 * Returns epoch ms UTC. Runs for every reading: digits by hand, neither a regular expression nor Date.
 */
export function parseInstant(value: unknown, zone: string | null = null): ParsedInstant {
  if (typeof value === 'number') return fromEpoch(value)
  if (typeof value !== 'string') return bad
  const at = readIso(value, zone)
  if (Number.isNaN(at)) return zone === null && !Number.isNaN(readIso(value, 'Z')) ? noOffset : bad
  return instantAt(at)
}

const bad: ParsedInstant = { reason: 'bad-time' }
const noOffset: ParsedInstant = { reason: 'no-offset' }
const instantAt = (at: number): ParsedInstant =>
  at >= earliestTime ? { at } : at >= earliestShown ? { reason: 'time-1970', shown: at } : { reason: 'time-1970' }
const microseconds: ParsedInstant = { reason: 'time-microseconds' }

function fromEpoch(value: number): ParsedInstant {
  if (!Number.isFinite(value)) return bad
  if (value >= 1e14) return microseconds
  const at = Math.round(value < 1e11 ? value * 1000 : value)
  return instantAt(at)
}

/** The two decimal digits at a place, or NaN. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

/**
 * Reads a time of digits alone, `YYYYMMDDhhmmss`, as the wall clock of a zone. Impossible dates and times are refused;
 * 24:00 is the next midnight, second 60 the next minute. Runs for every frame of a field protocol.
 */
export function parseDigits(text: string, zone: string): ParsedInstant {
  const local = text.length === 14 ? localOfDigits(twoDigits(text, 0) * 100 + twoDigits(text, 2), text, 4) : NaN
  if (Number.isNaN(local)) return bad
  const at = instantOf(local, zone)
  return instantAt(at)
}

/** A wall clock's time, as if it were UTC: `MMDDhhmmss` from a place on, or without the seconds where the text ends; NaN for what is none. */
export function localOfDigits(year: number, text: string, from: number): number {
  const month = twoDigits(text, from)
  const dayOfMonth = twoDigits(text, from + 2)
  const hours = twoDigits(text, from + 4)
  const minutes = twoDigits(text, from + 6)
  const seconds = text.length === from + 8 ? 0 : twoDigits(text, from + 8)
  const ofDay = hours * hour + minutes * minute + seconds * second
  const isTime = minutes <= 59 && seconds <= 60 && (hours <= 23 || ofDay === day)
  const isDay = year >= 0 && month >= 1 && month <= 12 && dayOfMonth >= 1 && dayOfMonth <= daysInMonth(year, month)
  return isTime && isDay ? epochDay(year, month, dayOfMonth) * day + ofDay : NaN
}

/** Epoch ms of an ISO 8601 text, or NaN when it is none or lacks an offset that `zone` could replace. */
function readIso(text: string, zone: string | null): number {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const dayOfMonth = twoDigits(text, 8)
  const separator = text.charCodeAt(10)
  const isShaped = text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45 && text.charCodeAt(13) === 58 && text.length <= 40
  if (!isShaped || (separator !== 84 && separator !== 32 && separator !== 116)) return NaN
  if (!(year >= 0 && month >= 1 && month <= 12 && dayOfMonth >= 1 && dayOfMonth <= daysInMonth(year, month))) return NaN
  return readClock(text, epochDay(year, month, dayOfMonth) * day, zone)
}

/** The rest of the text, from the hour on. */
function readClock(text: string, midnight: number, zone: string | null): number {
  const hours = twoDigits(text, 11)
  const minutes = twoDigits(text, 14)
  let seconds = 0
  let ms = 0
  let place = 16
  if (text.charCodeAt(place) === 58) {
    seconds = twoDigits(text, 17)
    place = 19
    const mark = text.charCodeAt(place)
    if (mark === 46 || mark === 44) {
      const end = endOfDigits(text, 20)
      if (end === 20) return NaN
      ms = fraction(text, 20, end)
      place = end
    }
  }
  const ofDay = hours * hour + minutes * minute + seconds * second + ms
  if (!(minutes <= 59 && seconds <= 60 && (hours <= 23 || ofDay === day))) return NaN
  return withOffset(text, place, midnight + ofDay, zone)
}

function endOfDigits(text: string, from: number): number {
  let end = from
  while (end < text.length && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1
  return end
}

/** The first three digits of a fraction as ms. */
function fraction(text: string, from: number, end: number): number {
  let ms = 0
  for (let place = 0; place < 3; place += 1) ms = ms * 10 + (from + place < end ? text.charCodeAt(from + place) - 48 : 0)
  return ms
}

function withOffset(text: string, place: number, local: number, zone: string | null): number {
  if (place === text.length) return zone === null ? NaN : instantOf(local, zone)
  const sign = text.charCodeAt(place)
  if (sign === 90 || sign === 122) return place + 1 === text.length ? local : NaN
  if (sign !== 43 && sign !== 45) return NaN
  const hours = twoDigits(text, place + 1)
  const minutesAt = text.charCodeAt(place + 3) === 58 ? place + 4 : place + 3
  const minutes = place + 3 === text.length ? 0 : twoDigits(text, minutesAt)
  const end = place + 3 === text.length ? place + 3 : minutesAt + 2
  if (!(hours <= 15 && minutes <= 59 && end === text.length)) return NaN
  const offset = hours * hour + minutes * minute
  return sign === 45 ? local + offset : local - offset
}

const durationUnits: readonly (readonly [unit: string, ms: number])[] = [
  ['w', 7 * day],
  ['d', day],
  ['h', hour],
  ['m', minute],
  ['s', second],
  ['ms', 1],
]

/**
 * Reads a length of time: numbers with w, d, h, m (or min), s or ms, e.g. `15m`, `1h30m`, `0.5s`, `7 d`. Returns ms, rounded to whole
 * ones; null for anything else, also for a number without a unit.
 */
export function parseDuration(text: unknown): number | null {
  if (typeof text !== 'string' || text.length > 40) return null
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|[wdhms])\s*/gy)]
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text.trim()) return null
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMs(unit ?? ''), 0)
  return Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : null
}

function unitMs(unit: string): number {
  return durationUnits.find(([name]) => name === (unit === 'min' ? 'm' : unit))?.[1] ?? NaN
}

/** Writes whole, non-negative ms so that `parseDuration` reads the same: `90000` is `1m30s`, `0` is `0s`. No weeks: 7d. */
export function formatDuration(ms: number): string {
  let rest = ms
  let text = ''
  for (const [unit, size] of durationUnits.slice(1)) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text === '' ? '0s' : text
}

/**
 * Start of the day that holds a moment, where days begin `dayStartsAtMinutes` after local midnight (the rain day of SL 651-2014 begins
 * at 08:00: 480). Days last 23, 24 or 25 h where the clocks change. Epoch ms.
 */
export function dayStart(at: number, zone: string, dayStartsAtMinutes = 0): number {
  return instantOf(localDay(at, zone, dayStartsAtMinutes), zone)
}

/** End of that day = start of the next one, exclusive. */
export function dayEnd(at: number, zone: string, dayStartsAtMinutes = 0): number {
  return instantOf(localDay(at, zone, dayStartsAtMinutes) + day, zone)
}

/** Wall-clock ms at which the day began. */
function localDay(at: number, zone: string, dayStartsAtMinutes: number): number {
  const shift = dayStartsAtMinutes * minute
  return Math.floor((at + offsetAt(at, zone) - shift) / day) * day + shift
}

/** A moment on a zone's wall clock with its offset, to the second: `2026-11-22T02:15:00+08:00`. */
export function formatLocal(at: number, zone: string): string {
  const shown = localTime(at, zone)
  const offset = Math.round(offsetAt(at, zone) / minute)
  const sign = offset < 0 ? '-' : '+'
  const ahead = `${sign}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`
  const date = `${pad(shown.year, 4)}-${pad(shown.month)}-${pad(shown.day)}`
  return `${date}T${pad(shown.hour)}:${pad(shown.minute)}:${pad(shown.second)}${ahead}`
}

const pad = (value: number, size = 2): string => String(value).padStart(size, '0')
