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

/** The figures of the table, in its order. */
export function figuresOf({ readings, warnings, silences, trends, quality, forecasts }: Score): ScoreFigure[] {
  const figure = (name: string, value: number | null, meaning: string, unit: ScoreFigure['unit'] = ''): ScoreFigure => ({
    name,
    value,
    unit,
    meaning,
  })
  return [
    figure('expected', readings.expected, 'readings that ought to be stored'),
    figure('lost', readings.lost, 'of these, not there'),
    figure('wrong', readings.wrong, 'of these, with another value than was sent'),
    figure('doubled', readings.doubled, 'stored readings that nobody sent'),
    figure('leaked', readings.leaked, 'stored though they ought to be refused or put aside'),
    figure('events', warnings.events, 'events that deserved a warning'),
    figure('hits', warnings.hits, 'events with a warning'),
    figure('misses', warnings.misses, 'events without one'),
    figure('false', warnings.falseAlarms, 'warnings without an event'),
    figure('detection', warnings.pod, 'hits of all events', 'ratio'),
    figure('false-ratio', warnings.far, 'false ones of hits and false ones', 'ratio'),
    figure('csi', warnings.csi, 'hits of hits, misses and false ones', 'ratio'),
    figure('lead', minutes(warnings.medianLeadMs), 'median from first warning to start of the event (below 0: behind it)', 'min'),
    figure('false-rate', warnings.falsePerStationMonth, 'false warnings', 'a station and month'),
    figure('evidence', minutes(warnings.medianEvidenceMs), 'median from start of the event to when the deciding reading was sent', 'min'),
    figure('notify', minutes(warnings.medianNotifyMs), 'median from start of the event to when an officer could be told', 'min'),
    figure('notify-90', minutes(warnings.mostNotifyMs), 'the same, of nine in ten', 'min'),
    figure(
      'server',
      seconds(warnings.medianServerMs),
      'of that, median from receipt of the deciding reading to the warning being told',
      's',
    ),
    figure(
      'level',
      warnings.hits === 0 ? null : warnings.levelReached / warnings.hits,
      'hits that came to the level of the event',
      'ratio',
    ),
    figure('silences', silences.events, 'silences that deserved a warning'),
    figure('silence-detection', silences.pod, 'of these, with one', 'ratio'),
    figure('silence-false-ratio', silences.far, 'warnings of silence while readings came, of these and the right ones', 'ratio'),
    figure('recall', quality.recall, 'faulty readings that were flagged', 'ratio'),
    figure('precision', quality.precision, 'flagged readings that were faulty', 'ratio'),
    figure('crossings', trends.events, 'crossings that a trend ought to forecast'),
    figure('forecast-detection', trends.pod, 'of these, with a warning before', 'ratio'),
    figure('forecast-false-ratio', trends.far, 'warnings of trends without a crossing, of these and the right ones', 'ratio'),
    figure('forecast-lead', minutes(trends.medianLeadMs), 'median from warning to crossing', 'min'),
    figure('forecasts', forecasts.crossed, 'times to a threshold that was crossed then'),
    figure('uncrossed', forecasts.never, 'times to a threshold that was not crossed until the end'),
    figure('coverage', forecasts.coverage, 'of those crossed, within the interval given', 'ratio'),
  ]
}

/** A bound that a score must not pass, such as `lost>0` or `csi<0.8`. */
export interface FailureBound {
  text: string
  name: string
  sign: '<' | '>'
  limit: number
}

const boundShape = /^([a-z-]+)\s*([<>])\s*(-?\d+(?:\.\d+)?)$/

/** The figures that a bound may name. */
export const figureNames: readonly string[] = [
  ...['expected', 'lost', 'wrong', 'doubled', 'leaked', 'events', 'hits', 'misses', 'false', 'detection', 'false-ratio', 'csi', 'lead'],
  ...[
    'false-rate',
    'evidence',
    'notify',
    'notify-90',
    'server',
    'level',
    'silences',
    'silence-detection',
    'silence-false-ratio',
    'recall',
    'precision',
  ],
  ...['crossings', 'forecast-detection', 'forecast-false-ratio', 'forecast-lead', 'forecasts', 'uncrossed', 'coverage'],
]

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
