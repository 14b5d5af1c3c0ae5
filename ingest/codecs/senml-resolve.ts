import { described, isMembers, quoted, type Members, type Misread } from '../../domain/codec.ts'

/** A record whose base fields have been worked in (RFC 8428, 4.6). Exactly one of v, vs, vb, vd, unless there is a sum. */
export interface SenmlRecord {
  /** Index in the pack as sent. */
  place: number
  n: string
  u: string | null
  /** Unix seconds; null = the moment of arrival (the time is missing or 0). */
  t: number | null
  v?: number
  vs?: string
  vb?: boolean
  /** base64url in JSON, bytes in CBOR. */
  vd?: string | Uint8Array
  /** Integral over time: `u` times seconds. */
  s?: number
  /** Longest time to the next update, s. */
  ut?: number
}

/** Version of the RFC; packs of a later one are not used. */
const version = 10
/** Times below are relative to now, from here on Unix seconds (RFC 8428, 4.5.3): 1978. */
const firstAbsolute = 2 ** 28
/** Beyond it the times are milliseconds by mistake: the year 5138. */
const lastSecond = 100_000_000_000

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  ...Object.fromEntries(['bn', 'bu', 'n', 'u', 'vs'].map((label) => [label, (value: unknown) => typeof value === 'string'])),
  ...Object.fromEntries(['bt', 'bv', 'bs', 't', 'v', 's', 'ut'].map((label) => [label, (value: unknown) => typeof value === 'number'])),
  bver: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  vb: (value) => typeof value === 'boolean',
  vd: (value) => typeof value === 'string' || value instanceof Uint8Array,
}

interface Base {
  bn: string
  bt: number
  bu: string | null
  bv: number | null
  bs: number | null
}

/**
 * Resolves a pack: base fields apply to their own record and those behind it, names and times are joined, times below 2^28 count from
 * `now` (Unix seconds); records come out in time order. One wrong record spoils the pack, for what its base fields meant is unknown.
 */
export function resolveSenml(pack: readonly unknown[], now: number): SenmlRecord[] | Misread {
  const base: Base = { bn: '', bt: 0, bu: null, bv: null, bs: null }
  const resolved: SenmlRecord[] = []
  for (const [place, raw] of pack.entries()) {
    const record = isMembers(raw) ? (wrongLabel(raw) ?? resolve(raw, base, place, now)) : `is ${described(raw)}, not an object`
    if (typeof record === 'string') return { reason: 'wrong-shape', detail: `record ${place + 1} of the SenML pack ${record}` }
    if ('reason' in record) return record
    resolved.push(record)
  }
  return resolved.sort((a, b) => (a.t ?? now) - (b.t ?? now))
}

/** What is wrong with the labels and types of a record; null when nothing is. */
function wrongLabel(record: Members): string | null {
  for (const [label, value] of Object.entries(record)) {
    if (label.endsWith('_')) return `has the label ${quoted(label)}, which must be understood and is not (RFC 8428, 4.4)`
    const isRight = Object.hasOwn(types, label) ? types[label] : undefined
    if (isRight?.(value) === false) return `has ${described(value)} as ${quoted(label)}`
  }
  const { bver } = record as { bver?: number }
  return bver !== undefined && bver > version ? `has version ${bver}; send version ${version}` : null
}

/** Labels have their types by now. */
interface Labels extends Partial<Base> {
  n?: string
  u?: string
  t?: number
  v?: number
  vs?: string
  vb?: boolean
  vd?: string | Uint8Array
  s?: number
  ut?: number
}

function resolve(raw: Members, base: Base, place: number, now: number): SenmlRecord | Misread | string {
  const labels = raw as Labels
  for (const label of ['bn', 'bt', 'bu', 'bv', 'bs'] as const)
    if (labels[label] !== undefined) Object.assign(base, { [label]: labels[label] })
  const n = base.bn + (labels.n ?? '')
  if (!/^[A-Za-z0-9][A-Za-z0-9\-:./_]*$/.test(n))
    return `has the name ${quoted(n)}; a name is letters, digits and - : . / _, the first a letter or digit`
  const values = valuesOf(labels, base)
  if (typeof values === 'string') return values
  const time = timeOf(base.bt + (labels.t ?? 0), now)
  if (typeof time === 'object' && time !== null) return time
  const { ut } = labels
  return { place, n, u: labels.u ?? base.bu, t: time, ...values, ...(ut === undefined ? {} : { ut }) }
}

/** Value and sum with their bases; a missing part counts as 0 (RFC 8428, 4.5.4 and 4.5.5). */
function valuesOf({ v, vs, vb, vd, s }: Labels, { bv, bs }: Base): Pick<SenmlRecord, 'v' | 'vs' | 'vb' | 'vd' | 's'> | string {
  const given = { ...(v === undefined ? {} : { v }), ...(vs === undefined ? {} : { vs }), ...(vb === undefined ? {} : { vb }) }
  const others = { ...given, ...(vd === undefined ? {} : { vd }) }
  const count = Object.keys(others).length
  if (count > 1) return `has ${Object.keys(others).join(' and ')}; send one value a record`
  if (count === 0 && s === undefined && bv === null) return 'has no value'
  const isNumber = v !== undefined || (count === 0 && s === undefined)
  const value = isNumber ? { v: (bv ?? 0) + (v ?? 0) } : others
  const hasSum = s !== undefined || (bs !== null && isNumber)
  return hasSum ? { ...value, s: (bs ?? 0) + (s ?? 0) } : value
}

function timeOf(seconds: number, now: number): number | null | Misread {
  if (seconds === 0) return null
  if (seconds < firstAbsolute) return now + seconds
  if (seconds <= lastSecond) return seconds
  return { reason: 'bad-time', detail: `a SenML time is ${seconds}; times are Unix seconds, not milliseconds` }
}
