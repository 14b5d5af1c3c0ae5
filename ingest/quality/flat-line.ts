import Type, { type Static } from 'typebox'
import { flag, type Flag } from '../../domain/flag.ts'
import type { QualityTest } from './quality-test.ts'
import { addStep, dropStep, medianStep, mostSteps, startSteps, type RecentSteps } from './recent-steps.ts'
import { beginAt, extend, startStretch, type Stretch } from './stretch.ts'

export const flatLineLimits = Type.Object(
  {
    suspectMs: Type.Integer({ minimum: 1, description: 'Time without movement after which a value is suspect, ms.' }),
    failMs: Type.Integer({ minimum: 1, description: 'Time without movement after which a value fails, ms; not below suspectMs.' }),
    tolerance: Type.Number({ minimum: 0, description: 'A stretch is flat when its values lie less than this apart, in the unit.' }),
    horizonMs: Type.Integer({ minimum: 1, description: 'Readings further back than about this are not looked at, ms.' }),
    offAt: Type.Union([Type.Number(), Type.Null()], {
      description: 'The end of the scale at which a sensor may rest (0 for rain): values at or below it are never flat; null = none.',
    }),
  },
  { additionalProperties: false, description: 'How long a value may stand still.' },
)
export type FlatLineLimits = Static<typeof flatLineLimits>

/** A stretch of fewer steps shows nothing, whatever the threshold. */
const fewestSteps = 2
/** The horizon is counted in parts: a point lies within it when its part is at most so many before the part of now. */
const parts = 24

/**
 * Flags a value that does not move: c = floor(threshold / median step), at least 2; when the last c + 1 values lie less than
 * `tolerance` apart the newest is 3, or 4 by the fail threshold, else 1. Nulls are 9 and neither count nor break the stretch. The median
 * is of the last 20 steps, so it follows a changed interval. Source: QARTOD test 8, as in ioos_qc `flat_line_test`.
 * @param values in the parameter's unit
 * @param times epoch ms, growing, one per value
 * @returns one flag per value, same order and length
 */
export function flatLine(values: readonly (number | null)[], times: readonly number[], limits: FlatLineLimits): Flag[] {
  const points = values.flatMap((value, i) => (value === null ? [] : [{ value, at: times[i] ?? NaN }]))
  let seen = 0
  return values.map((value) => (value === null ? flag.missing : judgeLast(points.slice(0, ++seen), limits)))
}

function judgeLast(points: readonly { value: number; at: number }[], limits: FlatLineLimits): Flag {
  const last = points.at(-1)
  if (last === undefined || (limits.offAt !== null && last.value <= limits.offAt)) return flag.good
  const oldest = partOf(last.at, limits) - parts
  const inside = points.filter((point) => partOf(point.at, limits) >= oldest)
  const steps = inside.slice(1).map((point, i) => point.at - (inside[i]?.at ?? NaN))
  const median = medianStep({ steps: [], spanMs: 0, sorted: steps.slice(-mostSteps).sort((a, b) => a - b) })
  const isFlat = (thresholdMs: number): boolean => {
    const needed = stepsIn(thresholdMs, median) + 1
    const window = inside.slice(-needed).map((point) => point.value)
    return window.length === needed && Math.max(...window) - Math.min(...window) < limits.tolerance
  }
  if (isFlat(limits.failMs)) return flag.fail
  return isFlat(limits.suspectMs) ? flag.suspect : flag.good
}

/** Plain and small: JSON and back gives the same verdicts. */
export interface FlatLineState {
  /** Values so far; their numbers in the stretch. */
  points: number
  at: number
  steps: RecentSteps
  stretch: Stretch
  /** First value of each part of the horizon: part, number of the value. */
  parts: number[]
  firsts: number[]
}

/** The streaming form: the longest stretch that ends here, against the steps that the threshold asks for. */
export const flatLineTest: QualityTest<FlatLineLimits, FlatLineState> = {
  name: 'flat_line',
  lag: 0,
  limits: flatLineLimits,
  start: () => ({ points: 0, at: 0, steps: startSteps(), stretch: startStretch(), parts: [], firsts: [] }),
  advance: (state, limits, at, value) => {
    if (value === null) return flag.missing
    if (state.points > 0) addStep(state.steps, at - state.at)
    state.at = at
    forget(state, limits, at)
    extend(state.stretch, state.points, value, limits.tolerance)
    const steps = state.points - state.stretch.first
    state.points += 1
    if (steps < fewestSteps || (limits.offAt !== null && value <= limits.offAt)) return flag.good
    const median = medianStep(state.steps)
    if (steps >= stepsIn(limits.failMs, median)) return flag.fail
    return steps >= stepsIn(limits.suspectMs, median) ? flag.suspect : flag.good
  },
}

/** Lets go what lies beyond the horizon. */
function forget(state: FlatLineState, limits: FlatLineLimits, at: number): void {
  const part = partOf(at, limits)
  if (state.parts[state.parts.length - 1] === part) return
  state.parts.push(part)
  state.firsts.push(state.points)
  while ((state.parts[0] ?? part) < part - parts) {
    state.parts.shift()
    state.firsts.shift()
  }
  beginAt(state.stretch, state.firsts[0] ?? state.points)
  while (state.steps.steps.length > 0 && partOf(at - state.steps.spanMs, limits) < part - parts) dropStep(state.steps)
}

function partOf(at: number, limits: FlatLineLimits): number {
  return Math.floor((at * parts) / limits.horizonMs)
}

function stepsIn(thresholdMs: number, medianMs: number): number {
  return Math.max(fewestSteps, Math.floor(thresholdMs / medianMs))
}
