import type { HydrographInput, HydrographLimit } from './hydrograph.ts'
import { fontSize, type Plot } from './hydrograph-plan.ts'
import { escape, px, textWidth } from './svg.ts'
import { number, type FigureWords } from './words.ts'

/** Text of a figure. Anchor `s` start, `m` middle, `e` end. */
export function label(x: number, y: number, text: string, kind: string, anchor: 's' | 'm' | 'e' = 's'): string {
  return `<text class="hg-${kind} hg-a${anchor}" x="${px(x)}" y="${px(y)}">${escape(text)}</text>`
}

/** Ground of the plot and the hatches that other layers fill with. */
export function frame(plan: Plot): string {
  const { id, left, right, top, bottom, width, height } = plan
  return (
    `<defs><pattern id="${id}-gap" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
    `<path class="hg-hatch" d="M0 0v7"/></pattern>` +
    `<pattern id="${id}-sim" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
    `<path class="hg-simhatch" d="M3 0v12"/></pattern></defs>` +
    `<path class="hg-paper" d="M0 0h${px(width)}v${px(height)}h-${px(width)}z"/>` +
    `<path class="hg-ground" d="M${px(left)} ${px(top)}H${px(right)}V${px(bottom)}H${px(left)}z"/>`
  )
}

/** The title: quantity, unit, period, zone. */
export function title(plan: Plot): string {
  return plan.titleLines.map((line, i) => label(2, 15 + 18 * i, line, 'title')).join('')
}

/** Grid, tick labels and, where the axis crosses it, the line of zero. */
export function axes(plan: Plot): string {
  const { left, right, top, bottom, xTicks, yTicks } = plan
  const rows = yTicks.map((tick) => `M${px(left)} ${px(plan.y(tick.value))}H${px(right)}`).join('')
  const days = xTicks.filter((tick) => tick.major).map((tick) => `M${px(plan.x(tick.at))} ${px(top)}V${px(bottom)}`)
  const marks = xTicks.map((tick) => `M${px(plan.x(tick.at))} ${px(bottom)}v5`).join('')
  const zero =
    yTicks.some((tick) => tick.value < 0) && plan.shows(0) ? `<path class="hg-zero" d="M${px(left)} ${px(plan.y(0))}H${px(right)}"/>` : ''
  return (
    `<path class="hg-grid" d="${rows}${days.join('')}"/>${zero}<path class="hg-axis" d="M${px(left)} ${px(bottom)}H${px(right)}${marks}"/>` +
    yTicks.map((tick) => label(left - 9, plan.y(tick.value) + 4, tick.label, 'tick', 'e')).join('') +
    timeLabels(plan)
  )
}

/** Labels of the time axis, those left out that would touch the one before or leave the figure. */
function timeLabels(plan: Plot): string {
  let free = 0
  let labels = ''
  for (const tick of plan.xTicks) {
    const half = textWidth(tick.label, fontSize) / 2
    const x = Math.min(plan.width - half - 2, Math.max(half + 2, plan.x(tick.at)))
    if (x - half < free) continue
    free = x + half + 8
    labels += label(x, plan.bottom + 19, tick.label, tick.major ? 'day' : 'tick', 'm')
  }
  return labels
}

/** Each limit that the axis shows: a line, and on it the name and value; labels that would lie on each other go to the other end. */
export function limitLines(plan: Plot, input: HydrographInput): string {
  const shown = input.limits.filter((limit) => plan.shows(limit.value)).sort((a, b) => a.value - b.value)
  const taken: Record<'s' | 'e', number> = { s: Infinity, e: Infinity }
  return shown.map((limit) => limitLine(plan, input, limit, taken)).join('')
}

function limitLine(plan: Plot, input: HydrographInput, limit: HydrographLimit, taken: Record<'s' | 'e', number>): string {
  const y = plan.y(limit.value)
  const line = `<path class="hg-limit" d="M${px(plan.left)} ${px(y)}H${px(plan.right)}"/>`
  const text = `${limit.name} ${number(limit.value, input.decimals)} ${input.unit}`
  const end = taken.s - y >= 16 ? 's' : taken.e - y >= 16 ? 'e' : null // the newest data is at the right: names stand at the left
  if (end === null) return line
  taken[end] = y
  const base = y - 5 > plan.top + 10 ? y - 5 : y + 15
  const swatch = limit.level === null ? 0 : 15
  const start = end === 'e' ? plan.right - 4 - textWidth(text, fontSize) : plan.left + 4 + swatch
  const colour =
    swatch === 0
      ? ''
      : `<rect class="hg-swatch fill-${limit.level}" x="${px(start - swatch)}" y="${px(base - 9.5)}" width="10" height="10"/>`
  return line + colour + label(start, base, text, 'limitname')
}

/** The moment the figure speaks of, when it lies in the window. */
export function nowLine(plan: Plot, input: HydrographInput, words: FigureWords): string {
  if (input.now === null || !(input.now >= plan.window.from && input.now <= plan.window.to)) return ''
  const text = input.nowLabel ?? words.now
  const x = plan.x(input.now)
  const end = x + textWidth(text, fontSize) + 6 > plan.right ? 'e' : 's'
  return (
    `<path class="hg-now" d="M${px(x)} ${px(plan.top)}V${px(plan.bottom)}"/>` +
    label(x + (end === 'e' ? -4 : 4), plan.bottom - 6, text, 'nowname', end)
  )
}

/** A hatched frame and a badge round data that no river made. */
export function simulatedFrame(plan: Plot): string {
  const { id, left, right, top, bottom, badge } = plan
  const wide = textWidth(badge, fontSize) + 12
  const x = plan.width - wide - 2
  return (
    `<path class="hg-simframe" stroke="url(#${id}-sim)" d="M${px(left - 3)} ${px(top - 3)}H${px(right + 3)}V${px(bottom + 3)}H${px(left - 3)}z"/>` +
    `<rect class="hg-simbadge" x="${px(x)}" y="1" width="${px(wide)}" height="20" rx="3"/>${label(x + 6, 15, badge, 'simname')}`
  )
}
