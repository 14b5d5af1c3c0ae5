import { decode as decodeCbor } from 'cborg'
import { readingTopics } from '../../domain/delivery.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import type { Rejection } from '../../domain/rejection.ts'
import {
  described,
  mostValues,
  notFinite,
  quoted,
  refusedWhole,
  rejection,
  type Codec,
  type CodecDevice,
  type Decoded,
  type Misread,
} from '../../domain/codec.ts'
import { readJson } from './json-text.ts'
import { tooMany } from './native-json.ts'
import { resolveSenml, type SenmlRecord } from './senml-resolve.ts'
import { ucumOfSenml } from './senml-units.ts'

/**
 * SenML (RFC 8428) as JSON or CBOR, told by the first byte. A pack that breaks the RFC is refused whole; each record of a good one stands
 * for itself. The name of a reading is the resolved name where the device has a channel of that name, else what follows its last `:` or
 * `/`. A boolean is 1 or 0 without a unit; texts and data are no readings. A sum is a reading in unit × second; beside a value it goes to
 * the channel `<name>.sum`, where there is one. Without a time a record is observed when it arrives.
 */
export const senml: Codec = { name: 'senml', reads: (topic) => readingTopics.senml.test(topic), decode: decodeSenml }

function decodeSenml(payload: Uint8Array, device: CodecDevice, receivedAt: number): Decoded {
  const pack = isCbor(payload) ? readCbor(payload) : readText(payload)
  if (!Array.isArray(pack)) return refusedWhole(pack)
  if (pack.length === 0) return refusedWhole(rejection('wrong-shape', 'the SenML pack is empty; send at least one record'))
  if (pack.length > mostValues) return refusedWhole(rejection('too-many-values', tooMany(pack.length), pack.length))
  const records = resolveSenml(pack, receivedAt / 1000)
  if (!Array.isArray(records)) return refusedWhole(rejection(records.reason, records.detail, pack.length))
  const decoded: Decoded & { items: number[] } = { groups: [], items: [], rejections: [] }
  for (const record of records) {
    const group = groupOf(record, device)
    if ('reason' in group) decoded.rejections.push(rejection(group.reason, group.detail, 1, record.place))
    else {
      decoded.groups.push(group)
      decoded.items.push(record.place)
    }
  }
  return decoded
}

/** An array of CBOR (RFC 8949, major type 4); JSON begins with `[`, a space or a byte order mark. */
const isCbor = ([first = 0]: Uint8Array): boolean => first >= 0x80 && first <= 0x9f

function readText(payload: Uint8Array): unknown[] | Rejection {
  const json = readJson(payload)
  if (json.refused !== undefined) return json.refused
  const twice = json.repeated.values().next().value
  if (twice !== undefined) return rejection('wrong-shape', `${quoted(twice)} stands twice in a record; send each label once`)
  return Array.isArray(json.root)
    ? (json.root as unknown[])
    : rejection('wrong-shape', `a SenML pack is an array of records, not ${described(json.root)}`)
}

function readCbor(payload: Uint8Array): unknown[] | Rejection {
  try {
    const pack = decodeCbor(payload, { useMaps: true, rejectDuplicateMapKeys: true }) as unknown[]
    return pack.map((record) => (record instanceof Map ? labelled(record) : record))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return rejection('not-json', `the payload begins as a CBOR array but cannot be read (${quoted(why)}); send a SenML pack`)
  }
}

/** RFC 8428, table 4. */
const labels: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ...['bver', 'bn', 'bt', 'bu', 'bv', 'bs'].map((label, i): [number, string] => [-1 - i, label]),
  ...['n', 'u', 'v', 'vs', 'vb', 's', 't', 'ut', 'vd'].map((label, i): [number, string] => [i, label]),
])

function labelled(record: ReadonlyMap<unknown, unknown>): Record<string, unknown> {
  return Object.fromEntries([...record].map(([key, value]) => [labels.get(key) ?? String(key), value]))
}

function groupOf(record: SenmlRecord, { channels }: CodecDevice): ReadingGroup | Misread {
  const { n, v, vb, vs, vd, s, t } = record
  const name = channels.has(n) ? n : n.slice(Math.max(n.lastIndexOf(':'), n.lastIndexOf('/')) + 1)
  if (name === '') return { reason: 'wrong-shape', detail: `the name ${quoted(n)} ends where the name of a value should follow` }
  if (vs !== undefined || vd !== undefined)
    return { reason: 'wrong-shape', detail: `${quoted(name)} is ${vs === undefined ? 'data' : described(vs)}; send a number in "v"` }
  const unit = record.u === null ? null : ucumOfSenml(record.u)
  const value = v ?? (vb === undefined ? undefined : Number(vb))
  const sum = s === undefined ? undefined : reading(name, s, unit === null ? null : `${unit}.s`)
  const first = value === undefined ? sum : reading(name, value, vb === undefined ? unit : null)
  const at = t === null ? null : Math.round(t * 1000)
  if (first === undefined) return { reason: 'wrong-shape', detail: `${quoted(name)} has no value` }
  const wrong = notFinite(name, first.value) ?? notFinite(name, sum?.value ?? null) ?? (at === null ? null : unshown(at))
  if (wrong !== null) return wrong
  const group: ReadingGroup = { at, seq: null, position: null, readings: [first] }
  return sum === undefined || first === sum ? group : { ...group, housekeeping: [{ ...sum, name: `${name}.sum` }] }
}

const reading = (name: string, value: number, unit: string | null): Reading => ({
  ...{ name, number: null, station: null, value: value === 0 ? 0 : value },
  ...{ unit, sourceQuality: null },
})

const unshown = (at: number): Misread | null =>
  at >= Date.UTC(1900, 0)
    ? null
    : { reason: 'time-1970', detail: `${at / 1000} s lie before 1900, which no clock shows; set the clock of the device` }
