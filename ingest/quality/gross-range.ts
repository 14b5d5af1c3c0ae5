import Type, { type Static } from 'typebox'
import { flag, type Flag } from '../../domain/flag.ts'
import { LimitsInvalid } from '../errors.ts'
import type { QualityTest } from './quality-test.ts'

const span = Type.Tuple([Type.Union([Type.Number(), Type.Null()]), Type.Union([Type.Number(), Type.Null()])], {
  description: 'Lowest and highest value, both inside; null = open.',
})

export const grossRangeLimits = Type.Object(
  { fail: Type.Union([span, Type.Null()]), suspect: Type.Union([span, Type.Null()]) },
  { additionalProperties: false, description: 'Spans in the unit of the parameter; suspect lies inside fail.' },
)
export type Span = readonly [min: number | null, max: number | null]
export type GrossRangeLimits = { [Key in keyof Static<typeof grossRangeLimits>]: Span | null }

/**
 * Flags a value outside its spans: outside `fail` 4, else outside `suspect` 3, else 1; null 9. Ends are inside.
 * Throws LimitsInvalid when suspect does not lie inside fail. Source: QARTOD test 4, as in ioos_qc `gross_range_test`.
 * @param values in the parameter's unit
 * @returns one flag per value, same order and length
 * @example grossRange([-1, 5.5, 7, null], { fail: [0, 14], suspect: [6, 9] }) // [4, 3, 1, 9]
 */
export function grossRange(values: readonly (number | null)[], limits: GrossRangeLimits): Flag[] {
  if (!isInside(limits)) throw new LimitsInvalid('gross_range', 'the suspect span must lie inside the fail span')
  return values.map((value) => grossRangeOf(value, limits))
}

/** The streaming form; it keeps nothing. */
export const grossRangeTest: QualityTest<GrossRangeLimits, null> = {
  name: 'gross_range',
  lag: 0,
  limits: grossRangeLimits,
  start: () => null,
  advance: (_state, limits, _at, value) => grossRangeOf(value, limits),
}

function grossRangeOf(value: number | null, limits: GrossRangeLimits): Flag {
  if (value === null) return flag.missing
  if (limits.fail !== null && outside(value, limits.fail)) return flag.fail
  if (limits.suspect !== null && outside(value, limits.suspect)) return flag.suspect
  return flag.good
}

/** Runs for every value: places of the pair are read one by one, which costs a fifth of taking it apart. */
function outside(value: number, span: Span): boolean {
  const min = span[0]
  const max = span[1]
  return (min !== null && value < min) || (max !== null && value > max)
}

function isInside({ fail, suspect }: GrossRangeLimits): boolean {
  if (fail === null || suspect === null) return true
  const [from, to] = [suspect[0] ?? -Infinity, suspect[1] ?? Infinity]
  return from >= (fail[0] ?? -Infinity) && to <= (fail[1] ?? Infinity)
}
