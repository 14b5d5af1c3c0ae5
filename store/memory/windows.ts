import type { SensorId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Aggregate, Window, WindowQuery } from '../ports/telemetry.ts'

/** Windows of one series' rows, which stand in time order. */
export function windowsOf(series: SensorId, rows: readonly Observation[], query: WindowQuery): Window[] {
  const flags = new Set<number>(query.flags ?? [1, 2])
  const byStart = new Map<number, number[]>()
  for (const { value, flag, observedAt } of rows) {
    if (value === null || !flags.has(flag)) continue
    const start = windowStart(observedAt, query.everyMs, query.offsetMs ?? 0)
    const values = byStart.get(start)
    if (values) values.push(value)
    else byStart.set(start, [value])
  }
  return [...byStart].map(([start, values]) => ({ series, start, n: values.length, ...figures(values, query.aggregates) }))
}

/** Start of the window that `at` lies in: the largest `offsetMs` + k × `everyMs` that is not after it. */
export function windowStart(at: number, everyMs: number, offsetMs: number): number {
  return Math.floor((at - offsetMs) / everyMs) * everyMs + offsetMs
}

const figure: Record<Exclude<Aggregate, 'n'>, (values: readonly number[]) => number> = {
  min: (values) => values.reduce((a, b) => Math.min(a, b)),
  max: (values) => values.reduce((a, b) => Math.max(a, b)),
  sum: (values) => values.reduce((a, b) => a + b, 0),
  mean: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  first: (values) => values[0] ?? NaN,
  last: (values) => values.at(-1) ?? NaN,
  median: (values) => {
    const sorted = [...values].sort((a, b) => a - b)
    const half = sorted.length >> 1
    const upper = sorted[half] ?? NaN
    return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
  },
}

function figures(values: readonly number[], aggregates: readonly Aggregate[]): Partial<Window> {
  const window: Partial<Window> = {}
  for (const name of aggregates) if (name !== 'n') window[name] = figure[name](values)
  return window
}
