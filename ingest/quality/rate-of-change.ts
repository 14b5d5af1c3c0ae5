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

/**
 * Flags a value that came too fast: |change| an hour > fail 4, > suspect 3, else 1; null 9. The first value and one after a null have
 * nothing to be compared with: 1. Source: QARTOD test 7, as in ioos_qc `rate_of_change_test` (which counts by the second).
 * @param values in time order, in the parameter's unit
 * @param times epoch ms, growing, one per value
 * @returns one flag per value, same order and length
 * @example rateOfChange([1, 1.1, 1.9], [0, 600_000, 1_200_000], { suspect: 0.5, fail: 3 }) // [1, 3, 4]
 */
export function rateOfChange(values: readonly (number | null)[], times: readonly number[], limits: RateOfChangeLimits): Flag[] {
  return values.map((value, i) => {
    const [before, at, atBefore] = [values[i - 1] ?? null, times[i] ?? NaN, times[i - 1] ?? NaN]
    return verdict(before, value, at - atBefore, limits)
  })
}

/** The point before; `value` null = none, or missing. */
export interface RateOfChangeState {
  at: number
  value: number | null
}

/** The streaming form; it never compares over a gap. */
export const rateOfChangeTest: QualityTest<RateOfChangeLimits, RateOfChangeState> = {
  name: 'rate_of_change',
  lag: 0,
  limits: rateOfChangeLimits,
  start: () => ({ at: 0, value: null }),
  advance: (state, limits, at, value, gap) => {
    const given = verdict(gap ? null : state.value, value, at - state.at, limits)
    state.at = at
    state.value = value
    return given
  },
}

function verdict(before: number | null, value: number | null, elapsedMs: number, limits: RateOfChangeLimits): Flag {
  if (value === null) return flag.missing
  if (before === null) return flag.good
  const perHour = (Math.abs(value - before) / elapsedMs) * hourMs
  const size = Math.abs(before) / 100
  if (perHour > Math.max(limits.fail, (limits.failPercent ?? 0) * size)) return flag.fail
  return perHour > Math.max(limits.suspect, (limits.suspectPercent ?? 0) * size) ? flag.suspect : flag.good
}
