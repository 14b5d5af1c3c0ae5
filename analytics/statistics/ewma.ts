/** Exponentially weighted moving average z = λx + (1 − λ)z from a given start. λ in (0, 1]. Source: Roberts 1959. */
export function ewma(values: readonly number[], lambda: number, start: number): number[] {
  let level = start
  return values.map((value) => (level = lambda * value + (1 - lambda) * level))
}

/** The same for irregular times: λ = 1 − exp(−Δt/τ), starting at the first value. Times and τ in one unit. */
export function ewmaIrregular(times: readonly number[], values: readonly number[], tau: number): number[] {
  let level = values[0] ?? NaN
  return values.map((value, i) => {
    const elapsed = i === 0 ? 0 : (times[i] ?? NaN) - (times[i - 1] ?? NaN)
    const lambda = 1 - Math.exp(-elapsed / tau)
    return (level = i === 0 ? value : lambda * value + (1 - lambda) * level)
  })
}

export interface EwmaLimitOptions {
  sigma: number
  lambda?: number
  /** Width in standard deviations. */
  width?: number
}

/** Distance of the control limits from the target after `i` values (1, 2, …, Infinity). */
export function ewmaReach(i: number, { sigma, lambda = 0.2, width = 3 }: EwmaLimitOptions): number {
  return width * sigma * Math.sqrt((lambda / (2 - lambda)) * (1 - (1 - lambda) ** (2 * i)))
}
