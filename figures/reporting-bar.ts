import { flag } from '../domain/flag.ts'
import { escape, px } from './svg.ts'
import type { FigureSize } from './hydrograph.ts'
import { figureWords, type Language } from './words.ts'

/** One stretch of time: how much of what was expected came, and how good the worst of it was. */
export interface ReportingCell {
  /** 0 to 1; null when nothing is expected at fixed times: then any reading fills the cell. */
  completeness: number | null
  /** Worst flag (4 > 3 > 1 > 2 > 9); 0 = no reading. */
  worst: number
}

const cellKinds = ['full', 'part', 'none', 'suspect'] as const
type CellKind = (typeof cellKinds)[number]

/** What a cell is called: none without a reading, suspect when one was suspect or failed, in part under 0.95 of the expected. */
export function cellKind(cell: ReportingCell): CellKind {
  if (cell.worst === 0 || cell.worst === flag.missing) return 'none'
  if (cell.worst === flag.suspect || cell.worst === flag.fail) return 'suspect'
  return cell.completeness !== null && cell.completeness < 0.95 ? 'part' : 'full'
}

/**
 * The bar of a day, one cell each half hour: full height = complete, lower = in part, other colour with a notch = suspect, outline = silent.
 * Spoken as counts.
 */
export function reportingBar(cells: readonly ReportingCell[], size: FigureSize, language: Language): string {
  const words = figureWords[language]
  const counts: Record<CellKind, number> = { full: 0, part: 0, none: 0, suspect: 0 }
  const drawn: Record<CellKind, string> = { full: '', part: '', none: '', suspect: '' }
  const step = size.width / Math.max(1, cells.length)
  cells.forEach((cell, i) => {
    const kind = cellKind(cell)
    counts[kind] += 1
    drawn[kind] += bar(kind, cell, i * step, Math.max(1, step - 1), size.height)
  })
  const bars = cellKinds.map((kind) => (drawn[kind] === '' ? '' : `<path class="rb-${kind}" d="${drawn[kind]}"/>`))
  const text = words.cells(counts.full, counts.part, counts.none, counts.suspect)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="rb" viewBox="0 0 ${px(size.width)} ${px(size.height)}" ` +
    `width="${px(size.width)}" height="${px(size.height)}" preserveAspectRatio="none" role="img" aria-label="${escape(text)}">${bars.join('')}</svg>`
  )
}

/** One cell as a box on the ground line. */
function bar(kind: CellKind, cell: ReportingCell, x: number, width: number, full: number): string {
  const part = Math.min(0.75, Math.max(0.3, cell.completeness ?? 1))
  const height = kind === 'full' ? full : kind === 'none' ? 2 : full * part
  return `M${px(x)} ${px(full)}h${px(width)}v-${px(height)}h-${px(width)}z`
}
