import { readingTopics } from '../../domain/delivery.ts'
import type { DeviceClock } from '../../domain/network.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import type { Rejection } from '../../domain/rejection.ts'
import {
  described,
  isMembers,
  mostValues,
  needsNumber,
  notFinite,
  quoted,
  refusedWhole,
  rejection,
  type Codec,
  type CodecDevice,
  type Decoded,
  type Members,
  type Misread,
} from '../../domain/codec.ts'
import { readInstant } from './instant.ts'
import { readJson, type JsonText } from './json-text.ts'
import { decodeArray, tooMany } from './native-json.ts'

/**
 * ThingsBoard's device telemetry: `{ k: v }` (no time: observed when it arrives), `{ "ts": ms, "values": { k: v } }`, or an array of
 * either. Each object is one group. Values are numbers or null; texts, booleans and objects, which ThingsBoard also takes, are no
 * readings and put their object aside.
 */
export const thingsboard: Codec = { name: 'thingsboard', reads: (topic) => topic === readingTopics.telemetry, decode: decodeTelemetry }

function decodeTelemetry(payload: Uint8Array, { clock }: CodecDevice): Decoded {
  const json = readJson(payload)
  if (json.refused !== undefined) return refusedWhole(json.refused)
  if (Array.isArray(json.root)) return decodeArray(json.root, (item, i) => readItem(item, clock, json, i), countOf)
  const item = readItem(json.root, clock, json, null)
  return 'reason' in item ? refusedWhole(item) : { groups: [item], items: null, rejections: [] }
}

function readItem(item: unknown, clock: DeviceClock, json: JsonText, index: number | null): ReadingGroup | Rejection {
  const group = readGroup(item, clock, json)
  return 'reason' in group ? rejection(group.reason, group.detail, countOf(item), index) : group
}

/** The names and values of an item: itself, or what it holds beside its `ts`. */
function valuesOf(item: Members): Members {
  return 'ts' in item && isMembers(item.values) ? item.values : item
}

function countOf(item: unknown): number {
  return isMembers(item) ? Math.max(1, Object.keys(valuesOf(item)).length) : 1
}

function readGroup(item: unknown, clock: DeviceClock, { repeated }: JsonText): ReadingGroup | Misread {
  if (!isMembers(item)) return wrongShape(`expected an object of names and numbers, got ${described(item)}`)
  const values = valuesOf(item)
  const twice = repeated.get(item) ?? repeated.get(values)
  if (twice !== undefined) return wrongShape(`${quoted(twice)} stands twice; send each name once`)
  const time = values === item ? { at: null } : readInstant('"ts"', item.ts, clock)
  if ('problem' in time && time.problem !== undefined) return time.problem
  const readings: Reading[] = []
  for (const name in values) {
    const reading = readValue(name, values[name])
    if ('reason' in reading) return reading
    readings.push(reading)
  }
  if (readings.length > mostValues) return { reason: 'too-many-values', detail: tooMany(readings.length) }
  if (readings.length === 0) return wrongShape('the object is empty; send at least one value')
  return { at: 'at' in time ? time.at : null, seq: null, position: null, readings }
}

const wrongShape = (detail: string): Misread => ({ reason: 'wrong-shape', detail })

function readValue(name: string, raw: unknown): Reading | Misread {
  if (typeof raw !== 'number' && raw !== null) return wrongShape(`${quoted(name)} is ${described(raw)}; ${needsNumber}`)
  return notFinite(name, raw) ?? { name, number: null, station: null, value: raw === 0 ? 0 : raw, unit: null, sourceQuality: null }
}
