import { theilSen, type RobustLine } from './theil-sen.ts'

/** How something moves by now: the robust line through its newest points, as far back as one line fits. */
export interface Pace extends RobustLine {
  /** Place of the oldest point that counts. */
  first: number
}

/** A line through fewer points says nothing of how they bend. */
export const fewestOfPace = 6

/**
 * The Theil–Sen line through the longest stretch of newest points that does not bend. Begins with all of them and keeps the newer half (of the
 * time) while it bends and that half holds `fewestOfPace` points. It bends when the slopes of its newest half, quarter, eighth … (of
 * `fewestOfPace` points at least) and of what lies before have intervals apart. Null for fewer points.
 * @param times ascending
 * @param confidence of the intervals, 0..1
 */
export function steadyPace(times: readonly number[], values: readonly number[], confidence: number): Pace | null {
  let first = 0
  for (;;) {
    const [t, y] = [times.slice(first), values.slice(first)]
    const line = t.length < fewestOfPace ? null : theilSen(t, y, confidence)
    if (line === null) return null
    const half = newerThan(t, 1 / 2)
    if (t.length - half < fewestOfPace || !isBent(t, y, confidence)) return { ...line, first }
    first += half
  }
}

/** Place of the first point within the newest part of the time. */
function newerThan(t: readonly number[], part: number): number {
  const [from, to] = [t[0] ?? NaN, t.at(-1) ?? NaN]
  return t.findIndex((each) => each > to - (to - from) * part)
}

function isBent(t: readonly number[], y: readonly number[], confidence: number): boolean {
  for (let part = 1 / 2; ; part /= 2) {
    const place = newerThan(t, part)
    if (t.length - place < fewestOfPace) return false
    if (isBentAt(t, y, place, confidence)) return true
  }
}

function isBentAt(t: readonly number[], y: readonly number[], half: number, confidence: number): boolean {
  const [older, newer] = [theilSen(t.slice(0, half), y.slice(0, half), confidence), theilSen(t.slice(half), y.slice(half), confidence)]
  if (older === null || newer === null) return false
  return older.slopeInterval[1] < newer.slopeInterval[0] || newer.slopeInterval[1] < older.slopeInterval[0]
}
