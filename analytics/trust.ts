import { flag, type Flag } from '../domain/flag.ts'
import { flagOf, testsOf } from './samples.ts'
import { testBits, testNames } from '../domain/quality-tests.ts'

/** Which readings a rule acts on: a bit for each flag, and whether a suspicion of the rate test alone is forgiven. */
export interface Trust {
  /** Bit 1 << flag. */
  flags: number
  /** A 3 that only rate of change set counts as trusted: a flood rises fast. */
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

/** Flags 1 and 2, and a 3 that only rate of change set: for rules on levels. */
export const soundOrFast: Trust = { ...soundOnly, forgivesRate: true }

/** Every flag that holds a value: for rules that ask only whether the station speaks. */
export const anyValue: Trust = { flags: soundOnly.flags | (1 << flag.suspect) | (1 << flag.fail), forgivesRate: false }

/** True when a rule may act on a value with this mark (`markOf`); NaN stands for a missing value and is never trusted. */
export function trusts(trust: Trust, value: number, mark: number): boolean {
  if (value !== value) return false
  const flagged = flagOf(mark)
  if ((trust.flags & (1 << flagged)) !== 0) return true
  return flagged === flag.suspect && trust.forgivesRate && (testsOf(mark) & objections) === rateBit
}
