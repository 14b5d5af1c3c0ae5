import type { ClockCorrection } from './amendment.ts'
import type { ClockAsked } from './amendment-desk.ts'
import { earliestTime } from './time.ts'

const dayMs = 86_400_000
/** So far ordinary clocks are off; what is off by more was reset. */
const mostOrdinaryMs = 20 * 366 * dayMs
/** Whether an offset is of a clock that was reset. */
export const isReset = (offsetMs: number): boolean => offsetMs > mostOrdinaryMs

/** A clock that lost its time counts on from 1970 or 2000 since it has power again: it shows nothing from here on. */
const resetBefore = Date.UTC(2002, 0)
/** How far ahead of its coming a reading may be. */
const toleranceMs = 600_000
/** How far ahead of UTC a local clock is at most. */
const farthestEastMs = 14 * 3_600_000

/** Where a clock that shows `said` began to count, at the earliest: 1970, 2000 or, for an ordinary time, there. */
export function countsFrom(said: number): number {
  if (said >= resetBefore) return said
  const begin = said >= earliestTime - farthestEastMs ? earliestTime : 0
  return Math.min(said, begin - farthestEastMs)
}

/**
 * A clock correction as it will hold. An offset of decades is for a clock that was reset: it holds for times before 2002 alone, for what came in
 * since they began and until now unless it is said otherwise, and as far as they are not ahead of that. Or why there is none.
 * @param now epoch ms
 */
export function settledClock(asked: ClockAsked, now: number): Omit<ClockCorrection, 'id' | 'by' | 'reason' | 'kind'> | { refused: string } {
  const { received, ...rest } = asked
  const { offsetMs, to } = asked
  if (to !== null && to <= asked.from) return { refused: 'its span ends before it begins' }
  if (offsetMs < -mostOrdinaryMs) return { refused: 'no clock is decades ahead; what is that far off is another fault' }
  if (!isReset(offsetMs)) {
    const span = received && { from: received.from ?? earliestTime, to: received.to ?? now }
    return { ...rest, from: Math.max(asked.from, earliestTime), ...(span !== undefined && { received: span }) }
  }
  if (asked.from >= resetBefore || (to !== null && to > resetBefore)) return { refused: decades }
  const span = { from: received?.from ?? asked.from + offsetMs, to: received?.to ?? now }
  const end = Math.min(to ?? resetBefore, span.to - offsetMs + toleranceMs)
  if (end <= asked.from)
    return { refused: `by it, ${iso(asked.from)} would be ${iso(asked.from + offsetMs)}, which is ahead of what came in` }
  return { ...rest, to: end, received: span }
}

const iso = (at: number): string => new Date(at).toISOString()
const decades =
  'an offset of decades is for a clock that was reset, and holds for times before 2002 alone; begin and end the span there, or look at the offset'
