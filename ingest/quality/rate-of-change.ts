import Type, { type Static } from 'typebox'
import { flag, type Flag } from '../../domain/flag.ts'
import type { QualityTest } from './quality-test.ts'

export const rateOfChangeLimits = Type.Object(
  {
    suspect: Type.Number({ minimum: 0, description: 'Change an hour above which a value is suspect, in the unit of the parameter.' }),
    fail: Type.Number({ minimum: 0, description: 'Change an hour above which a value fails; not below suspect.' }),
    suspectPercent: Type.Optional(Type.Number({ minimum: 0, description: 'Raises suspect to this share of the value before.' })),
    failPercent: Type.Optional(Type.Number({ minimum: 0, description: 'Raises fail to this share of the value before.' })),
  },
  { additionalProperties: false, description: 'How fast a value may change.' },
)
export type RateOfChangeLimits = Static<typeof rateOfChangeLimits>

const hourMs = 3_600_000
/** A step this many times as fast as the one before it does not go on from it: it jumps. */
const mostFaster = 4

/**
 * Flags a value that came too fast: |change| an hour > fail 4, > suspect 3, else 1; null 9. The first value and one after a null have
 * nothing to be compared with: 1. Source: QARTOD test 7, as in ioos_qc `rate_of_change_test` (which counts by the second). What its
 * neighbours in time bear out is good: a flood goes on, and behind a spike the value is back where it was.
 * @param values in time order, in the parameter's unit
 * @param times epoch ms, growing, one per value
 * @returns one flag per value, same order and length
 * @example rateOfChange([1, 1.1, 1.9], [0, 600_000, 1_200_000], { suspect: 0.5, fail: 3 }) // [1, 3, 4]
 */
export function rateOfChange(values: readonly (number | null)[], times: readonly number[], limits: RateOfChangeLimits): Flag[] {
  const state = rateOfChangeTest.start()
  return values.map((value, i) => rateOfChangeTest.advance(state, limits, times[i] ?? NaN, value, false))
}

/** The point before and the one before that; `value` null = none, missing, or beyond a gap. */
export interface RateOfChangeState {
  at: number
  value: number | null
  earlierAt: number
  earlier: number | null
}

/** The streaming form; it never compares over a gap. */
export const rateOfChangeTest: QualityTest<RateOfChangeLimits, RateOfChangeState> = {
  name: 'rate_of_change',
  lag: 0,
  limits: rateOfChangeLimits,
  start: () => ({ at: 0, value: null, earlierAt: 0, earlier: null }),
  advance: (state, limits, at, value, gap) => {
    if (gap) state.value = null
    const given = verdict(state, limits, at, value)
    state.earlierAt = state.at
    state.earlier = state.value
    state.at = at
    state.value = value
    return given
  },
}

function verdict(state: RateOfChangeState, limits: RateOfChangeLimits, at: number, value: number | null): Flag {
  const before = state.value
  if (value === null) return flag.missing
  if (before === null) return flag.good
  const given = bySpeed(limits, before, speedOf(before, state.at, value, at))
  return given !== flag.good && isBorneOut(state, limits, at, value) ? flag.good : given
}

/** @param speed a change an hour, signed; it began at `from` */
function bySpeed(limits: RateOfChangeLimits, from: number, speed: number): Flag {
  const [perHour, size] = [Math.abs(speed), Math.abs(from) / 100]
  if (perHour > Math.max(limits.fail, (limits.failPercent ?? 0) * size)) return flag.fail
  return perHour > Math.max(limits.suspect, (limits.suspectPercent ?? 0) * size) ? flag.suspect : flag.good
}

const speedOf = (from: number, fromAt: number, to: number, toAt: number): number => ((to - from) / (toAt - fromAt)) * hourMs

/** A fast step that goes on from the one before it, or that takes back a fast one: then the value before was the odd one. */
function isBorneOut(
  { at: beforeAt, value: before, earlierAt, earlier }: RateOfChangeState,
  limits: RateOfChangeLimits,
  at: number,
  value: number,
): boolean {
  if (before === null || earlier === null) return false
  const [speed, speedBefore] = [speedOf(before, beforeAt, value, at), speedOf(earlier, earlierAt, before, beforeAt)]
  if (speed * speedBefore > 0) return Math.abs(speed) <= mostFaster * Math.abs(speedBefore)
  return (
    bySpeed(limits, earlier, speedBefore) !== flag.good && bySpeed(limits, earlier, speedOf(earlier, earlierAt, value, at)) === flag.good
  )
}
