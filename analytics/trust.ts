import { isExtreme, isFastRise, isOnlyExtreme, isOnlyFast, type Passing } from '../domain/fast-rise.ts'
import { flag, type Flag } from '../domain/flag.ts'
import { flagOf, markAt, testsOf, valueAt, type Samples } from './samples.ts'

/** Which readings a rule acts on: a bit for each flag, and which suspicions are forgiven. */
export interface Trust {
  /** Bit 1 << flag. */
  flags: number
  /** What only the rate test doubts may count as trusted (`isFastRise`). */
  forgivesRate: boolean
  /** What is suspect for its span alone may count as trusted (`isExtreme`). */
  forgivesSpan: boolean
}

/** Trust in the flags a rule names; without names the default of its kind. */
export function trustIn(flags: readonly Flag[] | null, byDefault: Trust): Trust {
  if (flags === null) return byDefault
  return { flags: flags.reduce((bits, each) => bits | (1 << each), 0), forgivesRate: false, forgivesSpan: false }
}

/** Flags 1 and 2, and what lies beyond the usual span and is borne out: the worst of all rain must not be missing in its sum. */
export const soundOrExtreme: Trust = { flags: (1 << flag.good) | (1 << flag.notEvaluated), forgivesRate: false, forgivesSpan: true }

/** The same, and what only rate of change calls suspect, or failed while it goes on: for rules on values. */
export const soundOrFast: Trust = { ...soundOrExtreme, forgivesRate: true }

/** Every flag that holds a value: for rules that ask only whether the station speaks. */
export const anyValue: Trust = {
  flags: soundOrExtreme.flags | (1 << flag.suspect) | (1 << flag.fail),
  forgivesRate: false,
  forgivesSpan: false,
}

/** True when a rule may act on the sample at a place; NaN stands for a missing value and is never trusted. */
export function trusts(trust: Trust, samples: Samples, place: number): boolean {
  const value = valueAt(samples, place)
  if (value !== value) return false
  if ((trust.flags & (1 << flagOf(markAt(samples, place)))) !== 0) return true
  if (!trust.forgivesRate && !trust.forgivesSpan) return false
  const [now, last] = [passing(samples, place), before(samples, place, 1)]
  return (trust.forgivesRate && isFastRise(now, last, before(samples, place, 2))) || (trust.forgivesSpan && isExtreme(now, last))
}

/** True for a value that quality doubts, whether a rule acts on it or not. */
export const isDoubtful = (samples: Samples, place: number): boolean => isDoubt(markAt(samples, place))

const isDoubt = (mark: number): boolean => flagOf(mark) === flag.suspect || flagOf(mark) === flag.fail

/** True when what a rule may act on, and says of it, is the same with either mark of one sample, there and at the one behind it. */
export function trustsAlike(trust: Trust, mark: number, other: number): boolean {
  const accepts = (one: number): boolean => (trust.flags & (1 << flagOf(one))) !== 0
  if (accepts(mark) !== accepts(other) || isDoubt(mark) !== isDoubt(other)) return false
  if (!trust.forgivesRate && !trust.forgivesSpan) return true
  const isOfOneKind = [isOnlyFast, isOnlyExtreme].every((only) => only(testsOf(mark)) === only(testsOf(other)))
  return isOfOneKind && (accepts(mark) || flagOf(mark) === flagOf(other))
}

function passing(samples: Samples, place: number): Passing {
  const mark = markAt(samples, place)
  return { value: valueAt(samples, place), flag: flagOf(mark) as Flag, tests: testsOf(mark) }
}

const before = (samples: Samples, place: number, back: number): Passing | undefined =>
  place - back < samples.first ? undefined : passing(samples, place - back)
