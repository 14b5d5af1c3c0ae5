import { flag, type Flag } from '../domain/flag.ts'
import { flagOf, markAt, testsOf, valueAt, type Samples } from './samples.ts'
import { testBits, testNames } from '../domain/quality-tests.ts'

/** Which readings a rule acts on: a bit for each flag, and whether a suspicion of the rate test alone is forgiven. */
export interface Trust {
  /** Bit 1 << flag. */
  flags: number
  /** A 3 that only rate of change set counts as trusted: a flood rises fast; a 4 as well where the rise goes on. */
  forgivesRate: boolean
}

/** Facts about how a value came in; they raise no doubt of their own. */
const marks = testBits(['late', 'arrival_time'])
const objections = ((1 << testNames.length) - 1) & ~marks
const rateBit = testBits(['rate_of_change'])

/** Trust in the flags a rule names; without names the default of its kind. */
export function trustIn(flags: readonly Flag[] | null, byDefault: Trust): Trust {
  if (flags === null) return byDefault
  return { flags: flags.reduce((bits, each) => bits | (1 << each), 0), forgivesRate: false }
}

/** Flags 1 and 2. */
export const soundOnly: Trust = { flags: (1 << flag.good) | (1 << flag.notEvaluated), forgivesRate: false }

/** Flags 1 and 2, and what only rate of change calls suspect, or failed while it goes on: for rules on levels. */
export const soundOrFast: Trust = { ...soundOnly, forgivesRate: true }

/** Every flag that holds a value: for rules that ask only whether the station speaks. */
export const anyValue: Trust = { flags: soundOnly.flags | (1 << flag.suspect) | (1 << flag.fail), forgivesRate: false }

/** True when a rule may act on the sample at a place; NaN stands for a missing value and is never trusted. */
export function trusts(trust: Trust, samples: Samples, place: number): boolean {
  const mark = markAt(samples, place)
  if (trustsAlone(trust, valueAt(samples, place), mark)) return true
  return trust.forgivesRate && flagOf(mark) === flag.fail && isFast(mark) && goesOn(samples, place)
}

/** True when what a rule may act on is the same with either state of one sample, there and at the sample behind it. */
export function trustsAlike(trust: Trust, [value, mark]: ValueAndMark, [otherValue, otherMark]: ValueAndMark): boolean {
  if (trustsAlone(trust, value, mark) !== trustsAlone(trust, otherValue, otherMark)) return false
  return !trust.forgivesRate || (isFast(mark) === isFast(otherMark) && flagOf(mark) === flagOf(otherMark))
}

type ValueAndMark = readonly [value: number, mark: number]

function trustsAlone(trust: Trust, value: number, mark: number): boolean {
  if (value !== value) return false
  const flagged = flagOf(mark)
  if ((trust.flags & (1 << flagged)) !== 0) return true
  return flagged === flag.suspect && trust.forgivesRate && isFast(mark)
}

/** Nothing speaks against the value but that it came fast. */
const isFast = (mark: number): boolean => (testsOf(mark) & objections) === rateBit

/** One reading that comes too fast may be a fault; two in a row that move the same way are a flash flood, or a gate that opens. */
function goesOn(samples: Samples, place: number): boolean {
  if (place - 2 < samples.first || !isFast(markAt(samples, place - 1))) return false
  const step = valueAt(samples, place) - valueAt(samples, place - 1)
  return step * (valueAt(samples, place - 1) - valueAt(samples, place - 2)) > 0
}
