import { flag, type Flag } from '../domain/flag.ts'

/** One reading as a figure sees it. */
export interface FigurePoint {
  /** Epoch ms. */
  at: number
  /** In the unit of the figure; null = missing. */
  value: number | null
  flag: Flag
  /** It arrived long after it was observed. */
  late?: boolean
  /** Doubted for nothing but a speed that rules believe, for a flood rises fast: the line goes through it. */
  onLine?: boolean
}

export interface Span {
  from: number
  to: number
}

/** A point that has a place on the chart. */
export interface Plotted {
  at: number
  value: number
}

/** Readings sorted by what is drawn of them. */
export interface Traces {
  /** Observed values in time order, one list for each stretch without a gap; with those doubted ones that are on the line. */
  runs: Plotted[][]
  /** Those of flag 3, and those of flag 4 that are on the line. */
  suspect: Plotted[]
  rejected: Plotted[]
  /** Stretches without any value, longer than 2.5 expected intervals. */
  gaps: Span[]
  /** Stretches whose readings came late, and how many they were. */
  late: Span[]
  lateCount: number
  newest: Plotted | null
}

/** A line breaks, and a gap begins, past this many expected intervals. */
export const gapFactor = 2.5

/** Values beyond this are no measurement and would make coordinates without meaning. */
const largest = 1e15

/**
 * Splits readings into what is on the line (flags 1 and 2, and what is marked so), suspect, rejected, gaps and late stretches. Points outside `span` and
 * those that are not finite are left out; order of the input does not matter.
 * @param everyMs expected interval; null or not above 0 = irregular: then nothing is a gap
 * @param until readings are expected up to here (now); the time after it is never a gap
 */
export function splitTraces(points: readonly FigurePoint[], span: Span, everyMs: number | null, until: number): Traces {
  const usable = (p: FigurePoint): p is FigurePoint & Plotted =>
    p.value !== null && Math.abs(p.value) < largest && p.at >= span.from && p.at <= span.to
  const sorted = points.filter(usable).sort((a, b) => a.at - b.at)
  const limit = everyMs !== null && everyMs > 0 ? everyMs * gapFactor : Infinity
  const line = sorted.filter((p) => p.flag === flag.good || p.flag === flag.notEvaluated || p.onLine === true)
  const late = sorted.filter((p) => p.late === true)
  return {
    runs: runsOf(line, limit),
    suspect: sorted.filter((p) => p.flag === flag.suspect || (p.flag === flag.fail && p.onLine === true)),
    rejected: sorted.filter((p) => p.flag === flag.fail && p.onLine !== true),
    gaps: gapsOf(sorted, span.from, Math.min(span.to, until), limit),
    late: runsOf(late, limit).map((run) => ({ from: run[0]?.at ?? 0, to: run.at(-1)?.at ?? 0 })),
    lateCount: late.length,
    newest: line.at(-1) ?? null,
  }
}

function runsOf(points: readonly Plotted[], limit: number): Plotted[][] {
  const runs: Plotted[][] = []
  let before: Plotted | null = null
  for (const point of points) {
    const run = runs.at(-1)
    if (run && before && point.at - before.at <= limit) run.push(point)
    else runs.push([point])
    before = point
  }
  return runs
}

function gapsOf(points: readonly Plotted[], from: number, until: number, limit: number): Span[] {
  const edges = [from, ...points.map((p) => p.at), until]
  const gaps: Span[] = []
  for (let i = 1; i < edges.length; i++) {
    const [a, b] = [edges[i - 1] ?? 0, edges[i] ?? 0]
    if (b - a > limit) gaps.push({ from: a, to: b })
  }
  return gaps
}
