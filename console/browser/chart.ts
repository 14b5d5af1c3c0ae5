import { hydrograph, type HydrographInput } from '../../figures/hydrograph.ts'
import { planPlot } from '../../figures/hydrograph-plan.ts'
import type { FigurePoint } from '../../figures/traces.ts'
import { number } from '../../figures/words.ts'
import { figurePoints, pointWords, unpackChart, type PackedChart } from '../chart.ts'
import { isTyping } from './preferences.ts'
import { onReadings } from './live.ts'
import { voice } from './voice.ts'

const day = 86_400_000
const svgName = 'http://www.w3.org/2000/svg'

/** Gives every chart of the page its data, a cursor for keyboard and pointer, its live end, and its true width. */
export function startCharts(): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-chart]')) load(place).catch(() => undefined) // without data the chart stays as the server drew it
}

async function load(place: HTMLElement): Promise<void> {
  const answer = await fetch(place.dataset.chart ?? '')
  if (!answer.ok) return
  const packed = (await answer.json()) as PackedChart
  startChart(place, unpackChart(packed), packed.size.height)
}

/** What the parts of a running chart share. */
interface Chart {
  place: HTMLElement
  input: HydrographInput
  /** Readings with a value, in time order: where the cursor goes. */
  points: FigurePoint[]
  at: number | null
  height: number
}

function startChart(place: HTMLElement, input: HydrographInput, height: number): void {
  const chart: Chart = { place, input, points: valued(input), at: null, height }
  const redraw = (): void => {
    draw(chart)
    showCursor(chart)
  }
  redraw()
  place.addEventListener('keydown', (event) => onKey(chart, event))
  place.addEventListener('pointermove', (event) => onPointer(chart, event))
  place.addEventListener('pointerleave', () => move(chart, null))
  new ResizeObserver(redraw).observe(place)
  follow(chart, redraw)
}

const valued = ({ points }: HydrographInput): FigurePoint[] => points.filter((point) => point.value !== null).sort((a, b) => a.at - b.at)

const widthOf = ({ place }: Chart): number => Math.max(240, Math.floor(place.clientWidth))

function draw(chart: Chart): void {
  const svg = hydrograph(chart.input, { width: widthOf(chart), height: chart.height }, voice.language)
  const figure = chart.place.querySelector('.figure')
  if (figure && figure.innerHTML !== svg) figure.innerHTML = svg // made by our own function, which escapes every word
}

/** New readings of the chart's series go on its line; the window moves with the newest. */
function follow(chart: Chart, redraw: () => void): void {
  const address = new URL(chart.place.dataset.chart ?? '', location.href)
  if (!address.pathname.startsWith('/s/')) return
  const series = `${decodeURIComponent(address.pathname.split('/')[2] ?? '')}/${address.searchParams.get('series') ?? ''}`
  onReadings((rows) => {
    const fresh = figurePoints(rows, series, chart.input.everyMs, true)
    if (fresh.length === 0) return
    const byTime = new Map([...chart.input.points, ...fresh].map((point) => [point.at, point]))
    const newest = Math.max(...fresh.map((point) => point.at))
    const shift = Math.max(0, newest - (chart.input.now ?? newest))
    const { from, to, now } = chart.input
    const points = [...byTime.values()].filter((point) => point.at >= from + shift).sort((a, b) => a.at - b.at)
    chart.input = { ...chart.input, points, from: from + shift, to: to + shift, now: now === null ? null : now + shift }
    chart.points = valued(chart.input)
    redraw()
  })
}

const steps: Readonly<Record<string, (chart: Chart, at: number) => number>> = {
  ArrowRight: (_, at) => at + 1,
  ArrowLeft: (_, at) => at - 1,
  Home: () => 0,
  End: (chart) => chart.points.length - 1,
  PageDown: (chart, at) => nearest(chart.points, (chart.points[at]?.at ?? 0) + day),
  PageUp: (chart, at) => nearest(chart.points, (chart.points[at]?.at ?? 0) - day),
}

function onKey(chart: Chart, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
  if (event.key === 't' || event.key === 'T') {
    event.preventDefault()
    return toggleTable(chart.place)
  }
  if (event.key === 'Escape') return move(chart, null)
  const step = steps[event.key]
  const last = chart.points.length - 1
  if (!step || last < 0) return
  event.preventDefault()
  const next = chart.at === null && event.key.startsWith('Arrow') ? last : step(chart, chart.at ?? last)
  move(chart, Math.min(last, Math.max(0, next)))
}

function toggleTable(place: HTMLElement): void {
  const table = place.closest('.chart-panel')?.querySelector('details')
  if (!table) return
  table.open = !table.open
  if (table.open) table.querySelector('summary')?.focus()
}

function onPointer(chart: Chart, event: PointerEvent): void {
  const box = chart.place.getBoundingClientRect()
  const plan = planPlot(chart.input, { width: widthOf(chart), height: chart.height }, voice.language)
  const share = (event.clientX - box.left - plan.left) / (plan.right - plan.left)
  const at = chart.input.from + share * (chart.input.to - chart.input.from)
  if (share >= -0.02 && share <= 1.02 && chart.points.length > 0) move(chart, nearest(chart.points, at))
}

/** Place of the reading closest to a moment; by halving. */
function nearest(points: readonly FigurePoint[], at: number): number {
  let [low, high] = [0, points.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((points[middle]?.at ?? 0) <= at) low = middle
    else high = middle
  }
  return at - (points[low]?.at ?? 0) <= (points[high]?.at ?? 0) - at ? low : high
}

function move(chart: Chart, at: number | null): void {
  if (at === chart.at) return
  chart.at = at
  showCursor(chart)
}

/** Draws the cursor over the figure and says its reading. */
function showCursor(chart: Chart): void {
  const svg = chart.place.querySelector('svg')
  const readout = chart.place.parentElement?.querySelector('output')
  svg?.querySelector('.hg-cursor')?.remove()
  const point = chart.at === null ? undefined : chart.points[chart.at]
  if (!svg || !point || point.value === null) {
    if (readout) readout.textContent = ''
    return
  }
  const plan = planPlot(chart.input, { width: widthOf(chart), height: chart.height }, voice.language)
  const [x, y] = [plan.x(point.at), plan.y(point.value)]
  const cursor = document.createElementNS(svgName, 'path')
  cursor.setAttribute('class', 'hg-cursor')
  cursor.setAttribute('d', `M${x} ${plan.top}V${plan.bottom}M${x - 6} ${y}a6 6 0 1 0 12 0a6 6 0 1 0-12 0`)
  svg.append(cursor)
  if (readout) readout.textContent = pointWords(point, chart.input, number(point.value, chart.input.decimals), voice)
}
