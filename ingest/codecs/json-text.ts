import { isUtf8 } from 'node:buffer'
import type { Rejection } from '../../domain/rejection.ts'
import { rejection } from '../../domain/codec.ts'
import { deepest, parseStrict } from './strict-json.ts'

/** A payload that is JSON. */
export interface JsonText {
  root: unknown
  /** Objects in which a name stands twice, and the name. */
  repeated: ReadonlyMap<object, string>
  refused?: undefined
}

export type JsonPayload = JsonText | { refused: Rejection }

const none: ReadonlyMap<object, string> = new Map()

/**
 * The JSON in a payload: UTF-8, a byte order mark is passed over. A plain text goes through JSON.parse; one with escapes, repeated
 * names, deep nesting or faults is read again by the strict reader, which says what is wrong. Never throws.
 */
export function readJson(payload: Uint8Array): JsonPayload {
  const text = textOf(payload)
  if (typeof text !== 'string') return { refused: text }
  if (!text.includes('\\')) {
    try {
      const root: unknown = JSON.parse(text)
      if (colonsIn(text) === colonsOf(root, 1)) return { root, repeated: none }
    } catch {
      // The strict reader tells what JSON.parse stumbled over.
    }
  }
  return strictly(text)
}

function strictly(text: string): JsonPayload {
  const read = parseStrict(text)
  if (read.problem === undefined) return { root: read.root, repeated: read.repeated }
  const { place, what, tooDeep } = read.problem
  const where = place >= text.length ? 'at its end' : `at character ${place + 1} of ${text.length}`
  if (tooDeep) return { refused: rejection('wrong-shape', `the JSON nests deeper than ${deepest} levels ${where}; send it flat`) }
  return { refused: rejection('not-json', `the payload is not JSON: ${what} ${where}; send one object or an array of objects`) }
}

function textOf(payload: Uint8Array): string | Rejection {
  if (payload.length === 0) return rejection('not-json', 'the payload is empty; send one object or an array of objects')
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const text = bytes.toString('utf8')
  if (isUtf16(payload)) return rejection('not-json', 'the payload looks like UTF-16; send UTF-8')
  if (text.includes('\uFFFD') && !isUtf8(bytes)) return rejection('not-json', 'the payload is not UTF-8; send JSON in UTF-8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** By its byte order mark, or by the zero byte that every Latin letter brings. */
function isUtf16(payload: Uint8Array): boolean {
  const first = payload[0]
  const second = payload[1]
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0
}

function colonsIn(text: string): number {
  let count = 0
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) count += 1
  return count
}

/**
 * The colons that a text of this value must hold: one for each name and those inside its texts. JSON.parse keeps the last of repeated
 * names, so a text with more colons than that repeats one. NaN (never equal) beyond the depth that is read.
 */
function colonsOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return colonsIn(value)
  if (typeof value !== 'object' || value === null) return 0
  if (depth > deepest) return NaN
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += colonsOf(item, depth + 1)
    return count
  }
  for (const name in value) count += 1 + colonsIn(name) + colonsOf((value as Record<string, unknown>)[name], depth + 1)
  return count
}
