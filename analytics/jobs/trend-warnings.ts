import type { SensorId } from '../../domain/ids.ts'
import type { TelemetryStore } from '../../store/ports/telemetry.ts'
import { hourMs } from '../clocks.ts'
import { byClock } from '../decision.ts'
import { advance } from '../rules/trend.ts'
import { follow } from '../follow.ts'
import type { SeriesSlot, TrendTrack, WatchContext } from '../slot.ts'
import { isOpen } from '../warnings.ts'
import { evaluateTrend, type HourlyMedian } from './trend-evaluation.ts'

/** A trend rule with the series it is about. */
export interface TrendSubject {
  slot: SeriesSlot
  track: TrendTrack
}

/**
 * Tests every trend rule of a run at each of these full hours, in order, from one query of hourly medians (one for each list of trusted
 * flags). What changes becomes a version of a warning. Rejects with StoreUnavailable; nothing has changed then.
 */
export async function judgeTrends(
  context: WatchContext,
  telemetry: Pick<TelemetryStore, 'windows'>,
  subjects: readonly TrendSubject[],
  hours: readonly number[],
): Promise<void> {
  const [first, last] = [hours[0], hours.at(-1)]
  if (first === undefined || last === undefined || subjects.length === 0) return
  const medians = new Map<TrendSubject, HourlyMedian[]>()
  for (const group of byFlags(subjects)) {
    const read = await readMedians(telemetry, group, first, last)
    for (const subject of group) medians.set(subject, read.get(subject.slot.series) ?? [])
  }
  const cursors = subjects.map((subject) => ({ subject, medians: medians.get(subject) ?? [], first: 0, end: 0 }))
  for (const asOf of hours) for (const cursor of cursors) judgeAt(context, cursor, asOf)
}

/** The medians of a subject, and which of them lie in the window that is looked at. */
interface Cursor {
  subject: TrendSubject
  medians: readonly HourlyMedian[]
  first: number
  end: number
}

function byFlags(subjects: readonly TrendSubject[]): Iterable<TrendSubject[]> {
  const groups = new Map<string, TrendSubject[]>()
  for (const subject of subjects) {
    const key = subject.track.rule.flags.join()
    const group = groups.get(key)
    if (group) group.push(subject)
    else groups.set(key, [subject])
  }
  return groups.values()
}

async function readMedians(
  telemetry: Pick<TelemetryStore, 'windows'>,
  group: readonly TrendSubject[],
  first: number,
  last: number,
): Promise<Map<SensorId, HourlyMedian[]>> {
  const windowMs = Math.max(...group.map(({ track }) => track.rule.windowMs))
  const windows = await telemetry.windows({
    series: [...new Set(group.map(({ slot }) => slot.series))],
    from: first - windowMs - hourMs,
    to: last,
    everyMs: hourMs,
    flags: group[0]?.track.rule.flags ?? [1, 2],
    aggregates: ['median'],
  })
  const bySeries = new Map<SensorId, HourlyMedian[]>()
  for (const { series, start, median } of windows) {
    const known = bySeries.get(series) ?? []
    if (median !== undefined) known.push({ at: start, median })
    bySeries.set(series, known)
  }
  for (const known of bySeries.values()) known.sort((a, b) => a.at - b.at)
  return bySeries
}

function judgeAt(context: WatchContext, cursor: Cursor, asOf: number): void {
  const { subject, medians } = cursor
  const { slot, track } = subject
  while (cursor.end < medians.length && (medians[cursor.end]?.at ?? Infinity) < asOf) cursor.end += 1
  while (cursor.first < cursor.end && (medians[cursor.first]?.at ?? 0) < asOf - track.rule.windowMs - hourMs) cursor.first += 1
  if (cursor.first === cursor.end) return // nothing was measured: that proves nothing and changes nothing
  const seen = medians.slice(cursor.first, cursor.end)
  const open = [...track.followed.values()].find(isOpen)?.episode ?? null
  const rule = { ...track.rule, everyMs: track.rule.sensor.everyMs }
  const now = evaluateTrend(rule, seen, asOf)
  const after = advance(track.rule, open, asOf, { now, before: () => evaluateTrend(rule, seen, asOf - hourMs) })
  if (after === null || after === open) return
  for (const [onset, each] of track.followed) if (!isOpen(each)) track.followed.delete(onset)
  follow(context, slot, track, { episode: after, predecessor: null, grounds: byClock(slot.clock, asOf + context.graceMs) })
}
