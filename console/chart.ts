import { isBelieved } from '../domain/fast-rise.ts'
import { testBits } from '../domain/quality-tests.ts'
import type { HydrographInput, HydrographLimit, WarningSpan } from '../figures/hydrograph.ts'
import type { FigurePoint } from '../figures/traces.ts'
import { clock, dayAndClock, type Language } from '../figures/words.ts'
import type { Level } from '../domain/warning.ts'
import type { ObservationRow } from '../api/schemas/observation.ts'
import type { ParameterNote, SeriesSummary } from '../api/schemas/series.ts'
import type { NetworkNote, StationDetail } from '../api/schemas/station.ts'
import type { WarningNote } from '../api/schemas/warning.ts'
import { decimalsFor, isAmount, known, limitName, periodText, quantityName, stageShort, type Voice } from './say.ts'

export const ranges = ['24h', '5d', '30d'] as const
export type Range = (typeof ranges)[number]
const day = 86_400_000
export const rangeMs: Readonly<Record<Range, number>> = { '24h': day, '5d': 5 * day, '30d': 30 * day }

/** Readings that are drawn one by one; beyond, hourly means are. */
export const rawAtMost = 10_000

/** The stages of the network file that Gaugekeeper's own rules give a level; other names are drawn without a colour. */
const stageLevels: Readonly<Record<string, Level>> = { warning: 'yellow', guarantee: 'orange', record: 'red' }

/** Readings of one series as the figure takes them. Late: it came more than five intervals (at least half an hour) after it was observed. */
export function figurePoints(rows: readonly ObservationRow[], series: string, everyMs: number | null, live: boolean): FigurePoint[] {
  const late = Math.max(1_800_000, 5 * (everyMs ?? 0))
  const own = rows.filter((row) => row.series === series)
  const passing = own.map(({ value, flag, tests }) => ({ value, flag, tests: testBits(tests) }))
  return own.map((row, i) => ({
    at: row.observedAt,
    value: row.value,
    flag: row.flag,
    ...(passing[i] && isBelieved(passing[i], passing[i - 1], passing[i - 2]) && { onLine: true }),
    ...((row.tests.includes('late') || (live && row.receivedAt - row.observedAt > late)) && { late: true }),
  }))
}

export function stageLimits(series: SeriesSummary, voice: Voice): HydrographLimit[] {
  return series.stages.map((stage) => ({ name: stageShort(stage.name, voice), value: stage.limit, level: known(stageLevels, stage.name) }))
}

/** Times under a warning, for the shading behind the line. */
export function warningSpans(warnings: readonly WarningNote[], series: string, until: number): WarningSpan[] {
  const own = warnings.filter((warning) => warning.series === series && warning.raisedAt !== null && !warning.marks.retrospective)
  return own.map((warning) => ({ from: warning.raisedAt ?? warning.onset, to: warning.endedAt ?? until, level: warning.level }))
}

interface StationChart {
  series: SeriesSummary
  /** Rain of the same station, to be drawn from the top. */
  rain: SeriesSummary | null
  observations: readonly ObservationRow[]
  /** Hourly means instead of readings; null when readings are drawn. */
  means: readonly FigurePoint[] | null
  warnings: readonly WarningNote[]
  network: NetworkNote
  /** Who sends it: they tell what a statistic's values stand for. */
  devices: StationDetail['devices']
  place: string
  range: Range
}

/** The hydrograph of a station's page: the range up to now, and a little room behind it. */
export function stationChart(parts: StationChart, voice: Voice): HydrographInput {
  const { series, rain, network, range, means } = parts
  const { language, t } = voice
  const { parameter } = series
  const now = network.now
  // the run of a simulation has its own clock: when a reading came says nothing about its lateness there
  const live = network.run === null
  const about = [periodText(series, parts.devices, voice), means === null ? '' : t.say.hourly].filter((words) => words !== '')
  return {
    id: 'chart',
    place: parts.place,
    quantity: withWords(quantityName(parameter, language), about, language),
    unit: parameter.display,
    decimals: decimalsFor(parameter, series.latest?.value ?? 0),
    zone: network.timeZone,
    from: now - rangeMs[range],
    to: now + Math.round(rangeMs[range] / 40),
    now,
    everyMs: means === null ? series.everyMs : 3_600_000,
    points: means ?? figurePoints(parts.observations, series.series, series.everyMs, live),
    shape: isAmount(parameter) ? 'bars' : 'line',
    limits: stageLimits(series, voice),
    spans: warningSpans(parts.warnings, series.series, now),
    rain: rain && {
      name: quantityName(rain.parameter, language),
      unit: rain.parameter.display,
      everyMs: rain.everyMs ?? 300_000,
      points: figurePoints(parts.observations, rain.series, rain.everyMs, live),
    },
    simulated: network.simulated,
    recorded: network.recorded,
  }
}

/** `Chemical oxygen demand (mean of 1 h)`: the quantity, and what the values are. */
function withWords(quantity: string, words: readonly string[], language: Language): string {
  if (words.length === 0) return quantity
  return language === 'zh' ? `${quantity}（${words.join('，')}）` : `${quantity} (${words.join(', ')})`
}

export const views = ['then', 'now'] as const
/** `then`: as it was when the decision fell; `now`: with what came after. */
export type View = (typeof views)[number]

/** The window of a warning's evidence, epoch ms: the time the rule looked at, and as much before it, at least six hours. */
export function evidenceWindow(warning: WarningNote, view: View, now: number): { from: number; to: number } {
  const { from, to } = warning.evidence
  const start = Math.min(from, warning.onset)
  const room = Math.max(6 * 3_600_000, to - start)
  return { from: start - room, to: view === 'then' ? to : Math.max(to, Math.min(now, to + 10 * day)) }
}

interface EvidenceChart {
  warning: WarningNote
  parameter: ParameterNote
  series: SeriesSummary | null
  observations: readonly ObservationRow[]
  network: NetworkNote | null
  view: View
  now: number
}

/** The hydrograph of a warning. As decided, it ends at the decision and never changes while its readings do not. */
export function evidenceChart(
  { warning, parameter, series, observations, network, view, now }: EvidenceChart,
  voice: Voice,
): HydrographInput {
  const { language, t } = voice
  const window = evidenceWindow(warning, view, now)
  const zone = network?.timeZone ?? 'UTC'
  const { evidence } = warning
  // the limit of a sum or a rate is not one of the readings that are drawn
  const comparable = evidence.limit !== null && (warning.kind === 'threshold' || warning.kind === 'trend')
  const limits: HydrographLimit[] = comparable
    ? [{ name: limitName(warning, t), value: evidence.limit ?? 0, level: warning.level }]
    : series === null || warning.kind === 'rain-accumulation'
      ? []
      : stageLimits(series, voice)
  return {
    id: 'evidence',
    place: warning.stationName[language],
    quantity: quantityName(parameter, language),
    unit: parameter.display,
    decimals: decimalsFor(parameter, evidence.value ?? 0),
    zone,
    from: window.from,
    to: view === 'then' ? window.to + Math.round((window.to - window.from) / 30) : window.to,
    now: view === 'then' ? window.to : now,
    ...(view === 'then' && { nowLabel: t.say.decidedAt(clock(window.to, zone)) }),
    everyMs: series?.everyMs ?? null,
    points: figurePoints(observations, warning.series ?? '', series?.everyMs ?? null, warning.run === null),
    shape: isAmount(parameter) ? 'bars' : 'line',
    limits,
    spans: [{ from: warning.onset, to: warning.endedAt ?? (view === 'then' ? window.to : now), level: warning.level }],
    crossings: [{ at: warning.onset, label: `${clock(warning.onset, zone)} ${t.what.crossed}`, level: warning.level }],
    simulated: warning.simulated,
    recorded: warning.recorded,
  }
}

/** A chart's input for the wire: times as differences, so that a day of readings is a few KB. */
export interface PackedChart {
  input: Omit<HydrographInput, 'points'>
  /** at (difference to the one before, ms), value, flag, and where it is not 0: 1 late + 2 on the line. */
  points: [number, number | null, FigurePoint['flag'], number?][]
  size: { width: number; height: number }
}

export function packChart({ points, ...input }: HydrographInput, size: PackedChart['size']): PackedChart {
  let before = 0
  const packed = points.map((p): PackedChart['points'][number] => {
    const step = p.at - before
    before = p.at
    const marks = (p.late === true ? 1 : 0) + (p.onLine === true ? 2 : 0)
    return marks > 0 ? [step, p.value, p.flag, marks] : [step, p.value, p.flag]
  })
  return { input, points: packed, size }
}

export function unpackChart({ input, points }: PackedChart): HydrographInput {
  let at = 0
  const unpacked = points.map(([step, value, flag, marks = 0]): FigurePoint => {
    at += step
    return { at, value, flag, ...((marks & 1) === 1 && { late: true }), ...((marks & 2) === 2 && { onLine: true }) }
  })
  return { ...input, points: unpacked }
}

/** A reading in words: `22 Nov 2026 02:15: 3.42 m, good`. */
export function pointWords(point: FigurePoint, input: Pick<HydrographInput, 'unit' | 'zone'>, value: string, voice: Voice): string {
  const { t, language } = voice
  const late = point.late === true ? ` · ${t.browser.late}` : ''
  return `${dayAndClock(point.at, input.zone, language)} · ${value} ${input.unit} · ${t.flag[point.flag]}${late}`
}
