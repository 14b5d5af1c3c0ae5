import type { SensorId } from '../domain/ids.ts'
import type { Aggregate, Window, WindowQuery } from './ports/telemetry.ts'

/** Values with their times, in time order, as two lists of one length. */
export interface Samples {
  times: Float64Array
  values: Float64Array
}

/** Windows of one series' values, which are those that count. */
export function windowsOf(series: SensorId, { times, values }: Samples, query: WindowQuery): Window[] {
  const windows: Window[] = []
  for (let from = 0; from < times.length;) {
    const start = windowStart(times[from] ?? NaN, query.everyMs, query.offsetMs ?? 0)
    let to = from + 1
    while (to < times.length && (times[to] ?? NaN) < start + query.everyMs) to += 1
    const within = values.subarray(from, to)
    windows.push({ series, start, n: within.length, ...figures(within, query.aggregates) })
    from = to
  }
  return windows
}

/** Start of the window that `at` lies in: the largest `offsetMs` + k × `everyMs` that is not after it. */
function windowStart(at: number, everyMs: number, offsetMs: number): number {
  return Math.floor((at - offsetMs) / everyMs) * everyMs + offsetMs
}

const figure: Record<Exclude<Aggregate, 'n'>, (values: Float64Array) => number> = {
  min: (values) => values.reduce((a, b) => Math.min(a, b)),
  max: (values) => values.reduce((a, b) => Math.max(a, b)),
  sum: (values) => values.reduce((a, b) => a + b, 0),
  mean: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  first: (values) => values[0] ?? NaN,
  last: (values) => values.at(-1) ?? NaN,
  median: (values) => {
    const sorted = values.slice().sort()
    const half = sorted.length >> 1
    const upper = sorted[half] ?? NaN
    return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
  },
}

function figures(values: Float64Array, aggregates: readonly Aggregate[]): Partial<Window> {
  const window: Partial<Window> = {}
  for (const name of aggregates) if (name !== 'n') window[name] = figure[name](values)
  return window
}
