import type { Level } from '../domain/warning.ts'
import { axes, frame, limitLines, nowLine, simulatedFrame, title } from './hydrograph-frame.ts'
import {
  forecastBand,
  gapHatch,
  lateLines,
  observedBars,
  observedLine,
  rainBars,
  rejectedMarks,
  suspectMarks,
  warningSpans,
} from './hydrograph-traces.ts'
import { description, headline } from './hydrograph-words.ts'
import { planPlot, withSafeTimes } from './hydrograph-plan.ts'
import { standaloneStyle } from './style.ts'
import { escape, px } from './svg.ts'
import type { FigurePoint, Span } from './traces.ts'
import { figureWords, type Language } from './words.ts'

export interface HydrographLimit {
  /** In the reader's language. */
  name: string
  value: number
  level: Level | null
  /** `below`: the danger lies under it (oxygen). Default `above`. */
  side?: 'above' | 'below'
}

export interface WarningSpan extends Span {
  level: Level
}

export interface CrossingMark {
  at: number
  /** `02:16 crossed`, in the reader's language. */
  label: string
  level: Level | null
}

/** A second series drawn from the top; each bar stands for the time up to `at`. */
export interface RainBars {
  name: string
  unit: string
  everyMs: number
  points: readonly FigurePoint[]
}

export interface ForecastPoint {
  at: number
  median: number
  /** Lower and upper bound that hold 50 and 90 of 100 cases. */
  half: readonly [number, number] | null
  most: readonly [number, number] | null
}

export interface HydrographInput {
  /** Makes ids inside the figure unique on its page; letters, digits, `-`. */
  id: string
  place: string
  quantity: string
  /** As a reader sees it. */
  unit: string
  decimals: number
  /** IANA zone of all times. */
  zone: string
  /** Window, epoch ms; an empty one is widened to an hour. */
  from: number
  to: number
  /** Where the now line stands; null = none. Readings are expected up to here. */
  now: number | null
  /** Label of that line; default `now`. A frozen figure names its moment. */
  nowLabel?: string
  /** Expected interval; null = irregular: then no gap is drawn. */
  everyMs: number | null
  points: readonly FigurePoint[]
  /** How the readings are drawn: joined, or, for amounts such as rain, as bars from zero over the interval before each. Default `line`. */
  shape?: 'line' | 'bars'
  limits: readonly HydrographLimit[]
  spans?: readonly WarningSpan[]
  crossings?: readonly CrossingMark[]
  rain?: RainBars | null
  forecast?: { issuedAt: number; points: readonly ForecastPoint[] } | null
  simulated: boolean
  /** Simulated only in that it is replayed. Default false. */
  recorded?: boolean
}

/** Outer size in px; under 200 × 120 is drawn as 200 × 120. */
export interface FigureSize {
  width: number
  height: number
}

/**
 * Draws readings against time as one SVG document: observed line (broken at gaps past 2.5 intervals), suspect diamonds, rejected marks at
 * the lower edge, named limits on their lines, gaps hatched with their length, late data underlined, rain from the top, the now line.
 * Pure: the same input gives the same bytes; no clock, no DOM, and no NaN whatever the values are.
 * @param options.standalone carries its own style sheet (mail, download); without it the page's `figureStyle` paints it
 * @throws RangeError for an unknown zone
 */
export function hydrograph(asked: HydrographInput, size: FigureSize, language: Language, options: { standalone?: boolean } = {}): string {
  const input = withSafeTimes(asked)
  const plan = planPlot(input, size, language)
  const words = figureWords[language]
  const layers = [
    frame(plan),
    warningSpans(plan, input),
    gapHatch(plan, words, language),
    axes(plan),
    rainBars(plan, input),
    limitLines(plan, input),
    forecastBand(plan, input),
    input.shape === 'bars' ? observedBars(plan, input) : observedLine(plan),
    suspectMarks(plan),
    rejectedMarks(plan),
    lateLines(plan),
    nowLine(plan, input, words),
    input.simulated ? simulatedFrame(plan) : '',
    title(plan),
  ]
  const { width, height } = plan
  const id = escape(input.id)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="hg" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" ` +
    `role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${escape(headline(input, language))}</title>` +
    `<desc id="${id}-d">${escape(description(plan, input, language))}</desc>` +
    `${options.standalone === true ? `<style>${standaloneStyle}</style>` : ''}${layers.join('')}</svg>`
  )
}
