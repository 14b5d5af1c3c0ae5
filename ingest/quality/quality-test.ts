import type { TSchema } from 'typebox'
import type { Flag } from '../../domain/flag.ts'
import type { TestName } from '../../domain/quality-tests.ts'

/**
 * One test over a series in its streaming form. Points come in time order, each once. `start` makes a plain state (JSON and back gives
 * the same verdicts); `advance` takes the next point into it, in amortised constant time, and returns a flag.
 */
export interface QualityTest<Limits, State> {
  name: TestName
  /** 0: the flag is of the point itself. 1: of the point before it, which needed this one to be judged. */
  lag: 0 | 1
  /** What a site may set. */
  limits: TSchema
  start(): State
  /**
   * @param at epoch ms
   * @param value in the parameter's unit; null = missing
   * @param gap true when too much time lies between the point before and this one to compare them
   */
  advance(state: State, limits: Limits, at: number, value: number | null, gap: boolean): Flag
}

/** A test whose types the registry has forgotten: limits and state go together, nothing else may be made of them. */
export type AnyQualityTest = QualityTest<unknown, unknown>

/** Puts a test into the registry. */
export function registered<Limits, State>(test: QualityTest<Limits, State>): AnyQualityTest {
  return test as unknown as AnyQualityTest
}
