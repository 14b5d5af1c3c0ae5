import * as ss from 'simple-statistics'

export interface HampelOptions {
  /** Times the scaled deviation beyond which a value is an outlier. */
  threshold: number
  /** Least scale, one sensor resolution: else a constant signal flags every step. */
  minScale: number
}

export interface HampelResult {
  outliers: number[]
  /** The values with each outlier replaced by its window's median. */
  smoothed: number[]
}

/**
 * Hampel filter: |x − m| > threshold · max(1.4826·MAD, minScale) is an outlier, with m and MAD of the window of `half` values on either
 * side, cut at the ends. Sources: Hampel 1974; Pearson 2002.
 */
export function hampel(values: readonly number[], half: number, options: HampelOptions): HampelResult {
  return filter(values, (i) => values.slice(Math.max(0, i - half), i + half + 1), options)
}

/** The same over the value and up to `window` values before it: for streams. */
export function hampelTrailing(values: readonly number[], window: number, options: HampelOptions): HampelResult {
  return filter(values, (i) => values.slice(Math.max(0, i - window), i + 1), options)
}

function filter(values: readonly number[], windowAt: (i: number) => number[], { threshold, minScale }: HampelOptions): HampelResult {
  const outliers: number[] = []
  const smoothed = values.map((value, i) => {
    const window = windowAt(i)
    const median = ss.median(window)
    const scale = Math.max(1.4826 * ss.medianAbsoluteDeviation(window), minScale)
    if (Math.abs(value - median) <= threshold * scale) return value
    outliers.push(i)
    return median
  })
  return { outliers, smoothed }
}
