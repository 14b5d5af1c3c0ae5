import { hint } from '../../domain/nearest.ts'
import type { Score } from './score.ts'

/** One figure of a score as people and `--fail-on` name it. */
export interface ScoreFigure {
  name: string
  /** Null = there was nothing to measure. */
  value: number | null
  unit: '' | 'ratio' | 'min' | 's' | 'a station and month'
  meaning: string
}

const minutes = (ms: number | null): number | null => (ms === null ? null : ms / 60_000)

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1_000)

interface FigureRow extends Omit<ScoreFigure, 'value'> {
  of: (score: Score) => number | null
}

const row = (name: string, of: FigureRow['of'], meaning: string, unit: ScoreFigure['unit'] = ''): FigureRow => ({ name, of, meaning, unit })

const rows: readonly FigureRow[] = [
  row('expected', ({ readings }) => readings.expected, 'readings that ought to be stored'),
  row('lost', ({ readings }) => readings.lost, 'of these, not there'),
  row('wrong', ({ readings }) => readings.wrong, 'of these, with another value than was sent'),
  row('doubled', ({ readings }) => readings.doubled, 'stored readings that nobody sent'),
  row('leaked', ({ readings }) => readings.leaked, 'stored though they ought to be refused or put aside'),
  row('events', ({ warnings }) => warnings.events, 'events that deserved a warning'),
  row('hits', ({ warnings }) => warnings.hits, 'events with a warning'),
  row('misses', ({ warnings }) => warnings.misses, 'events without one'),
  row('false', ({ warnings }) => warnings.falseAlarms, 'warnings without an event'),
  row('detection', ({ warnings }) => warnings.pod, 'hits of all events', 'ratio'),
  row('false-ratio', ({ warnings }) => warnings.far, 'false ones of hits and false ones', 'ratio'),
  row('csi', ({ warnings }) => warnings.csi, 'hits of hits, misses and false ones', 'ratio'),
  row(
    'lead',
    ({ warnings }) => minutes(warnings.medianLeadMs),
    'median from first warning to start of the event (below 0: behind it)',
    'min',
  ),
  row('false-rate', ({ warnings }) => warnings.falsePerStationMonth, 'false warnings', 'a station and month'),
  row(
    'evidence',
    ({ warnings }) => minutes(warnings.medianEvidenceMs),
    'median from start of the event to when the deciding reading was sent',
    'min',
  ),
  row(
    'notify',
    ({ warnings }) => minutes(warnings.medianNotifyMs),
    'median from start of the event to when an officer could be told',
    'min',
  ),
  row('notify-90', ({ warnings }) => minutes(warnings.mostNotifyMs), 'the same, of nine in ten', 'min'),
  row(
    'server',
    ({ warnings }) => seconds(warnings.medianServerMs),
    'of that, median from receipt of the deciding reading to the warning being told',
    's',
  ),
  row(
    'level',
    ({ warnings }) => (warnings.hits === 0 ? null : warnings.levelReached / warnings.hits),
    'hits that came to the level of the event',
    'ratio',
  ),
  row('silences', ({ silences }) => silences.events, 'silences that deserved a warning'),
  row('silence-detection', ({ silences }) => silences.pod, 'of these, with one', 'ratio'),
  row(
    'silence-false-ratio',
    ({ silences }) => silences.far,
    'warnings of silence while readings came, of these and the right ones',
    'ratio',
  ),
  row('recall', ({ quality }) => quality.recall, 'faulty readings that were flagged', 'ratio'),
  row('precision', ({ quality }) => quality.precision, 'flagged readings that were faulty', 'ratio'),
  row('crossings', ({ trends }) => trends.events, 'crossings that a trend ought to forecast'),
  row('forecast-detection', ({ trends }) => trends.pod, 'of these, with a warning before', 'ratio'),
  row('forecast-false-ratio', ({ trends }) => trends.far, 'warnings of trends without a crossing, of these and the right ones', 'ratio'),
  row('forecast-lead', ({ trends }) => minutes(trends.medianLeadMs), 'median from warning to crossing', 'min'),
  row('forecasts', ({ forecasts }) => forecasts.crossed, 'times to a threshold that was crossed then'),
  row('uncrossed', ({ forecasts }) => forecasts.never, 'times to a threshold that was not crossed until the end'),
  row('coverage', ({ forecasts }) => forecasts.coverage, 'of those crossed, within the interval given', 'ratio'),
]

/** The figures of the table, in its order. */
export const figuresOf = (score: Score): ScoreFigure[] => rows.map(({ of, ...one }) => ({ ...one, value: of(score) }))

/** A bound that a score must not pass, such as `lost>0` or `csi<0.8`. */
export interface FailureBound {
  text: string
  name: string
  sign: '<' | '>'
  limit: number
}

const boundShape = /^([a-z-]+)\s*([<>])\s*(-?\d+(?:\.\d+)?)$/

/** The figures that a bound may name. */
export const figureNames: readonly string[] = rows.map(({ name }) => name)

/** Reads bounds separated by commas; a problem is a sentence for the one who wrote them. */
export function readBounds(text: string): { bounds: FailureBound[] } | { problem: string } {
  const bounds: FailureBound[] = []
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, name = '', sign, limit] = boundShape.exec(part) ?? []
    if (sign === undefined) return { problem: `${JSON.stringify(part)} is no bound; write it as lost>0 or csi<0.8` }
    if (!figureNames.includes(name)) return { problem: `there is no figure ${JSON.stringify(name)}${hint(name, figureNames)}` }
    bounds.push({ text: part, name, sign: sign === '<' ? '<' : '>', limit: Number(limit) })
  }
  return { bounds }
}

/** The bounds that a score passes. A figure that could not be measured passes none. */
export function passedBounds(bounds: readonly FailureBound[], figures: readonly ScoreFigure[]): FailureBound[] {
  return bounds.filter(({ name, sign, limit }) => {
    const value = figures.find((figure) => figure.name === name)?.value ?? null
    return value !== null && (sign === '<' ? value < limit : value > limit)
  })
}
