import type { SeriesList } from '../../api/schemas/series.ts'
import type { TimelineLine, WarningNote } from '../../api/schemas/warning.ts'
import type { ApiClient } from '../commands/client.ts'
import { seriesAtOnce, storedValues, type StoredValue } from '../commands/stored-values.ts'
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

/** Every stored reading and every warning that two servers do not have alike, series by series; of one network, or all. */
export async function* storeDifferences(a: Reader, b: Reader, network: string | null): AsyncGenerator<StoreDifference> {
  const [ofA, ofB] = await Promise.all([stationsOf(a, network), stationsOf(b, network)])
  for (const station of [...new Set([...ofA.keys(), ...ofB.keys()])].sort()) {
    const [left, right] = [ofA.get(station) ?? [], ofB.get(station) ?? []]
    for await (const one of differences(valuesOf(a, left), valuesOf(b, right), { order: byKey, isAlike: isSameValue }))
      yield { kind: 'reading', ...one }
    const warnings = [warningsOf(a, left, station), warningsOf(b, right, station)] as const
    for await (const one of differences(...warnings, { order: byId, isAlike: isSameWarning })) yield { kind: 'warning', ...one }
  }
}

async function stationsOf(client: Reader, network: string | null): Promise<Map<string, string[]>> {
  const asked = network === null ? '' : `?network=${encodeURIComponent(network)}`
  const { series } = await client.get<SeriesList>(`/api/v1/series${asked}`)
  const found = new Map<string, string[]>()
  for (const { series: id, station } of series) found.set(station, [...(found.get(station) ?? []), id])
  for (const own of found.values()) own.sort()
  return found
}

async function* valuesOf(client: Reader, series: readonly string[]): AsyncGenerator<StoredValue> {
  for (let at = 0; at < series.length; at += seriesAtOnce) yield* storedValues(client, series.slice(at, at + seriesAtOnce))
}

async function* warningsOf(client: Reader, series: readonly string[], station: string): AsyncGenerator<ComparedWarning> {
  if (series.length === 0) return
  const compared: ComparedWarning[] = []
  for await (const { id, level, state, raisedAt, endedAt, marks, timeline } of storedWarnings(client, station)) {
    const { blind, retrospective } = marks
    compared.push({ id, level, state, raisedAt, endedAt, blind, retrospective, story: timeline.flatMap(storyLine) })
  }
  yield* compared.sort(byId)
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
