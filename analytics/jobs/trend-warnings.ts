import { flag } from '../../domain/flag.ts'
import type { SensorId } from '../../domain/ids.ts'
import type { TelemetryStore, WindowQuery } from '../../store/ports/telemetry.ts'
import { hourMs } from '../clocks.ts'
import { byClock } from '../decision.ts'
import type { TrendRule } from '../rule-kind.ts'
import { advance } from '../rules/trend.ts'
import { follow } from '../follow.ts'
import type { SeriesSlot, TrendTrack, WatchContext } from '../slot.ts'
import { isOpen } from '../warnings.ts'
import { evaluateTrend, movementIn, paceStepMs, type Median } from './trend-evaluation.ts'

/** A trend rule with the series it is about. */
export interface TrendSubject {
  slot: SeriesSlot
  track: TrendTrack
}

/**
 * Tests every trend rule of a run at each of these full hours, in order, from one query of hourly medians (one for each list of trusted
 * flags) and one of shorter steps for flashy series that move. What changes becomes a version of a warning. Rejects with StoreUnavailable;
 * nothing has changed then.
 */
export async function judgeTrends(
  context: WatchContext,
  telemetry: Pick<TelemetryStore, 'windows'>,
  subjects: readonly TrendSubject[],
  hours: readonly number[],
): Promise<void> {
  const [first, last] = [hours[0], hours.at(-1)]
  if (first === undefined || last === undefined || subjects.length === 0) return
  const cursors: Cursor[] = []
  for (const group of groupsOf(subjects, ({ track }) => track.rule.flags.join())) {
    const windowMs = Math.max(...group.map(({ track }) => track.rule.windowMs))
    const read = await readMedians(telemetry, group, { from: first - windowMs - hourMs, to: last, everyMs: hourMs })
    for (const subject of group) cursors.push({ subject, medians: read.get(subject.slot.series) ?? [], recent: [] })
  }
  await readPaces(telemetry, cursors, hours)
  const judges = cursors.map((cursor) => judgeOf(context, cursor))
  for (const asOf of hours) for (const judge of judges) judge(asOf)
}

/** What was read for a subject. */
interface Cursor {
  subject: TrendSubject
  medians: readonly Median[]
  /** Medians of shorter steps, of flashy series that move. */
  recent: readonly Median[]
}

/** Gives flashy series that move at one of these hours, or did at the hour before, the medians that show their pace. */
async function readPaces(telemetry: Pick<TelemetryStore, 'windows'>, cursors: readonly Cursor[], hours: readonly number[]): Promise<void> {
  const asked = [(hours[0] ?? 0) - hourMs, ...hours]
  const moving = cursors.flatMap((cursor) => {
    const { rule } = cursor.subject.track
    const at = rule.isFlashy ? asked.filter(movesAt(cursor)) : []
    return at.length === 0 ? [] : [{ cursor, from: (at[0] ?? 0) - rule.windowMs, to: at.at(-1) ?? 0, everyMs: paceStepMs(rule) }]
  })
  for (const group of groupsOf(moving, ({ cursor, everyMs }) => `${cursor.subject.track.rule.flags.join()} ${everyMs}`)) {
    const [from, to] = [Math.min(...group.map((one) => one.from)), Math.max(...group.map((one) => one.to))]
    const subjects = group.map(({ cursor }) => cursor.subject)
    const read = await readMedians(telemetry, subjects, { from, to, everyMs: group[0]?.everyMs ?? hourMs })
    for (const { cursor } of group) cursor.recent = read.get(cursor.subject.slot.series) ?? []
  }
}

function movesAt({ subject: { track }, medians }: Cursor): (asOf: number) => boolean {
  const rule = evaluated(track.rule)
  const seenAt = sliding(medians, rule.windowMs)
  return (asOf) => movementIn(rule, seenAt(asOf), asOf).status === 'moving'
}

/** The medians before growing moments, as far back as they are looked at. */
function sliding(medians: readonly Median[], backMs: number): (asOf: number) => readonly Median[] {
  let [first, end] = [0, 0]
  return (asOf) => {
    while (end < medians.length && (medians[end]?.at ?? Infinity) < asOf) end += 1
    while (first < end && (medians[first]?.at ?? 0) < asOf - backMs) first += 1
    return medians.slice(first, end)
  }
}

function groupsOf<One>(all: readonly One[], keyOf: (one: One) => string): Iterable<One[]> {
  const groups = new Map<string, One[]>()
  for (const one of all) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return groups.values()
}

async function readMedians(
  telemetry: Pick<TelemetryStore, 'windows'>,
  group: readonly TrendSubject[],
  span: Pick<WindowQuery, 'from' | 'to' | 'everyMs'>,
): Promise<Map<SensorId, Median[]>> {
  const series = [...new Set(group.map(({ slot }) => slot.series))]
  const flags = group[0]?.track.rule.flags ?? [1, 2]
  const windows = await telemetry.windows({ series, ...span, flags, aggregates: ['median'] })
  const doubts = flags.filter((each) => each === flag.suspect || each === flag.fail)
  const doubted = doubts.length === 0 ? [] : await telemetry.windows({ series, ...span, flags: doubts, aggregates: ['n'] })
  const doubtful = new Set(doubted.map(({ series, start }) => `${start} ${series}`))
  const bySeries = new Map<SensorId, Median[]>()
  for (const { series, start, median } of windows) {
    const known = bySeries.get(series) ?? []
    if (median !== undefined) known.push({ at: start, median, ...(doubtful.has(`${start} ${series}`) && { isDoubtful: true }) })
    bySeries.set(series, known)
  }
  for (const known of bySeries.values()) known.sort((a, b) => a.at - b.at)
  return bySeries
}

const evaluated = (rule: TrendRule): TrendRule & { everyMs: number | null } => ({ ...rule, everyMs: rule.sensor.everyMs })

function judgeOf(context: WatchContext, { subject: { slot, track }, medians, recent }: Cursor): (asOf: number) => void {
  const rule = evaluated(track.rule)
  const [seenAt, recentAt] = [sliding(medians, rule.windowMs + hourMs), sliding(recent, rule.windowMs + hourMs)]
  return (asOf) => {
    const [seen, pace] = [seenAt(asOf), recentAt(asOf)]
    if (seen.length === 0) return // nothing was measured: that proves nothing and changes nothing
    const open = [...track.followed.values()].find(isOpen)?.episode ?? null
    const now = evaluateTrend(rule, seen, asOf, pace)
    const after = advance(rule, open, asOf, { now, before: () => evaluateTrend(rule, seen, asOf - hourMs, pace) })
    if (after === null || after === open) return
    for (const [onset, each] of track.followed) if (!isOpen(each)) track.followed.delete(onset)
    follow(context, slot, track, { episode: after, predecessor: null, grounds: byClock(slot.clock, asOf + context.graceMs) })
  }
}
