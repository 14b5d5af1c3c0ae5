import type { Parameters } from './parameters.ts'

/** Length of the first part of a stored time. */
export const minuteMs = 60_000
/** Minutes of a UTC day, by which closed days are rewritten. */
export const dayMinutes = 1_440

/** Whole minutes since the epoch. */
export const minuteOf = (at: number): number => Math.floor(at / minuteMs)

/** A condition on `minute` and `ms` for `from` <= time < `to`. */
export function between(from: number, to: number, { given }: Parameters): string {
  const first = inRange(minuteOf(from))
  const last = inRange(Math.ceil(to / minuteMs) - 1)
  const [after, before] = [given(first), given(last)]
  const sql = `minute >= ${after} AND minute <= ${before}`
  if (from % minuteMs === 0 && to % minuteMs === 0) return sql
  // Only the first and the last minute can hold times outside; the others are in without a look at `ms`.
  const [begins, ends] = [given(from - first * minuteMs), given(to - last * minuteMs)]
  return `${sql} AND (minute > ${after} OR ms >= ${begins}) AND (minute < ${before} OR ms < ${ends})`
}

/** Minutes are stored in 32 bits: the years up to 6053. */
const inRange = (minute: number): number => Math.max(-2_147_483_648, Math.min(2_147_483_647, minute))

/** SQL for the whole time in epoch ms. */
export const at = `(minute * ${minuteMs}::BIGINT + ms)`
