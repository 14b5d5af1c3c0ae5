const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Pauses after the first, second … failed attempt; about three days in all (Standard Webhooks, "Retry schedule"). */
const pauses: readonly number[] = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour]

/** Longest pause that a receiver may ask for. */
const askedAtMost = hour

/**
 * How long to wait after the n-th failed attempt (n from 1), ms, spread by a fifth either way so that many do not come back at once; null
 * when it was the last. `askedMs`: the pause that the receiver asked for, taken when longer, up to an hour.
 * @param random 0 ≤ x < 1
 */
export function pauseAfter(attempt: number, random: number, askedMs = 0): number | null {
  const pause = pauses[attempt - 1]
  if (pause === undefined) return null
  return Math.round(Math.max(pause, Math.min(askedMs, askedAtMost)) * (0.8 + 0.4 * random))
}
