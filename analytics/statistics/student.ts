import * as ss from 'simple-statistics'

/**
 * Regularised incomplete beta function I_x(a, b), absolute error below 1e-12 for a, b in (0, 10⁴].
 * Continued fraction of NIST DLMF 8.17.22 by Lentz's method, on the side where it converges fast.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a
  return front * betaFraction(x, a, b)
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || tiny)
  let value = d
  for (let m = 1; m < 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d || tiny)
    c = 1 + even / c || tiny
    value *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d || tiny)
    c = 1 + odd / c || tiny
    value *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return value
}

/** ln Γ(x) for x > 0: Stirling's series (NIST DLMF 5.11.1) after climbing to x ≥ 15, where six terms give every digit. */
export function logGamma(x: number): number {
  let [climbed, product] = [x, 1]
  for (; climbed < 15; climbed += 1) product *= climbed
  const [inverse, square] = [1 / climbed, 1 / (climbed * climbed)]
  const series =
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - (square * 691) / 360360)))))
  return (climbed - 0.5) * Math.log(climbed) - climbed + Math.log(2 * Math.PI) / 2 + series - Math.log(product)
}

/** Chance that Student's t with `df` degrees of freedom (> 0, need not be whole) stays at or below t. */
export function studentCdf(t: number, df: number): number {
  const tail = incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2
  return t > 0 ? 1 - tail : tail
}

/** Chance that |t| is at least this large: the two-sided p of a t test. Keeps its digits far out. */
export function studentTwoSided(t: number, df: number): number {
  return incompleteBeta(df / (df + t * t), df / 2, 0.5)
}

/**
 * Student's quantile: the t with cdf(t) = p, relative error below 1e-10; p in (0, 1), df ≥ 1.
 * @example studentQuantile(0.975, 4) // 2.7764451051977987
 */
export function studentQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN
  if (p === 0.5) return 0
  if (p < 0.5) return -studentQuantile(1 - p, df)
  const excess = (t: number): number => 2 * (1 - p) - studentTwoSided(t, df)
  let high = 1
  while (excess(high) < 0) high *= 2
  return ss.bisect(excess, 0, high, 200, high * 1e-13)
}
