/** Length of the first part of a stored time. */
export const minuteMs = 60_000
/** Minutes of a UTC day, by which closed days are rewritten. */
export const dayMinutes = 1_440

/** Whole minutes since the epoch. */
export const minuteOf = (at: number): number => Math.floor(at / minuteMs)

/** A condition on `minute` and `ms` for `from` <= time < `to`, with its parameters from `$next` on. */
export function between(from: number, to: number, next: number): { sql: string; parameters: number[] } {
  const first = inRange(minuteOf(from))
  const last = inRange(Math.ceil(to / minuteMs) - 1)
  const sql = `minute >= $${next} AND minute <= $${next + 1}`
  if (from % minuteMs === 0 && to % minuteMs === 0) return { sql, parameters: [first, last] }
  // Only the first and the last minute can hold times outside; the others are in without a look at `ms`.
  const exact = `(minute > $${next} OR ms >= $${next + 2}) AND (minute < $${next + 1} OR ms < $${next + 3})`
  return { sql: `${sql} AND ${exact}`, parameters: [first, last, from - first * minuteMs, to - last * minuteMs] }
}

/** Minutes are stored in 32 bits: the years up to 6053. */
const inRange = (minute: number): number => Math.max(-2_147_483_648, Math.min(2_147_483_647, minute))

/** SQL for the whole time in epoch ms. */
export const at = `(minute * ${minuteMs}::BIGINT + ms)`
