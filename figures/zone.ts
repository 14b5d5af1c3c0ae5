import { instantOf, offsetAt } from '../domain/time-zone.ts'

/**
 * The moment of a local wall-clock time given as if it were UTC ms; the first of two when clocks go back;
 * null when clocks went forward over it. Throws RangeError for an unknown zone.
 */
export function momentOf(localMs: number, zone: string): number | null {
  const at = instantOf(localMs, zone)
  return at + offsetAt(at, zone) === localMs ? at : null
}

/** `UTC+8`, `UTC-3:30`, `UTC`. */
export function offsetLabel(at: number, zone: string): string {
  const minutes = Math.round(offsetAt(at, zone) / 60_000)
  if (minutes === 0) return 'UTC'
  const size = Math.abs(minutes)
  const rest = size % 60
  return `UTC${minutes < 0 ? '-' : '+'}${Math.floor(size / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
}
