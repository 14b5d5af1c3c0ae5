/** Broken-down time of some zone's wall clock. Month 1..12. */
export interface LocalTime {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  ms: number
}

const minute = 60_000
const day = 86_400_000

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar, by integer arithmetic alone. */
export function epochDay(year: number, month: number, dayOfMonth: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const ofEra = shifted - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + dayOfMonth - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/** Days in a month, leap years told. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Offsets of one year: from each `start` (epoch ms) on, so many ms ahead of UTC. The first starts with the year. */
type Segments = readonly { start: number; offsetMs: number }[]

interface Zone {
  fixedMs: number | null
  offsetOf: (at: number) => number
  years: Map<number, Segments>
}

/** Zones asked for so far. Only valid names come in; there are some 600, and fixed offsets are cut to whole minutes within a day. */
const zones = new Map<string, Zone>()

/** True for an IANA name (`Asia/Shanghai`), `UTC`, `Z` or a fixed offset (`+08:00`, `+8`, `UTC+8`). */
export function isTimeZone(text: string): boolean {
  return findZone(text) !== null
}

/**
 * ms that a zone's wall clock is ahead of UTC at a moment. IANA rules come from Intl, one year at a time, and are kept.
 * Throws RangeError for a zone that is none: callers have checked with `isTimeZone`.
 */
export function offsetAt(at: number, zone: string): number {
  const found = findZone(zone)
  if (found === null)
    throw new RangeError(`time zone "${zone}" is not known; use an IANA name such as Asia/Shanghai or an offset such as +08:00`)
  if (found.fixedMs !== null) return found.fixedMs
  const segments = segmentsOf(found, new Date(at).getUTCFullYear())
  let offset = segments[0]?.offsetMs ?? 0
  for (const segment of segments) if (segment.start <= at) offset = segment.offsetMs
  return offset
}

/**
 * The moment at which a zone's wall clock shows `localMs` (epoch ms as if the wall clock were UTC). Shown twice (clocks go back): the
 * first time. Never shown (clocks go forward): as if they had not gone, so 02:30 becomes 03:30, as in ISO calendars' "compatible".
 */
export function instantOf(localMs: number, zone: string): number {
  const [before, after] = [offsetAt(localMs - day, zone), offsetAt(localMs + day, zone)]
  if (before === after) return localMs - before
  const candidates = [localMs - before, localMs - after].filter((at) => at + offsetAt(at, zone) === localMs)
  return candidates.length === 0 ? localMs - before : Math.min(...candidates)
}

/** What the wall clock of a zone shows at a moment. */
export function localTime(at: number, zone: string): LocalTime {
  const shown = new Date(at + offsetAt(at, zone))
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    ms: shown.getUTCMilliseconds(),
  }
}

function findZone(text: string): Zone | null {
  const known = zones.get(text)
  if (known !== undefined) return known
  const made = makeZone(text)
  if (made !== null) zones.set(text, made)
  return made
}

function makeZone(text: string): Zone | null {
  const fixedMs = fixedOffset(text)
  if (fixedMs !== null) return { fixedMs, offsetOf: () => fixedMs, years: new Map() }
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{1,40}$/.test(text)) return null
  try {
    return { fixedMs: null, offsetOf: readOffset(text), years: new Map() }
  } catch {
    return null // Intl's RangeError is its way to say that there is no such zone
  }
}

function fixedOffset(text: string): number | null {
  if (text === 'Z' || text === 'UTC' || text === 'GMT') return 0
  const match = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?([0-5]\d))?$/.exec(text)
  if (match === null || Number(match[2]) > 15) return null
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * minute
}

/** Asks Intl what the wall clock shows and takes the difference. Some µs a call: only used to find the changes of a year. */
function readOffset(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (at) => {
    const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value)
    const days = epochDay(part.year ?? 0, part.month ?? 0, part.day ?? 0)
    const shown = days * day + ((part.hour ?? 0) * 60 + (part.minute ?? 0)) * minute + (part.second ?? 0) * 1000
    return shown - Math.floor(at / 1000) * 1000
  }
}

/** Changes are looked for every 4 days (the closest two on record are weeks apart) and then cornered to the second. */
function segmentsOf(zone: Zone, year: number): Segments {
  const known = zone.years.get(year)
  if (known !== undefined) return known
  const [from, to] = [epochDay(year, 1, 1) * day, epochDay(year + 1, 1, 1) * day]
  const segments = [{ start: from, offsetMs: zone.offsetOf(from) }]
  for (let at = from; at < to; at += 4 * day) {
    const next = Math.min(at + 4 * day, to - 1000)
    const offsetMs = zone.offsetOf(next)
    if (offsetMs !== segments.at(-1)?.offsetMs) segments.push({ start: changeBetween(zone.offsetOf, at, next), offsetMs })
  }
  if (zone.years.size >= 300) zone.years.clear()
  zone.years.set(year, segments)
  return segments
}

/** First whole second in (from, to] at which the offset is that of `to`. */
function changeBetween(offsetOf: (at: number) => number, from: number, to: number): number {
  const wanted = offsetOf(to)
  let [low, high] = [Math.floor(from / 1000), Math.floor(to / 1000)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetOf(middle * 1000) === wanted) high = middle
    else low = middle
  }
  return high * 1000
}
