export interface CusumOptions {
  /** Mean in control. */
  mean: number
  /** Slack; half the shift to find, 0.5σ is usual. */
  slack: number
  /** Decision limit; 5σ is usual (a false alarm in 465 samples). */
  limit: number
  /** Begin again at 0 after an alarm. */
  resetOnAlarm?: boolean
}

export interface Cusum {
  up: number[]
  down: number[]
  alarms: number[]
}

/** Two-sided cumulative sum of Page 1954. Feed it residuals, not raw autocorrelated values. */
export function cusum(values: readonly number[], { mean, slack, limit, resetOnAlarm = false }: CusumOptions): Cusum {
  const result: Cusum = { up: [], down: [], alarms: [] }
  let [up, down] = [0, 0]
  values.forEach((value, i) => {
    up = Math.max(0, up + value - mean - slack)
    down = Math.max(0, down + mean - value - slack)
    result.up.push(up)
    result.down.push(down)
    if (up <= limit && down <= limit) return
    result.alarms.push(i)
    if (resetOnAlarm) [up, down] = [0, 0]
  })
  return result
}

export interface PageHinkleyOptions {
  /** Change of the mean that is let pass. */
  delta: number
  limit: number
  direction?: 'up' | 'down'
}

/** Page–Hinkley test on the running mean: the statistic at each value, and where it stands above its limit. */
export function pageHinkley(
  values: readonly number[],
  { delta, limit, direction = 'up' }: PageHinkleyOptions,
): { statistic: number[]; alarms: number[] } {
  const sign = direction === 'up' ? 1 : -1
  let [mean, sum, least] = [0, 0, 0]
  const statistic = values.map((value, i) => {
    mean += (value - mean) / (i + 1)
    sum += sign * (value - mean) - delta
    least = Math.min(least, sum)
    return sum - least
  })
  return { statistic, alarms: statistic.flatMap((reached, i) => (reached > limit ? [i] : [])) }
}
