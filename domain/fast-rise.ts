import { flag, type Flag } from './flag.ts'
import { testBits, testNames } from './quality-tests.ts'

/** Facts about how a value came in; they raise no doubt of their own. */
const marks = testBits(['late', 'arrival_time'])
const objections = ((1 << testNames.length) - 1) & ~marks
const rateBit = testBits(['rate_of_change'])
const spanBit = testBits(['gross_range'])

/** A reading of a series, as far as its speed is concerned. */
export interface Passing {
  /** Null or NaN = missing. */
  value: number | null
  flag: Flag
  /** Bits of the quality tests. */
  tests: number
}

/** Nothing speaks against the value but that it came fast. @param tests bits of the quality tests */
export const isOnlyFast = (tests: number): boolean => (tests & objections) === rateBit

/**
 * Whether a reading that only the rate test doubts is believed: a 3 always, for a flood rises fast; a 4 when the reading before came too fast
 * as well, the same way. One that comes too fast may be a fault; two in a row that go on are a flash flood, or a gate that opens.
 * @param before the reading before, and the one before that; absent = there is none
 */
export function isFastRise(now: Passing, before: Passing | undefined, beforeThat: Passing | undefined): boolean {
  if (!isOnlyFast(now.tests)) return false
  if (now.flag !== flag.fail) return now.flag === flag.suspect
  if (before === undefined || beforeThat === undefined || !isOnlyFast(before.tests)) return false
  return climb(before, now) * climb(beforeThat, before) > 0
}

/** Nothing speaks against the value but that it lies beyond the span that is usual, however fast it came there. */
export const isOnlyExtreme = (tests: number): boolean => (tests & objections & ~rateBit) === spanBit

/**
 * Whether a reading that is suspect for its span is believed: when the reading before bears it out, at least half as far from zero and doubted
 * for nothing else. The worst events of a network that knows no spans of its own lie out there; one reading alone may be a fault.
 */
export function isExtreme(now: Passing, before: Passing | undefined): boolean {
  if (now.flag !== flag.suspect || !isOnlyExtreme(now.tests) || before === undefined) return false
  const isBorneOut = isSound(before) || (before.flag === flag.suspect && (isOnlyFast(before.tests) || isOnlyExtreme(before.tests)))
  return isBorneOut && Math.abs(climb(before, now)) <= Math.abs(now.value ?? NaN) / 2
}

const isSound = (one: Passing): boolean => one.flag === flag.good || one.flag === flag.notEvaluated

/** Whether rules believe a doubted reading by default. */
export const isBelieved = (now: Passing, before: Passing | undefined, beforeThat: Passing | undefined): boolean =>
  isFastRise(now, before, beforeThat) || isExtreme(now, before)

/** NaN where one of the two is missing. */
const climb = (from: Passing, to: Passing): number => (to.value ?? NaN) - (from.value ?? NaN)
