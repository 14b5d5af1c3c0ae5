import Type, { type Static } from 'typebox'
import { flag, type Flag } from '../../domain/flag.ts'
import type { QualityTest } from './quality-test.ts'

export const spikeLimits = Type.Object(
  {
    suspect: Type.Number({ minimum: 0, description: 'Deviation above which a value is suspect, in the unit of the parameter.' }),
    fail: Type.Number({ minimum: 0, description: 'Deviation above which a value fails; not below suspect.' }),
    suspectPercent: Type.Optional(
      Type.Number({ minimum: 0, description: 'Raises suspect to this share of the mean size of the two neighbours.' }),
    ),
    failPercent: Type.Optional(
      Type.Number({ minimum: 0, description: 'Raises fail to this share of the mean size of the two neighbours.' }),
    ),
  },
  { additionalProperties: false, description: 'How far a value may stand out from its neighbours.' },
)
export type SpikeLimits = Static<typeof spikeLimits>

/** `average`: distance to the mean of the neighbours. `differential`: the smaller of the two steps, when they go opposite ways. */
export type SpikeMethod = 'average' | 'differential'

/**
 * Flags a value that stands out from its neighbours: deviation > fail 4, > suspect 3, else 1; null 9. The first and the last value and
 * those beside a null are not evaluated (2). `average` also flags the neighbours of a spike, so production uses `differential`.
 * Source: QARTOD test 6, as in ioos_qc `spike_test`.
 * @param values in time order, in the parameter's unit
 * @returns one flag per value, same order and length
 * @example spike([7.1, 7.2, 9.9, 7.2, 7.1], { suspect: 0.5, fail: 2 }) // [2, 1, 4, 1, 2]
 */
export function spike(values: readonly (number | null)[], limits: SpikeLimits, method: SpikeMethod = 'differential'): Flag[] {
  const deviation = method === 'average' ? fromMean : oppositeSteps
  return values.map((value, i) => {
    if (value === null) return flag.missing
    const [before, after] = [values[i - 1], values[i + 1]]
    if (before == null || after == null) return flag.notEvaluated
    return verdict(deviation(before, value, after), before, after, limits)
  })
}

/** The point that waits for its next neighbour, and the one before it; null = none, missing, or beyond a gap. */
export interface SpikeState {
  before: number | null
  middle: number | null
}

/** The streaming form of `differential`. */
export const spikeTest: QualityTest<SpikeLimits, SpikeState> = {
  name: 'spike',
  lag: 1,
  limits: spikeLimits,
  start: () => ({ before: null, middle: null }),
  advance: (state, limits, _at, value, gap) => {
    const { before, middle } = state
    state.before = gap ? null : middle
    state.middle = value
    if (middle === null) return flag.missing
    if (before === null || value === null || gap) return flag.notEvaluated
    return verdict(oppositeSteps(before, middle, value), before, value, limits)
  },
}

function fromMean(before: number, value: number, after: number): number {
  return Math.abs(value - (before + after) / 2)
}

function oppositeSteps(before: number, value: number, after: number): number {
  const up = value - before
  const down = after - value
  return up * down >= 0 ? 0 : Math.min(Math.abs(up), Math.abs(down))
}

function verdict(deviation: number, before: number, after: number, limits: SpikeLimits): Flag {
  const size = (Math.abs(before) + Math.abs(after)) / 200
  if (deviation > Math.max(limits.fail, (limits.failPercent ?? 0) * size)) return flag.fail
  return deviation > Math.max(limits.suspect, (limits.suspectPercent ?? 0) * size) ? flag.suspect : flag.good
}
