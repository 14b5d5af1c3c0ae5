import type { StoredRow } from '../store/ports/ledger.ts'
import { receivedBy, type RunClock } from './clocks.ts'

/** A reading as it came in. `receivedAt` by the clock of its run (null = that has no ticks), `arrivedAt` by our own, epoch ms. */
export interface Arrived {
  observedAt: number
  receivedAt: number | null
  arrivedAt: number
  /** A reading that was there already and is judged anew by those that came behind it. */
  isJudged: boolean
}

/** What raised a warning, and when it was there; see `Decision` in domain/warning.ts. Follows from what is committed. */
export interface Grounds {
  observedAt: number | null
  receivedAt: number
  arrivedAt: number | null
}

export function arrivedWith(clock: RunClock, row: StoredRow): Arrived {
  const { observedAt, receivedAt, arrival } = row
  return { observedAt, receivedAt: receivedBy(clock, row), arrivedAt: receivedAt, isJudged: arrival === 'judged' }
}

/**
 * Of the readings that made a series run again, the one that came last of those up to `raisedAt`. What is judged anew counts from the reading that
 * made it so: the next one behind it. Null = none of them raised it, or nobody knows when it came.
 * @param touched in the order of their times
 */
export function groundsOf(touched: readonly Arrived[], raisedAt: number): Grounds | null {
  const upTo = touched.filter(({ observedAt }) => observedAt <= raisedAt)
  const judged = upTo.findLast(({ isJudged }) => isJudged)
  const cause = judged && touched.find((one) => !one.isJudged && one.observedAt >= judged.observedAt)
  const fresh = [...upTo.filter(({ isJudged }) => !isJudged), ...(cause ? [cause] : [])]
  const [last] = fresh.flatMap((one) => groundOf(one) ?? []).sort((a, b) => b.receivedAt - a.receivedAt || b.arrivedAt - a.arrivedAt)
  return last ?? null
}

export function groundOf({ observedAt, receivedAt, arrivedAt }: Arrived): (Grounds & { arrivedAt: number }) | null {
  return receivedAt === null ? null : { observedAt, receivedAt, arrivedAt }
}

/**
 * What the clock itself decides, due at a moment: the first tick of the commit that has reached it, when that came before the row in hand; else
 * with that row.
 */
export function byClock(clock: RunClock, due: number, row: StoredRow | null = null): Grounds | null {
  const { run, at, steps, isStepped } = clock
  const tick = steps.find(([delivery, shown]) => shown >= due && (row === null || delivery < row.delivery))?.[1]
  if (row !== null && tick === undefined) {
    const ground = groundOf(arrivedWith(clock, row))
    return ground && { ...ground, observedAt: null }
  }
  if (run !== null && !isStepped) return null
  const receivedAt = tick ?? at
  return { observedAt: null, receivedAt, arrivedAt: run === null ? receivedAt : null }
}
