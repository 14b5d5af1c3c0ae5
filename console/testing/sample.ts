import type { TestName } from '../../domain/quality-tests.ts'
import type { ObservationRow } from '../../api/schemas/observation.ts'
import type { DayCells, ParameterNote, SeriesDetail, SeriesSummary, Stage } from '../../api/schemas/series.ts'
import type { OpenWarning, StationDetail, StationList, StationSummary } from '../../api/schemas/station.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import { warnings } from './sample-warnings.ts'
import { every, hour, last, level, network, rain, sampleNow, sketches, type Sketch } from './sketches.ts'

const stages: readonly Stage[] = [
  { name: 'warning', limit: 3 },
  { name: 'guarantee', limit: 4 },
  { name: 'record', limit: 4.8 },
]
const stagesOf = (sketch: Sketch, of: ParameterNote): Stage[] => (of === level && sketch.base < 100 ? [...stages] : [])

/** The value of a sketch `ago` ms before its last reading. */
function valueOf({ base, rise, id }: Sketch, of: ParameterNote, ago: number): number {
  const place = id.length
  if (of === rain) return ago < 9 * hour && ago > 2 * hour ? Math.round(Math.abs(Math.sin(ago / hour)) * 14) / 10 : 0
  const wave = 0.08 * Math.sin(ago / (7 * hour) + place) * Math.min(base, 1)
  const flood = rise > 0 ? Math.max(0, 11 - ago / hour) * rise : -rise * Math.min(24, ago / hour)
  return Math.round((base + wave + flood) * 100) / 100
}

/** Readings of one series from `from` to `to`: with a gap, a spike, rejected values and some that came late. */
export function observations(series: string, from: number, to: number): ObservationRow[] {
  const [id, key] = series.split('/')
  const sketch = sketches.find((one) => one.id === id)
  const of = sketch?.parameters.find((one) => one.key === key)
  if (!sketch || !of) return []
  const rows: ObservationRow[] = []
  const end = Math.min(to - 1, last - sketch.quietMs)
  for (let at = Math.ceil(from / every) * every; at <= end; at += every) {
    const row = reading(sketch, of, at)
    if (row) rows.push(row)
  }
  return rows
}

function reading(sketch: Sketch, of: ParameterNote, at: number): ObservationRow | null {
  const ago = last - at
  const count = Math.round(at / every)
  if (ago > 40 * hour && ago < 43.34 * hour) return null
  const spike = of === level && count % 397 === 0
  const broken = of === level && count % 211 === 0
  const late = ago > 30 * hour && ago < 34 * hour
  const tests: TestName[] = spike ? ['spike'] : broken ? ['gross_range'] : []
  return {
    series: `${sketch.id}/${of.key}/1`,
    observedAt: at,
    receivedAt: at + (late ? 5 * hour : 2_000),
    value: broken ? -99 : valueOf(sketch, of, ago) + (spike ? 1.8 : 0),
    flag: spike ? 3 : broken ? 4 : 1,
    tests,
    device: `rtu-${sketch.id}`,
    delivery: count,
    seq: count,
    run: network.run,
    position: null,
  }
}

function dayCells(sketch: Sketch, of: ParameterNote): DayCells {
  const from = Math.floor(sampleNow / (hour / 2)) * (hour / 2) - 47 * (hour / 2)
  const cells = Array.from({ length: 48 }, (_, i) =>
    observations(`${sketch.id}/${of.key}/1`, from + i * (hour / 2), from + (i + 1) * (hour / 2)),
  )
  return {
    from,
    everyMs: hour / 2,
    completeness: cells.map((rows, i) => (i === 47 ? 1 : rows.length / 6)),
    worst: cells.map((rows) => Math.max(0, ...rows.map((row) => row.flag))),
    last: cells.map((rows) => rows.findLast((row) => row.flag !== 4)?.value ?? null),
  }
}

function seriesOf(sketch: Sketch, of: ParameterNote): SeriesDetail {
  const latest = observations(`${sketch.id}/${of.key}/1`, last - sketch.quietMs - hour, sampleNow + 1).at(-1) ?? null
  const own = stagesOf(sketch, of)
  const value = latest?.value ?? null
  const reached = value === null ? null : (own.findLast((stage) => value >= stage.limit) ?? null)
  const next = value === null ? null : (own.find((stage) => value < stage.limit) ?? null)
  const rate = of === level ? sketch.rise : 0
  const summary: SeriesSummary = {
    series: `${sketch.id}/${of.key}/1`,
    station: sketch.id,
    parameter: of,
    number: 1,
    everyMs: every,
    from: 'value',
    statistic: 'value',
    stages: own,
    latest,
    ageMs: latest && sampleNow - latest.observedAt,
    silent: sketch.quietMs > 3 * every,
    trend: {
      direction: sketch.quietMs > hour ? 'unknown' : rate > 0 ? 'rising' : rate < 0 ? 'falling' : 'steady',
      perHour: rate,
      readings: 5,
    },
    standing:
      own.length === 0 || value === null
        ? null
        : { reached, above: reached && value - reached.limit, next, below: next && next.limit - value },
    completeness: 0.968,
    run: network.run,
  }
  return { ...summary, cells: dayCells(sketch, of), recent: [], range: { fail: null, suspect: null }, now: sampleNow }
}

const openWarning = (note: WarningNote): OpenWarning => ({
  id: note.id,
  rule: note.rule,
  kind: note.kind,
  series: note.series,
  level: note.level,
  state: note.state,
  acknowledged: note.marks.acknowledged !== null,
  blind: note.marks.blind,
  raisedAt: note.raisedAt,
  why: note.why,
})

function summaryOf(sketch: Sketch): StationSummary {
  const series = sketch.parameters.map((of) => seriesOf(sketch, of))
  const lead = series[0]
  return {
    id: sketch.id,
    name: { en: sketch.en, zh: sketch.zh },
    kind: sketch.kind,
    location: { lon: sketch.at[0], lat: sketch.at[1] },
    network: network.id,
    run: network.run,
    simulated: true,
    recorded: false,
    downstream: sketch.downstream,
    targetClass: sketch.kind === 'water-source' ? 'II' : null,
    state: sketch.quietMs > 1_000 * hour ? 'never' : sketch.quietMs > 0 ? 'silent' : 'reporting',
    level: sketch.level,
    warnings: warnings.filter((one) => one.station === sketch.id && one.endedAt === null).map(openWarning),
    lead: lead?.series ?? null,
    series,
    cells: lead?.cells ?? null,
    completeness: 0.968,
    lastReceivedAt: lead?.latest?.receivedAt ?? null,
  }
}

export function stationList(): StationList {
  const stations = sketches.map(summaryOf)
  return {
    now: sampleNow,
    networks: [network],
    counts: { stations: stations.length, reporting: 6, silent: 1, never: 1, warnings: 3, unacknowledged: 2, completeness: 0.968 },
    lastReceivedAt: last + 2_000,
    stations,
  }
}

export function stationDetail(id: string): StationDetail | null {
  const sketch = sketches.find((one) => one.id === id)
  if (!sketch) return null
  const note = (other: Sketch) => ({ id: other.id, name: { en: other.en, zh: other.zh }, travelTimeMs: 5 * hour, lengthKm: 18 })
  const below = sketches.find((other) => other.id === sketch.downstream)
  return {
    now: sampleNow,
    network,
    station: summaryOf(sketch),
    series: sketch.parameters.map((of) => seriesOf(sketch, of)),
    upstream: sketches.filter((other) => other.downstream === id).map(note),
    downstream: below ? note(below) : null,
    devices: [{ id: `rtu-${id}`, protocol: 'mqtt' }],
    zone: null,
    permit: null,
  }
}
