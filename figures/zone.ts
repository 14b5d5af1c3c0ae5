/** A moment on the clock of a place. `month` counts from 1. */
export interface LocalTime {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatIn(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, made) // bounded: an unknown zone throws above
  return made
}

/**
 * Local minus UTC at a moment, ms; positive east of Greenwich.
 * @param at epoch ms, within ±1e14
 * @param zone IANA name; throws RangeError for an unknown one
 */
export function zoneOffsetMs(at: number, zone: string): number {
  const field = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 }
  for (const { type, value } of formatIn(zone).formatToParts(at)) if (type in field) field[type as keyof typeof field] = Number(value)
  const local = Date.UTC(field.year, field.month - 1, field.day, field.hour, field.minute, field.second)
  return local - Math.floor(at / 1000) * 1000
}

/** The clock of a zone at a moment. Same bounds as `zoneOffsetMs`. */
export function localTime(at: number, zone: string): LocalTime {
  const local = new Date(at + zoneOffsetMs(at, zone))
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
  }
}

/**
 * The moment of a local wall-clock time given as if it were UTC ms; the first of two when clocks go back;
 * null when clocks went forward over it.
 */
export function momentOf(localMs: number, zone: string): number | null {
  const day = 86_400_000
  const offsets = [zoneOffsetMs(localMs - day, zone), zoneOffsetMs(localMs + day, zone)]
  for (const offset of offsets) if (zoneOffsetMs(localMs - offset, zone) === offset) return localMs - offset
  return null
}

/** `UTC+8`, `UTC-3:30`, `UTC`. */
export function offsetLabel(at: number, zone: string): string {
  const minutes = Math.round(zoneOffsetMs(at, zone) / 60_000)
  if (minutes === 0) return 'UTC'
  const size = Math.abs(minutes)
  const rest = size % 60
  return `UTC${minutes < 0 ? '-' : '+'}${Math.floor(size / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
}
