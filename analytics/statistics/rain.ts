const hourMs = 3_600_000

export interface Increments {
  /** Depth fallen since the sample before, in the unit of `perTip`; 0 for the first. */
  increments: number[]
  /** Places at which the counter was reset (not rolled over). */
  resets: number[]
}

/**
 * Depths from a growing count. A fall is a roll-over when a modulus is known and the count before was above 0.9 of it, else a reset,
 * after which the new count is the increment. Never across a change of device: that is a new series.
 * @param perTip depth of one count (0.1, 0.2, 0.254, 0.5 mm)
 * @example counterIncrements([250, 255, 3], { perTip: 0.2, modulus: 256 }).increments // [0, 1, 0.8]
 */
export function counterIncrements(counts: readonly number[], { perTip, modulus }: { perTip: number; modulus: number | null }): Increments {
  const resets: number[] = []
  const increments = counts.map((count, i) => {
    const before = counts[i - 1]
    if (before === undefined) return 0
    if (count >= before) return (count - before) * perTip
    if (modulus !== null && before > 0.9 * modulus) return (count - before + modulus) * perTip
    resets.push(i)
    return count * perTip
  })
  return { increments, resets }
}

/**
 * Sum of the depths stamped in (t − window, t], at each sample. Times and window in one unit, times ascending. Summed afresh at each
 * sample: nothing drifts.
 */
export function slidingAccumulation(times: readonly number[], depths: readonly number[], window: number): number[] {
  let first = 0
  return times.map((at, i) => {
    while ((times[first] ?? Infinity) <= at - window) first += 1
    let sum = 0
    for (let k = first; k <= i; k += 1) sum += depths[k] ?? 0
    return sum
  })
}

/** Greatest mean intensity over windows of `minutes`, in depth an hour. `stepMinutes`: the interval that each depth stands for. */
export function maxIntensity(depths: readonly number[], { stepMinutes, minutes }: { stepMinutes: number; minutes: number }): number {
  const times = depths.map((_, i) => i * stepMinutes)
  return (60 / minutes) * Math.max(0, ...slidingAccumulation(times, depths, minutes))
}

/** Antecedent precipitation index day by day: API = k·API + P. `k` 0.80 to 0.95. */
export function api(depths: readonly number[], { k = 0.85, start }: { k?: number; start: number }): number[] {
  let index = start
  return depths.map((depth) => (index = k * index + depth))
}

/** The index `elapsedMs` later, when `depth` falls then: API·k^(Δt/24 h) + P. */
export function apiAfter(index: number, { k = 0.85, elapsedMs, depth }: { k?: number; elapsedMs: number; depth: number }): number {
  return index * k ** (elapsedMs / (24 * hourMs)) + depth
}

/**
 * Antecedent rainfall Pa as used in China: Pa(t+1) = min(Im, K(Pa(t) + P(t))). One value more than days: each day's before its rain, and
 * the one after the last. `capacity` is Im, mm.
 */
export function antecedentPa(
  depths: readonly number[],
  { k = 0.85, capacity, start }: { k?: number; capacity: number; start: number },
): number[] {
  const all = [start]
  for (const depth of depths) all.push(Math.min(capacity, k * ((all.at(-1) ?? start) + depth)))
  return all
}
