import type { Level } from '../domain/warning.ts'
import type { FigureSize } from './hydrograph.ts'
import { layOutRiver, type Located, type RiverLayout } from './river-layout.ts'
import { niceStep } from './scale.ts'
import { escape, px, textWidth } from './svg.ts'
import { figureWords, type Language } from './words.ts'

export const tendencies = ['rising', 'falling', 'steady', 'unknown'] as const
/** Shape of a marker: ▲ ▼ ● ◌. */
export type Tendency = (typeof tendencies)[number]

/** Corner of a marker: nothing, `?`, `/`, `Z`. */
export type DataState = 'good' | 'suspect' | 'missing' | 'silent'

/** What a marker shows; shape, colour and corner each say one thing. */
export interface Mark {
  tendency: Tendency
  level: Level | null
  state: DataState
  simulated: boolean
}

export interface MapStation extends Located, Mark {
  name: string
  href: string
  /** Spoken: name, value, state. */
  words: string
}

/** Outline of a marker round 0, 0. */
const shapes: Readonly<Record<Tendency, string>> = {
  rising: 'M0-8.5 8.5 6.5h-17z',
  falling: 'M0 8.5 8.5-6.5h-17z',
  steady: 'M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0z',
  unknown: 'M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0z',
}

const corners: Readonly<Record<DataState, string>> = { good: '', suspect: '?', missing: '/', silent: 'Z' }

/** A marker as a group, to be put into any SVG: shape = tendency, colour = level, corner = state of the data. */
export function marker(mark: Mark): string {
  const fill = mark.tendency === 'unknown' && mark.level === null ? 'rm-unknown' : mark.level === null ? 'rm-calm' : `fill-${mark.level}`
  const corner = corners[mark.state] || (mark.simulated ? 'SIM' : '')
  const dashed = mark.tendency === 'unknown' ? ' rm-unsure' : ''
  return (
    `<path class="rm-mark ${fill}${dashed}" d="${shapes[mark.tendency]}"/>` +
    (corner === '' ? '' : `<text class="rm-corner" x="7" y="-6">${corner}</text>`)
  )
}

/** One marker alone, for the row of a list; hidden from screen readers, the row says it in words. */
export function markerIcon(mark: Mark): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" class="rm" viewBox="-12 -14 34 28" width="34" height="28" aria-hidden="true">${marker(mark)}</svg>`
}

/**
 * Map of a river graph: reaches with arrows, markers that are links, names where they have room (the most severe first).
 * By position where at least half have one, else as a scheme. Simulated stations are marked each, or all by a frame when there is nothing else.
 */
export function riverMap(stations: readonly MapStation[], size: FigureSize, language: Language): string {
  const words = figureWords[language]
  const layout = layOutRiver(stations, size, 40)
  const allSimulated = stations.length > 0 && stations.every((s) => s.simulated)
  const placed = stations.filter((s) => layout.places.has(s.id))
  const drains = new Map<string, number>()
  for (const s of stations) if (s.downstream !== null) drains.set(s.downstream, (drains.get(s.downstream) ?? 0) + 1)
  const { width, height } = size
  const notes = [
    layout.kind === 'schematic' ? words.schematic : null,
    placed.length < stations.length ? words.unplaced(stations.length - placed.length) : null,
  ].filter((note) => note !== null)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="rm" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" ` +
    `role="group" aria-label="${escape(words.map)}">` +
    placed.map((s) => reach(s, drains, layout)).join('') +
    names(placed, layout, size).join('') +
    placed.map((s) => station(allSimulated ? { ...s, simulated: false } : s, layout)).join('') +
    notes.map((note, i) => `<text class="rm-note" x="8" y="${px(18 + 18 * i)}">${escape(note)}</text>`).join('') +
    scaleBar(layout, size, words.scale) +
    '</svg>'
  )
}

const at = (layout: RiverLayout, id: string): Point => layout.places.get(id) ?? { x: 0, y: 0 }

interface Point {
  x: number
  y: number
}

/** The bent line from a station to the next one down: ends and control point. Null when there is none to draw. */
function bowOf(from: MapStation, layout: RiverLayout): { a: Point; b: Point; c: Point; length: number } | null {
  if (from.downstream === null || !layout.places.has(from.downstream)) return null
  const [a, b] = [at(layout, from.id), at(layout, from.downstream)]
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const length = Math.hypot(dx, dy)
  if (length < 1) return null
  const bend = Math.min(18, length * 0.12)
  return { a, b, c: { x: (a.x + b.x) / 2 - (dy / length) * bend, y: (a.y + b.y) / 2 + (dx / length) * bend }, length }
}

/** A reach as a bent line with an arrow in its middle, wider the more reaches meet above it. */
function reach(from: MapStation, drains: ReadonlyMap<string, number>, layout: RiverLayout): string {
  const bow = bowOf(from, layout)
  if (!bow) return ''
  const { a, b, c, length } = bow
  const width = Math.min(7, 2 + 0.8 * (drains.get(from.id) ?? 0))
  const [mx, my] = [(a.x + 2 * c.x + b.x) / 4, (a.y + 2 * c.y + b.y) / 4]
  const turn = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI
  return (
    `<path class="rm-reach" stroke-width="${px(width)}" d="M${px(a.x)} ${px(a.y)}Q${px(c.x)} ${px(c.y)} ${px(b.x)} ${px(b.y)}"/>` +
    (length > 30 ? `<path class="rm-flow" transform="translate(${px(mx)} ${px(my)})rotate(${px(turn)})" d="M-5-7 9 0-5 7z"/>` : '')
  )
}

function station(s: MapStation, layout: RiverLayout): string {
  const { x, y } = at(layout, s.id)
  return (
    `<a href="${escape(s.href)}" data-station="${escape(s.id)}" aria-label="${escape(s.words)}" transform="translate(${px(x)} ${px(y)})">` +
    `<title>${escape(s.words)}</title><circle class="rm-halo" r="17"/>${marker(s)}</a>`
  )
}

const severity: Readonly<Record<Level, number>> = { red: 4, orange: 3, yellow: 2, blue: 1 }
const mostNames = 150

/** Names beside their markers, right, left, below or above, where nothing else stands; those without room are left to the list. */
function names(stations: readonly MapStation[], layout: RiverLayout, size: FigureSize): string[] {
  const taken = stations.flatMap((s): Box[] => {
    const { x, y } = at(layout, s.id)
    return [[x - 9, y - 9, x + 9, y + 9], ...reachBoxes(s, layout)]
  })
  taken.push([size.width - 150, size.height - 28, size.width, size.height]) // the scale
  const urgent = [...stations].sort((a, b) => (b.level ? severity[b.level] : 0) - (a.level ? severity[a.level] : 0)).slice(0, mostNames)
  return urgent.map((s) => {
    const { x, y } = at(layout, s.id)
    const width = textWidth(s.name, 13)
    const tries: [number, number][] = [
      [x + 14, y + 5],
      [x - 14 - width, y + 5],
      [x - width / 2, y + 24],
      [x - width / 2, y - 14],
    ]
    const free = tries.find(([left, base]) => {
      const box: Box = [left, base - 12, left + width, base + 3]
      return box[0] > 2 && box[2] < size.width - 2 && box[1] > 2 && box[3] < size.height - 2 && !taken.some((other) => overlap(box, other))
    })
    if (!free) return ''
    taken.push([free[0], free[1] - 12, free[0] + width, free[1] + 3])
    return `<text aria-hidden="true" x="${px(free[0])}" y="${px(free[1])}">${escape(s.name)}</text>`
  })
}

/** Small boxes along a reach, so that no name lies on the water where it can stand elsewhere. */
function reachBoxes(from: MapStation, layout: RiverLayout): Box[] {
  const bow = bowOf(from, layout)
  if (!bow) return []
  const { a, b, c, length } = bow
  const count = Math.min(40, Math.floor(length / 12))
  return Array.from({ length: count }, (_, i): Box => {
    const t = (i + 1) / (count + 1)
    const [x, y] = [(1 - t) ** 2 * a.x + 2 * t * (1 - t) * c.x + t * t * b.x, (1 - t) ** 2 * a.y + 2 * t * (1 - t) * c.y + t * t * b.y]
    return [x - 3, y - 3, x + 3, y + 3]
  })
}

type Box = readonly [left: number, top: number, right: number, bottom: number]
const overlap = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]

function scaleBar(layout: RiverLayout, size: FigureSize, words: (km: string) => string): string {
  if (layout.kmPerPx === null) return ''
  const km = niceStep((layout.kmPerPx * 80) / 2)
  const wide = km / layout.kmPerPx
  const [x, y] = [size.width - wide - 14, size.height - 12]
  return (
    `<path class="rm-scale" d="M${px(x)} ${px(y - 5)}v5h${px(wide)}v-5"/>` +
    `<text class="rm-note hg-ae" x="${px(x - 6)}" y="${px(y)}">${escape(words(String(Number(km.toPrecision(3)))))}</text>`
  )
}
