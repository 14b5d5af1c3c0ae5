import { flag } from '../domain/flag.ts'
import type { ForecastPoint, HydrographInput } from './hydrograph.ts'
import { fontSize, type Plot } from './hydrograph-plan.ts'
import { label } from './hydrograph-frame.ts'
import { minMaxPerColumn } from './decimate.ts'
import { polyline, px, textWidth, type Place } from './svg.ts'
import type { Plotted } from './traces.ts'
import { duration, type FigureWords, type Language } from './words.ts'

const path = (kind: string, d: string): string => (d === '' ? '' : `<path class="hg-${kind}" d="${d}"/>`)

/** The readings that are trusted or not yet judged: one line, broken where data is missing, and a dot on the newest. */
export function observedLine(plan: Plot): string {
  const { runs, newest } = plan.traces
  const d = runs.map((run) => polyline(minMaxPerColumn(places(plan, run)))).join('')
  const dot = newest ? `<circle class="hg-newest" cx="${px(plan.x(newest.at))}" cy="${px(plan.y(newest.value))}" r="4"/>` : ''
  return path('line', d) + dot
}

const places = (plan: Plot, points: readonly Plotted[]): Place[] => points.map((p) => [plan.x(p.at), plan.y(p.value)])

/** Hollow diamonds; of many that would lie on each other every so many. */
export function suspectMarks(plan: Plot): string {
  const kept: Place[] = []
  for (const place of places(plan, plan.traces.suspect)) {
    const before = kept.at(-1)
    if (!before || Math.hypot(place[0] - before[0], place[1] - before[1]) >= 11) kept.push(place)
  }
  return path('suspect', kept.map(([x, y]) => `M${px(x)} ${px(y - 4.5)}l4.5 4.5-4.5 4.5-4.5-4.5z`).join(''))
}

/** Small crosses at the lower edge, with their count where several stand together. */
export function rejectedMarks(plan: Plot): string {
  const groups: { x: number; count: number }[] = []
  for (const point of plan.traces.rejected) {
    const x = plan.x(point.at)
    const group = groups.at(-1)
    if (group && x - group.x < 30) group.count += 1
    else groups.push({ x, count: 1 })
  }
  const y = plan.bottom - 6
  const crosses = groups.map(({ x }) => `M${px(x - 3)} ${px(y - 3)}l6 6m0-6l-6 6`).join('')
  const counts = groups.filter((g) => g.count > 1).map((g) => label(g.x + 5, y + 4, `×${g.count}`, 'count'))
  return path('rejected', crosses) + counts.join('')
}

/** Stretches without data, hatched, with their length in words where there is room. */
export function gapHatch(plan: Plot, words: FigureWords, language: Language): string {
  const height = plan.bottom - plan.top
  let d = ''
  let labels = ''
  for (const gap of plan.traces.gaps) {
    const [x0, x1] = [plan.x(gap.from), plan.x(gap.to)]
    d += `M${px(x0)} ${px(plan.top)}h${px(x1 - x0)}v${px(height)}h-${px(x1 - x0)}z`
    const text = words.missing(duration(gap.to - gap.from, language))
    const width = textWidth(text, fontSize)
    if (x1 - x0 > width + 10) labels += label((x0 + x1) / 2, plan.bottom - 12, text, 'gapname', 'm')
    else if (x1 - x0 > 18 && width + 10 < height)
      labels += `<g transform="translate(${px((x0 + x1) / 2 + 4)} ${px(plan.bottom - 8)})rotate(-90)">${label(0, 0, text, 'gapname')}</g>`
  }
  return (d === '' ? '' : `<path class="hg-gap" fill="url(#${plan.id}-gap)" d="${d}"/>`) + labels
}

/** A line under the axis where readings came long after they were observed. */
export function lateLines(plan: Plot): string {
  const y = px(plan.bottom + 3)
  const d = plan.traces.late.map((span) => `M${px(plan.x(span.from) - 1)} ${y}H${px(plan.x(span.to) + 1)}`).join('')
  return path('late', d)
}

/** Times under a warning, shaded in its colour; crossings marked at the top with their words. */
export function warningSpans(plan: Plot, input: HydrographInput): string {
  const { from, to } = plan.window
  const spans = (input.spans ?? []).filter((span) => span.to >= from && span.from <= to)
  const shades = spans.map((span) => {
    const [x0, x1] = [plan.x(span.from), plan.x(span.to)]
    return `<rect class="hg-span hg-${span.level}" x="${px(x0)}" y="${px(plan.top)}" width="${px(Math.max(1, x1 - x0))}" height="${px(plan.bottom - plan.top)}"/>`
  })
  const marks = (input.crossings ?? [])
    .filter((mark) => mark.at >= from && mark.at <= to)
    .map((mark, i) => {
      const x = plan.x(mark.at)
      const end = x + textWidth(mark.label, fontSize) + 10 > plan.right ? 'e' : 's'
      return (
        `<path class="hg-cross${mark.level === null ? '' : ` hg-${mark.level}`}" d="M${px(x)} ${px(plan.bottom)}V${px(plan.top)}m-5 0h10l-5 8z"/>` +
        label(x + (end === 'e' ? -8 : 8), plan.top + 13 + 16 * (i % 3), mark.label, 'crossname', end)
      )
    })
  return shades.join('') + marks.join('')
}

/** Bars from the top; the heaviest takes a third of the plot. */
export function rainBars(plan: Plot, input: HydrographInput): string {
  const { rain } = input
  const top = plan.rainTop
  if (!rain || top === null) return ''
  const full = (plan.bottom - plan.top) / 3
  const { from, to } = plan.window
  const seen = rain.points.filter((p) => p.value !== null && p.value > 0 && p.flag !== flag.fail && p.at >= from && p.at <= to)
  const ends = seen.map((p): Plotted => ({ at: p.at, value: plan.top + Math.min(full, ((p.value ?? 0) / top) * full) }))
  const d = barPath(plan, ends, rain.everyMs, plan.top)
  return path('rain', d) + label(plan.left + 4, plan.top + 12, `${rain.name} ↓ ${Number(top.toFixed(1))} ${rain.unit}`, 'rainname')
}

/** Amounts as bars from zero, each over the interval before its time. */
export function observedBars(plan: Plot, input: HydrographInput): string {
  const ends = plan.traces.runs.flat().map((p): Plotted => ({ at: p.at, value: plan.y(p.value) }))
  return path('bars', barPath(plan, ends, input.everyMs ?? 0, plan.y(0)))
}

/** Bars between a ground line and the px that each end names; of those in one column of pixels the longest. */
function barPath(plan: Plot, ends: readonly Plotted[], everyMs: number, ground: number): string {
  const columns = new Map<number, { x: number; width: number; y: number }>()
  for (const { at, value: y } of ends) {
    const [x0, x1] = [plan.x(at - everyMs), plan.x(at)]
    const column = columns.get(Math.round(x0))
    if (y !== ground && (!column || Math.abs(column.y - ground) < Math.abs(y - ground)))
      columns.set(Math.round(x0), { x: x0, width: Math.max(1, x1 - x0), y })
  }
  return [...columns.values()].map((bar) => `M${px(bar.x)} ${px(ground)}h${px(bar.width)}V${px(bar.y)}h${px(-bar.width)}z`).join('')
}

/** The forecast's bands (90 and 50 of 100) and its dashed median. */
export function forecastBand(plan: Plot, input: HydrographInput): string {
  const usable = (p: ForecastPoint): boolean => [p.at, p.median, ...(p.half ?? []), ...(p.most ?? [])].every(Number.isFinite)
  const points = (input.forecast?.points ?? []).filter(usable).sort((a, b) => a.at - b.at)
  const band = (kind: string, bounds: (p: ForecastPoint) => readonly [number, number] | null): string => {
    const low = points.flatMap((p): Place[] => bounded(plan, p.at, bounds(p)?.[0]))
    const high = points.flatMap((p): Place[] => bounded(plan, p.at, bounds(p)?.[1])).reverse()
    return low.length > 1 ? path(kind, `${polyline([...low, ...high])}z`) : ''
  }
  const median = points.map((p): Place => [plan.x(p.at), plan.y(p.median)])
  return band('most', (p) => p.most) + band('half', (p) => p.half) + path('forecast', polyline(median))
}

const bounded = (plan: Plot, at: number, value: number | undefined): Place[] => (value === undefined ? [] : [[plan.x(at), plan.y(value)]])
