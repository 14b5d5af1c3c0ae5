import type { SensorId } from '../domain/ids.ts'

/** A stretch of one series that is wanted from the store: epoch ms, `from` inclusive, `to` exclusive. */
export interface Span {
  series: SensorId
  from: number
  to: number
  /** About how many rows it holds. */
  rows: number
}

/** One question to the store. */
export interface SpanGroup {
  series: SensorId[]
  from: number
  to: number
}

/** Rows that one question may bring, about; a single span may bring more. */
const mostRows = 20_000

/**
 * Puts spans of about the same time into one question, so that a thousand series cost a few of them; none brings much more than 20,000
 * rows. A question covers all of its spans, so it may bring more of a series than its span asked for.
 */
export function inGroups(spans: readonly Span[]): SpanGroup[] {
  const groups: SpanGroup[] = []
  let open: (SpanGroup & { rows: number }) | null = null
  for (const span of [...spans].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const widened = open === null ? 0 : widenedRows(open, span)
    if (open !== null && widened <= mostRows && isNear(open, span)) {
      open.series.push(span.series)
      open.to = Math.max(open.to, span.to)
      open.rows = widened
    } else {
      open = { series: [span.series], from: span.from, to: span.to, rows: span.rows }
      groups.push(open)
    }
  }
  return groups.map(({ series, from, to }) => ({ series, from, to }))
}

/** Rows of a group with one span more, when all its series are read over the whole time. */
function widenedRows(group: SpanGroup & { rows: number }, span: Span): number {
  const to = Math.max(group.to, span.to)
  const stretch = (to - group.from) / Math.max(1, group.to - group.from)
  const own = span.rows * ((to - group.from) / Math.max(1, span.to - span.from))
  return group.rows * stretch + own
}

/** Reading the two together at most doubles what either asked for. */
function isNear(group: SpanGroup, span: Span): boolean {
  const together = Math.max(group.to, span.to) - group.from
  return together <= 2 * Math.min(group.to - group.from, span.to - span.from)
}
