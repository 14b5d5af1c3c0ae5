import type { Device } from './network.ts'
import type { ReadingGroup } from './reading.ts'
import type { Rejection, RejectionReason } from './rejection.ts'

/** What a delivery holds, in the device's own words, and what of it was refused. A good item is never lost with a bad one. */
export interface Decoded {
  groups: ReadingGroup[]
  /** Place of each group in an array payload; null when the payload is one object. */
  items: number[] | null
  rejections: Rejection[]
}

/** What a codec may know of the device that sent the bytes. */
export type CodecDevice = Pick<Device, 'clock' | 'channels' | 'sl651' | 'szy206'>

/** A device that nobody knows: no channels, times with an offset only. */
export const unknownDevice: CodecDevice = { clock: { zone: null, none: false }, channels: new Map(), sl651: null, szy206: null }

/** One payload format. Pure: bytes in, readings out; never throws. */
export interface Codec {
  name: string
  /** True for the topics whose payload it reads. */
  reads(topic: string): boolean
  /** @param receivedAt epoch ms, for times that are told relative to it */
  decode(payload: Uint8Array, device: CodecDevice, receivedAt: number): Decoded
}

/** Why something could not be read, before it is known how many values it stands for. */
export interface Misread {
  reason: RejectionReason
  detail: string
}

/** A JSON object. */
export type Members = Readonly<Record<string, unknown>>

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Most values in one delivery; more are refused as a whole. */
export const mostValues = 10_000

export function rejection(reason: RejectionReason, detail: string, values = 1, item: number | null = null): Rejection {
  return { reason, detail, values, item }
}

/** A delivery of which nothing could be read. */
export function refusedWhole(refused: Rejection): Decoded {
  return { groups: [], items: null, rejections: [refused] }
}

/** Outside text as it may stand in a sentence: in quotes, escaped, at most 40 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text)
}

/** What somebody sent in place of what was asked for, in a word or two. */
export function described(value: unknown): string {
  if (typeof value === 'string') return `the text ${quoted(value)}`
  if (typeof value === 'number') return `the number ${value}`
  if (value === null || typeof value === 'boolean') return String(value)
  if (value === undefined) return 'nothing'
  return Array.isArray(value) ? 'an array' : 'an object'
}

export const needsNumber = 'send a number, or null for a missing value'

/** NaN and infinity, which JSON does not have but some writers emit, and numbers beyond the double, such as 1e400. */
export function notFinite(name: string, value: number | null): Misread | null {
  if (value === null || Number.isFinite(value)) return null
  const what = Number.isNaN(value) ? 'NaN' : 'infinite, or a number beyond 1.8e308'
  return { reason: 'not-finite', detail: `${quoted(name)} is ${what}; ${needsNumber}` }
}
