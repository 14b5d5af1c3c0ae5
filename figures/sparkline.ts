import { minMaxPerColumn } from './decimate.ts'
import type { FigureSize } from './hydrograph.ts'
import { linearScale } from './scale.ts'
import { polyline, px, type Place } from './svg.ts'

export interface SparklineInput {
  /** Values in equal steps of time, oldest first; null = none there: the line breaks. */
  values: readonly (number | null)[]
  /** The limit to see it against, drawn when it lies within or near the values; null = none. */
  limit: number | null
}

/**
 * A line without axes, for a row of a list. Hidden from screen readers: the row says its value and trend in words. Empty SVG without values.
 */
export function sparkline(input: SparklineInput, size: FigureSize): string {
  const known = input.values.filter((v): v is number => v !== null && Math.abs(v) < 1e15)
  const { width, height } = size
  const head = `<svg xmlns="http://www.w3.org/2000/svg" class="sk" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" aria-hidden="true">`
  if (known.length === 0) return `${head}</svg>`
  const [low, high] = extent(known, input.limit)
  const y = linearScale([low, high], [height - 3, 3])
  const x = linearScale([0, Math.max(1, input.values.length - 1)], [2, width - 4])
  const runs: Place[][] = [[]]
  input.values.forEach((value, i) => {
    if (value === null || !(Math.abs(value) < 1e15)) runs.push([])
    else runs.at(-1)?.push([x(i), y(value)])
  })
  const drawn = runs.filter((run) => run.length > 0)
  const end = drawn.at(-1)?.at(-1) ?? [0, 0]
  const limit =
    input.limit !== null && input.limit >= low && input.limit <= high
      ? `<path class="sk-limit" d="M2 ${px(y(input.limit))}H${px(width - 2)}"/>`
      : ''
  const d = drawn.map((run) => polyline(minMaxPerColumn(run))).join('')
  return `${head}${limit}<path d="${d}"/><circle cx="${px(end[0])}" cy="${px(end[1])}" r="2.2"/></svg>`
}

/** The values' range; a limit within one range of them is taken in. */
function extent(known: readonly number[], limit: number | null): [number, number] {
  const [low, high] = [Math.min(...known), Math.max(...known)]
  if (limit === null || !Number.isFinite(limit)) return [low, high]
  const reach = high - low
  if (limit > high && limit - high <= reach) return [low, limit]
  if (limit < low && low - limit <= reach) return [limit, high]
  return [low, high]
}
