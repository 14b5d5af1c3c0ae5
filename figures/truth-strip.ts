import type { Level } from '../domain/warning.ts'
import { linearScale, timeTicks } from './scale.ts'
import { escape, px, textWidth } from './svg.ts'
import { figureWords, type Language } from './words.ts'

/** Something on the time axis; `to` null = it lasts to now, or to the end. */
export interface StripSpan {
  from: number
  to: number | null
  level: Level
  /** Of events: a missed one is hollow and dashed. Of warnings: a false one is hollow with a cross. */
  good: boolean
  /** One sentence. */
  words: string
}

export interface StripRow {
  name: string
  /** What was true, above the line. */
  events: readonly StripSpan[]
  /** What was warned of, below it. */
  warnings: readonly StripSpan[]
}

export interface TruthStripInput {
  title: string
  from: number
  to: number
  zone: string
  language: Language
  rows: readonly StripRow[]
  /** How far the clock of a simulation that runs has come: a line there, and what lasts ends there; null = it is over. */
  now: { at: number; name: string } | null
  /** What stands before the two halves of the first row. */
  halves: { events: string; warnings: string }
  /** `6 more`, where a row has more at once than there is room for. */
  more: (count: number) => string
}

const [nameHeight, laneHeight, barHeight, gap, axisHeight, top] = [20, 10, 7, 12, 22, 28]
/** Of either half; what does not fit is counted. */
const lanesAtMost = 14
const fontSize = 13

/**
 * True events above, warnings below, one row a kind, all on one time axis; marked as simulated. As high as its rows need. Pure.
 * @param width px
 */
export function truthStrip(input: TruthStripInput, width: number): string {
  const { from, to, zone, language, title, now } = input
  const [left, right] = [8, width - 8]
  const x = linearScale([from, to], [left, right])
  const drawn: string[] = []
  let y = top
  for (const [place, row] of input.rows.entries()) {
    const one = drawRow(row, { x, y, until: now?.at ?? to, to, right, halves: place === 0 ? input.halves : null, more: input.more })
    drawn.push(one.svg)
    y += one.height
  }
  const ticks = timeTicks(from, to, zone, Math.max(2, Math.floor(width / 90)), language)
  const height = y + axisHeight
  const mark = badge(width, language)
  return (
    `<svg class="hg ts" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" role="img" aria-label="${escape(title)}">` +
    ticks.map((tick) => gridLine(x(tick.at), y, tick.label, { left, right })).join('') +
    drawn.join('') +
    nowLine(now, { x, y, left, right, free: mark.left - 6 }) +
    `<path class="hg-axis" d="M${px(left)} ${px(y)}H${px(right)}"/>${mark.svg}</svg>`
  )
}

interface RowPlace {
  x: (at: number) => number
  y: number
  /** Where ends what lasts, and where the axis does. */
  until: number
  to: number
  right: number
  halves: TruthStripInput['halves'] | null
  more: TruthStripInput['more']
}

function drawRow({ name, events, warnings }: StripRow, place: RowPlace): { svg: string; height: number } {
  const { y, right, halves } = place
  const [above, below] = [lanesOf(events, place), lanesOf(warnings, place)]
  const line = y + nameHeight + above.count * laneHeight + 2
  const bars =
    above.placed.map(({ span, lane }) => bar(span, line - 3 - (lane + 1) * laneHeight + 3, place, 'event')).join('') +
    below.placed.map(({ span, lane }) => bar(span, line + 4 + lane * laneHeight, place, 'warning')).join('')
  const left = above.left + below.left
  const note = left === 0 ? '' : text(right, y + 13, place.more(left), 'tick', 'e')
  const words = halves === null ? '' : text(right, y + 13, `▲ ${halves.events} · ▼ ${halves.warnings}`, 'tick', 'e')
  return {
    svg: text(8, y + 13, name, 'title', 's') + (words || note) + `<path class="hg-ground" d="M8 ${px(line)}H${px(right)}"/>${bars}`,
    height: nameHeight + above.count * laneHeight + below.count * laneHeight + gap,
  }
}

interface Lanes {
  placed: { span: StripSpan; lane: number }[]
  count: number
  /** Spans without a lane. */
  left: number
}

/** Puts each span into the first lane that is free there. */
function lanesOf(spans: readonly StripSpan[], { x, to, until }: RowPlace): Lanes {
  const ends: number[] = []
  const placed: Lanes['placed'] = []
  let left = 0
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const free = ends.findIndex((end) => end <= x(span.from))
    const lane = free < 0 ? ends.length : free
    if (lane >= lanesAtMost) left += 1
    else {
      ends[lane] = Math.max(x(span.from) + 5, x(Math.min(to, span.to ?? until))) + 2
      placed.push({ span, lane })
    }
  }
  return { placed, count: Math.max(1, ends.length), left }
}

function bar(
  { from, to: ended, level, good, words }: StripSpan,
  y: number,
  { x, to, until, right }: RowPlace,
  half: 'event' | 'warning',
): string {
  const begin = Math.max(8, Math.min(x(from), right - 3))
  const end = Math.min(right, Math.max(begin + 3, x(Math.min(to, ended ?? until))))
  const looks = good ? `ts-bar fill-${level}` : half === 'event' ? 'ts-bar ts-missed' : 'ts-bar ts-false'
  const cross =
    good || half === 'event'
      ? ''
      : `<path class="ts-cross" d="M${px(begin)} ${px(y)}l${barHeight} ${barHeight}m0-${barHeight}l-${barHeight} ${barHeight}"/>`
  return (
    `<g><title>${escape(words)}</title><rect class="${looks}" x="${px(begin)}" y="${px(y)}" width="${px(end - begin)}" height="${barHeight}" rx="1"/>` +
    `${cross}</g>`
  )
}

function gridLine(at: number, bottom: number, label: string, { left, right }: { left: number; right: number }): string {
  const half = textWidth(label, fontSize) / 2
  const [anchor, place] = at - half < left ? (['s', left] as const) : at + half > right ? (['e', right] as const) : (['m', at] as const)
  return `<path class="hg-grid" d="M${px(at)} ${px(top)}V${px(bottom)}"/>${text(place, bottom + 16, label, 'tick', anchor)}`
}

/** A line at now with its name, which stands left of the mark of simulated data. */
function nowLine(now: TruthStripInput['now'], { x, y, left, right, free }: NowPlace): string {
  if (now === null) return ''
  const at = Math.min(right, Math.max(left, x(now.at)))
  const wide = textWidth(now.name, fontSize)
  const [place, anchor] = at - wide - 4 < left ? ([at + 4, 's'] as const) : ([Math.min(at - 4, free), 'e'] as const)
  return `<path class="hg-now" d="M${px(at)} ${px(top - 6)}V${px(y)}"/>${text(place, 15, now.name, 'tick', anchor)}`
}

interface NowPlace {
  x: (at: number) => number
  y: number
  left: number
  right: number
  /** Up to here nothing else stands in the first line, px. */
  free: number
}

function badge(width: number, language: Language): { svg: string; left: number } {
  const { simulated, simulatedLong } = figureWords[language]
  const words = `${simulated} · ${simulatedLong}`
  const wide = textWidth(words, fontSize) + 12
  const x = width - wide - 2
  const frame = `<rect class="hg-simbadge" x="${px(x)}" y="1" width="${px(wide)}" height="20" rx="3"/>`
  return { svg: frame + text(x + 6, 15, words, 'simname', 's'), left: x }
}

const text = (x: number, y: number, words: string, name: string, anchor: 's' | 'm' | 'e'): string =>
  `<text class="hg-${name} hg-a${anchor}" x="${px(x)}" y="${px(y)}">${escape(words)}</text>`
