import { studentQuantile, studentTwoSided } from './student.ts'

/** A straight line through points, with how far it can be trusted. Units: y's and y's per t's. */
export interface Line {
  n: number
  slope: number
  intercept: number
  /** Standard errors of slope and intercept. */
  slopeError: number
  interceptError: number
  /** Residual standard deviation, n − 2 degrees of freedom. */
  residual: number
  r2: number
  /** Two-sided p of "slope is 0". */
  p: number
  /** Confidence interval of the slope. */
  slopeInterval: readonly [low: number, high: number]
  meanT: number
  /** Sum of squares of t about its mean. */
  sxx: number
}

/**
 * Ordinary least squares of y on t with time centred first. Null when fewer than 3 points or all at one t.
 * @param confidence of the slope's interval, 0..1
 * @example ols([0, 1, 2, 3, 4, 5], [2, 2.3, 2.1, 2.6, 2.9, 2.8])?.slope // 0.18
 */
export function ols(t: readonly number[], y: readonly number[], confidence = 0.95): Line | null {
  const n = t.length
  const [meanT, meanY] = [mean(t), mean(y)]
  let [sxx, sxy, syy] = [0, 0, 0]
  for (let i = 0; i < n; i += 1) {
    const [dt, dy] = [(t[i] ?? NaN) - meanT, (y[i] ?? NaN) - meanY]
    sxx += dt * dt
    sxy += dt * dy
    syy += dy * dy
  }
  if (n < 3 || sxx === 0) return null
  const slope = sxy / sxx
  const squares = Math.max(0, syy - slope * sxy)
  const residual = Math.sqrt(squares / (n - 2))
  const slopeError = residual / Math.sqrt(sxx)
  const reach = studentQuantile((1 + confidence) / 2, n - 2) * slopeError
  return {
    n,
    slope,
    intercept: meanY - slope * meanT,
    slopeError,
    interceptError: residual * Math.sqrt(1 / n + (meanT * meanT) / sxx),
    residual,
    r2: syy === 0 ? 0 : 1 - squares / syy,
    p: slopeError === 0 ? (slope === 0 ? 1 : 0) : studentTwoSided(slope / slopeError, n - 2),
    slopeInterval: [slope - reach, slope + reach],
    meanT,
    sxx,
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
