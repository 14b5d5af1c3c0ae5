import { isBelieved } from '../../domain/fast-rise.ts'
import { flag } from '../../domain/flag.ts'
import type { Sensor } from '../../domain/network.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Parameter } from '../../domain/parameter.ts'
import type { RunId } from '../../domain/ids.ts'
import { standsFor } from '../../domain/sampling.ts'
import { cellMs, createSeriesState, type SeriesState } from '../series-state.ts'
import type { DayCells, ParameterNote, SeriesDetail, SeriesSummary, Stage, Standing, Trend } from '../schemas/series.ts'
import { observationRow } from './observation.ts'

/** Intervals of quiet after which a regular series is silent (the default bound of the silence rule). */
export const quietIntervals = 3
const trendReadings = 5

export const parameterNote = ({ key, name, unit, display, resolution }: Parameter): ParameterNote => ({
  key,
  name: { en: name.en, zh: name.zh },
  unit,
  display,
  resolution,
})

/** One sensor as it is at `now`, the clock of its station. */
export function seriesSummary(sensor: Sensor, state: SeriesState | null, run: RunId | null, now: number): SeriesSummary {
  const latest = state?.latest ?? null
  const ageMs = latest && Math.max(0, now - latest.observedAt)
  const trustedNow = state?.recent.findLast(trusted) ?? null
  const stages = stagesOf(sensor)
  return {
    series: sensor.id,
    station: sensor.station,
    parameter: parameterNote(sensor.parameter),
    number: sensor.number,
    everyMs: sensor.everyMs,
    from: sensor.from,
    statistic: standsFor(sensor),
    stages,
    latest: latest && observationRow(latest),
    ageMs,
    silent: sensor.everyMs !== null && ageMs !== null && ageMs > quietIntervals * sensor.everyMs,
    trend: trendOf(state?.recent ?? [], sensor),
    standing: trustedNow?.value == null || stages.length === 0 ? null : standingOf(trustedNow.value, stages),
    completeness: state?.whole(now) ?? null,
    run,
  }
}

/** The same with its last readings and its day. */
export function seriesDetail(sensor: Sensor, state: SeriesState | null, run: RunId | null, now: number): SeriesDetail {
  return {
    ...seriesSummary(sensor, state, run, now),
    cells: dayCells(sensor, state, now),
    recent: (state?.recent ?? []).map(({ observedAt, value, flag }) => ({ observedAt, value, flag })),
    range: { fail: sensor.range.fail && [...sensor.range.fail], suspect: sensor.range.suspect && [...sensor.range.suspect] },
    now,
  }
}

export function dayCells(sensor: Sensor, state: SeriesState | null, now: number): DayCells {
  const { from, completeness, worst, last } = (state ?? createSeriesState(sensor.everyMs)).day(now)
  return { from, everyMs: cellMs, completeness, worst, last }
}

function stagesOf(sensor: Sensor): Stage[] {
  return [...sensor.stages].map(([name, limit]) => ({ name, limit })).sort((a, b) => a.limit - b.limit)
}

/** Good, not evaluated, or doubted for nothing but a speed or a span that rules believe as well. */
function trusted(seen: Observation, place: number, recent: readonly Observation[]): boolean {
  if (seen.value === null) return false
  if (seen.flag === flag.good || seen.flag === flag.notEvaluated) return true
  return isBelieved(seen, recent[place - 1], recent[place - 2])
}

/**
 * Median of the slopes between all pairs of the last five trusted readings (Theil–Sen). Steady when that moves the value by less than its
 * resolution over their time; readings further than six intervals before the newest do not count.
 */
export function trendOf(recent: readonly Observation[], { everyMs, parameter }: Pick<Sensor, 'everyMs' | 'parameter'>): Trend {
  const newest = recent.findLast(trusted)
  const oldest = (newest?.observedAt ?? 0) - 6 * (everyMs ?? 3_600_000)
  const used = recent.filter((seen, place) => seen.observedAt >= oldest && trusted(seen, place, recent)).slice(-trendReadings)
  const [first, last] = [used[0], used.at(-1)]
  if (used.length < 3 || !first || !last) return { direction: 'unknown', perHour: null, readings: used.length }
  const perMs = median(slopes(used))
  const change = perMs * (last.observedAt - first.observedAt)
  const noticeable = parameter.resolution ?? Math.abs(last.value ?? 0) * 0.005
  const steady = change === 0 || Math.abs(change) < noticeable * (1 - 1e-9)
  return { direction: steady ? 'steady' : change > 0 ? 'rising' : 'falling', perHour: perMs * 3_600_000, readings: used.length }
}

function slopes(readings: readonly Observation[]): number[] {
  return readings.flatMap((a, place) =>
    readings.slice(place + 1).map((b) => ((b.value ?? 0) - (a.value ?? 0)) / (b.observedAt - a.observedAt)),
  )
}

/** A stage counts as reached at its limit. */
export function standingOf(value: number, stages: readonly Stage[]): Standing {
  const reached = stages.findLast((stage) => value >= stage.limit) ?? null
  const next = stages.find((stage) => value < stage.limit) ?? null
  return { reached, above: reached && value - reached.limit, next, below: next && next.limit - value }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
