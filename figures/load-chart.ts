import type { FigureSize } from './hydrograph.ts'
import { linearScale, linearTicks } from './scale.ts'
import { standaloneStyle } from './style.ts'
import { escape, polyline, px, textWidth, type Place } from './svg.ts'

/** One second of a load. Latencies in ms; null = nothing was acknowledged. */
export interface LoadSecond {
  second: number
  offered: number
  acknowledged: number
  p50: number | null
  p99: number | null
  p999: number | null
}

export interface LoadChartInput {
  title: string
  /** In the order of time. */
  seconds: readonly LoadSecond[]
}

/** What stands above its two halves. */
export interface LoadWords {
  rates: string
  delays: string
}

const percentiles = ['p50', 'p99', 'p999'] as const

interface Panel {
  left: number
  right: number
  top: number
  bottom: number
  x: (second: number) => number
  y: (value: number) => number
}

const english: LoadWords = { rates: 'messages/s, offered and acknowledged', delays: 'PUBACK, ms' }

/** The figure as one SVG document of its own. Pure. */
export function loadChart(input: LoadChartInput, size: FigureSize): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" ${frame(size)}>${titleOf(input)}<style>${standaloneStyle}</style>${drawing(input, size, english)}</svg>`
}

/** The same within a page, which has the style of figures; marked as simulated. Pure. */
export function loadFigure(input: LoadChartInput, size: FigureSize, words: LoadWords & { mark: string }): string {
  const wide = textWidth(words.mark, 13) + 12
  const x = size.width - wide - 2
  const mark =
    `<rect class="hg-simbadge" x="${px(x)}" y="1" width="${px(wide)}" height="20" rx="3"/>` + text(x + 6, 15, words.mark, 'simname', 's')
  return `<svg ${frame(size)} aria-label="${escape(input.title)}">${drawing(input, size, words)}${mark}</svg>`
}

const frame = ({ width, height }: FigureSize): string =>
  `class="hg" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" role="img"`
const titleOf = ({ title }: LoadChartInput): string => `<title>${escape(title)}</title>`

/**
 * Offered (dashed) and acknowledged messages a second, and below the percentiles of PUBACK on a logarithmic scale, against time.
 */
function drawing({ title, seconds }: LoadChartInput, { width, height }: FigureSize, words: LoadWords): string {
  const last = Math.max(1, ...seconds.map(({ second }) => second))
  const [left, right, middle] = [74, width - 60, Math.round(height / 2)]
  const x = linearScale([0, last], [left, right])
  const most = Math.max(1, ...seconds.map(({ offered, acknowledged }) => Math.max(offered, acknowledged)))
  const rates = { left, right, top: 48, bottom: middle - 24, x, y: linearScale([0, most], [middle - 24, 48]) }
  const [low, high] = decades(seconds)
  const logarithm = linearScale([Math.log10(low), Math.log10(high)], [height - 30, middle + 22])
  const delays = { left, right, top: middle + 22, bottom: height - 30, x, y: (ms: number) => logarithm(Math.log10(ms)) }
  const powers = Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, i) => low * 10 ** i)
  return (
    `<path class="hg-paper" d="M0 0h${px(width)}v${px(height)}H0z"/>` +
    text(2, 16, title, 'title', 's') +
    text(2, 38, words.rates, 'tick', 's') +
    grid(rates, linearTicks(0, most, 4), (value) => value.toLocaleString('en-GB')) +
    line(rates, 'offered', seconds, ({ offered }) => offered) +
    line(rates, 'acknowledged', seconds, ({ acknowledged }) => acknowledged) +
    text(2, middle + 10, words.delays, 'tick', 's') +
    grid(delays, powers, (value) => String(Number(value.toPrecision(1)))) +
    percentiles.map((name) => line(delays, name, seconds, (second) => second[name])).join('') +
    names(delays, seconds) +
    linearTicks(0, last, 8)
      .filter(Number.isInteger)
      .map((second) => text(x(second), height - 10, `${second} s`, 'tick', 'm'))
      .join('')
  )
}

/** The powers of ten that hold all latencies. */
function decades(seconds: readonly LoadSecond[]): [low: number, high: number] {
  const all = seconds.flatMap(({ p50, p99, p999 }) => [p50, p99, p999]).filter((value): value is number => value !== null && value > 0)
  if (all.length === 0) return [1, 10]
  const low = 10 ** Math.floor(Math.log10(Math.min(...all)))
  return [low, Math.max(low * 10, 10 ** Math.ceil(Math.log10(Math.max(...all))))]
}

function grid({ left, right, y }: Panel, ticks: readonly number[], write: (value: number) => string): string {
  const rows = ticks.map((value) => `M${px(left)} ${px(y(value))}H${px(right)}`).join('')
  return `<path class="hg-grid" d="${rows}"/>` + ticks.map((value) => text(left - 8, y(value) + 4, write(value), 'tick', 'e')).join('')
}

/** A line broken where there is no value. */
function line({ x, y }: Panel, kind: string, seconds: readonly LoadSecond[], read: (second: LoadSecond) => number | null): string {
  const runs: Place[][] = [[]]
  for (const second of seconds) {
    const value = read(second)
    if (value === null) runs.push([])
    else runs.at(-1)?.push([x(second.second), y(value)])
  }
  const drawn = runs.filter((run) => run.length > 0)
  return `<path class="hg-line lc-${kind}" d="${drawn.map(polyline).join('')}"/>`
}

/** The names of the percentiles at the ends of their lines, apart from each other. */
function names({ right, y }: Panel, seconds: readonly LoadSecond[]): string {
  let free = Infinity
  return percentiles
    .map((name) => {
      const value = seconds.findLast((second) => second[name] !== null)?.[name]
      if (value === undefined || value === null) return ''
      const at = Math.min(y(value) + 4, free)
      free = at - 14
      return text(right + 4, at, name === 'p999' ? 'p99.9' : name, 'tick', 's')
    })
    .join('')
}

const text = (x: number, y: number, words: string, kind: string, anchor: 's' | 'm' | 'e'): string =>
  `<text class="hg-${kind} hg-a${anchor}" x="${px(x)}" y="${px(y)}">${escape(words)}</text>`
