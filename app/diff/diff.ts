import type { SeriesList } from '../../api/schemas/series.ts'
import type { TimelineLine, WarningNote } from '../../api/schemas/warning.ts'
import type { ApiClient } from '../commands/client.ts'
import { seriesAtOnce, storedValues, type StoredValue, type TimeSpan } from '../commands/stored-values.ts'
import { storedWarnings } from '../commands/stored-warnings.ts'
import { differences, type Difference } from './compare.ts'

type Reader = Pick<ApiClient, 'get' | 'stream'>

export type StoreDifference = ({ kind: 'reading' } & Difference<StoredValue>) | ({ kind: 'warning' } & Difference<ComparedWarning>)

/** What of a warning is compared: not when people did something, nor wall time. */
export type ComparedWarning = Pick<WarningNote, 'id' | 'level' | 'state' | 'raisedAt' | 'endedAt'> & {
  blind: boolean
  retrospective: boolean
  /** What happened to it by its readings: `raised yellow 2026-06-15T08:00:00.000Z`. What people did is not among it. */
  story: string[]
}

/** One of two systems that are compared, or of two networks of one. */
export interface DiffSide {
  client: Reader
  /** Only of this network; null = all. */
  network: string | null
  /** What the ids of its stations begin with; they are compared and told without it. Left out: nothing. */
  prefix?: string
}

/**
 * Every stored reading and every warning that two sides do not have alike, series by series.
 * @param span only readings observed and warnings raised in it, as the warnings stood at its end; null = all, as they stand
 */
export async function* storeDifferences(a: DiffSide, b: DiffSide, span: TimeSpan | null = null): AsyncGenerator<StoreDifference> {
  const [ofA, ofB] = await Promise.all([stationsOf(a), stationsOf(b)])
  for (const station of [...new Set([...ofA.keys(), ...ofB.keys()])].sort()) {
    const sides = [
      { ...a, prefix: a.prefix ?? '', station, series: ofA.get(station) ?? [], span },
      { ...b, prefix: b.prefix ?? '', station, series: ofB.get(station) ?? [], span },
    ] as const
    const values = [valuesOf(sides[0]), valuesOf(sides[1])] as const
    for await (const one of differences(...values, { order: byKey, isAlike: isSameValue })) yield { kind: 'reading', ...one }
    const warnings = [warningsOf(sides[0]), warningsOf(sides[1])] as const
    for await (const one of differences(...warnings, { order: byId, isAlike: isSameWarning })) yield { kind: 'warning', ...one }
  }
}

/** The series of each station, both without the prefix. */
async function stationsOf({ client, network, prefix = '' }: DiffSide): Promise<Map<string, string[]>> {
  const asked = network === null ? '' : `?network=${encodeURIComponent(network)}`
  const { series } = await client.get<SeriesList>(`/api/v1/series${asked}`)
  const found = new Map<string, string[]>()
  for (const one of series) {
    const [id, station] = [without(prefix, one.series), without(prefix, one.station)]
    found.set(station, [...(found.get(station) ?? []), id])
  }
  for (const own of found.values()) own.sort()
  return found
}

const without = (prefix: string, id: string): string => (id.startsWith(prefix) ? id.slice(prefix.length) : id)

interface StationSide extends Required<DiffSide> {
  station: string
  series: readonly string[]
  span: TimeSpan | null
}

async function* valuesOf({ client, prefix, series, span }: StationSide): AsyncGenerator<StoredValue> {
  for (let at = 0; at < series.length; at += seriesAtOnce) {
    const own = series.slice(at, at + seriesAtOnce).map((id) => `${prefix}${id}`)
    for await (const value of storedValues(client, own, span)) yield { ...value, series: without(prefix, value.series) }
  }
}

async function* warningsOf({ client, prefix, series, station, span }: StationSide): AsyncGenerator<ComparedWarning> {
  if (series.length === 0) return
  const compared: ComparedWarning[] = []
  for await (const note of storedWarnings(client, [`${prefix}${station}`])) {
    const raisedAt = note.raisedAt ?? note.onset
    if (span !== null && (raisedAt < span.from || raisedAt >= span.to)) continue
    const { id, ...one } = span === null ? asItStands(note) : asOf(span.to, note)
    // rule, station with the rest of the series, and onset, with ~ between
    compared.push({ id: id.replace(`~${prefix}`, '~'), ...one })
  }
  yield* compared.sort(byId)
}

function asItStands({ id, level, state, raisedAt, endedAt, marks, timeline }: WarningNote): ComparedWarning {
  const { blind, retrospective } = marks
  return { id, level, state, raisedAt, endedAt, blind, retrospective, story: timeline.flatMap(storyLine) }
}

/** What was known of it at a moment; whether it was blind then is not compared. */
function asOf(at: number, note: WarningNote): ComparedWarning {
  const timeline = note.timeline.filter((line) => line.at < at)
  const level = timeline.findLast((line) => line.level !== null)?.level ?? note.level
  const isOver = note.endedAt !== null && note.endedAt < at
  const standing = isOver ? {} : { endedAt: null, state: note.raisedAt === null ? ('pending' as const) : ('active' as const) }
  return { ...asItStands({ ...note, timeline, level }), ...standing, blind: false }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byKey = (a: StoredValue, b: StoredValue): number => compareText(a.series, b.series) || a.observedAt - b.observedAt
const byId = (a: ComparedWarning, b: ComparedWarning): number => compareText(a.id, b.id)

const isSameValue = (a: StoredValue, b: StoredValue): boolean => a.value === b.value && a.flag === b.flag && a.tests === b.tests

const byPeople: ReadonlySet<TimelineLine['what']> = new Set(['acknowledged', 'notified'])

const storyLine = ({ what, level, at }: TimelineLine): string[] =>
  byPeople.has(what) ? [] : [[what, level, new Date(at).toISOString()].filter((part) => part !== null).join(' ')]

const isSameWarning = (a: ComparedWarning, b: ComparedWarning): boolean =>
  a.level === b.level &&
  a.state === b.state &&
  a.raisedAt === b.raisedAt &&
  a.endedAt === b.endedAt &&
  a.blind === b.blind &&
  a.retrospective === b.retrospective &&
  a.story.join() === b.story.join()
