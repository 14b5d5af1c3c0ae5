import { localOfDigits, twoDigits } from '../../domain/time.ts'
import { special } from './fields.ts'

/** What stands in a body behind F1F1 and F0F0: one station, one time. */
export interface Part {
  /** Ten HEX digits; null where the body names none. */
  station: string | null
  /** Class byte (annex A); null where the function code has none. */
  stationClass: number | null
  /** Epoch ms; null where the body has no time. To the minute. */
  observedAt: number | null
  items: Item[]
}

/** An element as it stands in a frame. */
export type Item =
  /** A number of so many bytes and decimals; null = all F: no value. */
  | { kind: 'number'; id: number; bytes: number; decimals: number; value: number | null }
  /** Values one behind the other, a time step apart (31H, 38H). */
  | { kind: 'run'; id: number; bytes: number; decimals: number; values: (number | null)[] }
  /** Twelve 5-minute amounts of rain (mm) or relative levels (m). */
  | { kind: 'series'; id: number; values: (number | null)[] }
  | { kind: 'step'; days: number; hours: number; minutes: number }
  | { kind: 'status'; bits: number }
  /** The event log of 50H: how often each of the 32 events was met (table 82). */
  | { kind: 'counters'; values: number[] }
  /** Anything else, as its bytes: settings, pictures, what nobody knows. */
  | { kind: 'raw'; id: number; definition: number; bytes: Uint8Array }

/** A body (chapter 6.6). */
export interface Message {
  /** 1 to 65535; 0 where the centre asks. */
  serial: number
  /** Epoch ms; null when the text is no time. */
  sentAt: number | null
  parts: Part[]
  /** Of 35H and 39H, and the software version of 45H. */
  text: string | null
}

/** A body that could not be read. */
export interface Unreadable {
  problem: string
}

const beijingMs = 8 * 3_600_000

/** Beijing time of two digits a field (`YYMMDDHHmm` or with `SS`) as epoch ms; NaN when it is none. The century is 20. */
export function readBeijing(text: string): number {
  if (text.length !== 10 && text.length !== 12) return NaN
  return localOfDigits(2000 + twoDigits(text, 0), text, 2) - beijingMs
}

/** Epoch ms as Beijing time of 8 (to the hour), 10 or 12 digits. */
export function writeBeijing(at: number, count: number): string {
  return new Date(at + beijingMs)
    .toISOString()
    .replace(/\D/g, '')
    .slice(2, 2 + count)
}

/** Step of the 5-minute series, ms. */
export const fiveMinutes = 300_000

/** Amount or level in one slot of a 5-minute series: 0.1 mm in a byte, 0.01 m in two. All F = no value. */
export function slotOf(id: number): { bytes: 1 | 2; perUnit: number; missing: number } {
  return id === special.rain5min ? { bytes: 1, perUnit: 10, missing: 0xff } : { bytes: 2, perUnit: 100, missing: 0xffff }
}

export const isSeries = (id: number): boolean => id >= special.rain5min && id <= special.level5minLast

/** Time step in ms; 0 before a 5-minute series, which needs none. */
export function stepMs(items: readonly Item[]): number {
  for (const item of items) if (item.kind === 'step') return ((item.days * 24 + item.hours) * 60 + item.minutes) * 60_000
  return 0
}
