import type { FigureSize, HydrographInput } from './hydrograph.ts'
import { headline } from './hydrograph-words.ts'
import { decimalsOfStep, linearScale, linearTicks, niceStep, timeTicks, type TimeTick } from './scale.ts'
import { textWidth } from './svg.ts'
import { splitTraces, type Span, type Traces } from './traces.ts'
import { figureWords, number, type Language } from './words.ts'

export const fontSize = 13

/** Where everything goes: what the layers of a hydrograph share. All in px, y downward. */
export interface Plot {
  id: string
  width: number
  height: number
  left: number
  right: number
  top: number
  bottom: number
  titleLines: string[]
  /** Beside the title of simulated data; empty for real data. */
  badge: string
  window: Span
  traces: Traces
  rainTop: number | null
  /** Epoch ms -> px, clamped to the plot. */
  x: (at: number) => number
  /** Value -> px, clamped to the plot. */
  y: (value: number) => number
  /** Whether a value lies on the y axis as drawn. */
  shows: (value: number) => boolean
  xTicks: TimeTick[]
  yTicks: { value: number; label: string }[]
}

const hour = 3_600_000

/** Lays a hydrograph out; the input has safe times. Same rules for every width, so that server, browser and mail agree. */
export function planPlot(input: HydrographInput, size: FigureSize, language: Language): Plot {
  const width = Math.max(200, Math.round(size.width) || 0)
  const height = Math.max(120, Math.round(size.height) || 0)
  const window = { from: input.from, to: input.to }
  const traces = splitTraces(input.points, window, input.everyMs, input.now ?? window.to)
  const range = valueRange(input, traces)
  const badge = badgeOf(input, width, language)
  const titleLines = wrap(
    headline(input, language, width < 480),
    width - 8 - (badge === '' ? 0 : textWidth(badge, fontSize) + 16),
    fontSize,
  )
  const top = titleLines.length * 18 + 10
  const bottom = height - 26
  const yTicks = tickLabels(range, Math.max(2, Math.floor((bottom - top) / 44)))
  const left = Math.ceil(Math.max(28, ...yTicks.map((tick) => textWidth(tick.label, fontSize) + 12)))
  const right = width - 10
  const x = clamped(linearScale([window.from, window.to], [left, right]), left, right)
  const y = clamped(linearScale(range, [bottom, top]), top, bottom)
  return {
    id: input.id.replace(/[^A-Za-z0-9-]/g, ''),
    width,
    height,
    left,
    right,
    top,
    bottom,
    titleLines,
    badge,
    window,
    traces,
    rainTop: rainTop(input, window),
    x,
    y,
    shows: (value) => value >= range[0] && value <= range[1],
    xTicks: timeTicks(window.from, window.to, input.zone, Math.max(2, Math.floor((right - left) / 74)), language),
    yTicks,
  }
}

function badgeOf(input: HydrographInput, width: number, language: Language): string {
  const words = figureWords[language]
  if (!input.simulated) return ''
  const [short, long] = input.recorded ? [words.replayed, words.replayedLong] : [words.simulated, words.simulatedLong]
  return width < 480 ? short : `${short} · ${long}`
}

const clamped = (scale: (v: number) => number, low: number, high: number) => (value: number) => Math.min(high, Math.max(low, scale(value)))

const furthest = 8e12 // years 1716 to 2223
const safe = (at: number): number => (Number.isFinite(at) ? Math.min(furthest, Math.max(-furthest, at)) : 0)

/** The input with a window that can be drawn: finite ends, at least a second long, else the hour up to `from`. */
export function withSafeTimes(input: HydrographInput): HydrographInput {
  const [from, to] = [safe(input.from), safe(input.to)]
  const window = to - from >= 1000 ? { from, to } : { from: from - hour, to: from }
  const forecast = input.forecast ? { ...input.forecast, issuedAt: safe(input.forecast.issuedAt) } : null
  return { ...input, ...window, now: input.now === null ? null : safe(input.now), forecast }
}

/**
 * From the lowest value to the next limit above the highest one, and a third more; a limit whose danger lies below is included the same way.
 * A suspect value widens the range by at most once its height; past that it stands at the edge.
 */
function valueRange(input: HydrographInput, traces: Traces): [number, number] {
  const line = traces.runs.flat()
  const expected = (input.forecast?.points ?? []).flatMap((p) => [p.median, ...(p.half ?? []), ...(p.most ?? [])]).filter(Number.isFinite)
  const values = [...line.map((p) => p.value), ...expected]
  if (input.shape === 'bars') values.push(0)
  const limits = input.limits.filter((limit) => Math.abs(limit.value) < 1e15)
  if (values.length === 0) values.push(...traces.suspect.map((p) => p.value))
  if (values.length === 0) values.push(...limits.map((limit) => limit.value))
  if (values.length === 0) return [0, 1]
  let [low, high] = extremes(values)
  const above = limits.filter((l) => l.side !== 'below' && l.value > high).map((l) => l.value)
  const below = limits.filter((l) => l.side === 'below' && l.value < low).map((l) => l.value)
  if (above.length > 0) high = Math.min(...above)
  if (below.length > 0) low = Math.max(...below)
  const reach = high - low
  for (const { value } of traces.suspect) {
    if (value > high && value <= high + reach) high = value
    if (value < low && value >= low - reach) low = value
  }
  if (high - low <= Math.max(1e-6, Math.abs(high) * 1e-9))
    return [low - Math.max(Math.abs(low) * 0.05, 0.5), high + Math.max(Math.abs(high) * 0.1, 1)]
  return [low === 0 ? 0 : low - (high - low) * 0.04, high + (high - low) / 3]
}

function extremes(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

function tickLabels([low, high]: readonly [number, number], count: number): Plot['yTicks'] {
  const step = niceStep((high - low) / count)
  const decimals = decimalsOfStep(step)
  return linearTicks(low, high, count).map((value) => ({ value, label: number(value, decimals) }))
}

/** Full scale of the rain bars: a third of the plot holds the heaviest one. Null without rain to draw. */
function rainTop(input: HydrographInput, window: Span): number | null {
  const inside = (input.rain?.points ?? []).filter((p) => p.at >= window.from && p.at <= window.to)
  const most = Math.max(0, ...inside.map((p) => (p.value !== null && p.value < 1e9 ? p.value : 0)))
  return most > 0 ? most : null
}

/** Breaks a title (bold: an eighth wider) at its commas and spaces into at most three lines. */
function wrap(text: string, width: number, size: number): string[] {
  const lines: string[] = ['']
  for (const word of text.split(/(?<=[ ，（])|(?=（)/)) {
    const line = lines.at(-1) ?? ''
    if (line === '' || lines.length === 3 || 1.12 * textWidth(line + word.trimEnd(), size) <= width) lines[lines.length - 1] = line + word
    else lines.push(word)
  }
  return lines.map((line) => line.trimEnd())
}
