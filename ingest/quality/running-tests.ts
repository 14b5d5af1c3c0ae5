import { flag, worse, type Flag } from '../../domain/flag.ts'
import { testBit, testBits, type TestName } from '../../domain/quality-tests.ts'
import type { SeriesLimits } from './defaults.ts'
import type { AnyQualityTest } from './quality-test.ts'
import { qualityTests } from './registry.ts'

/** A test with the limits it has for one series. */
interface Planned {
  test: AnyQualityTest
  limits: unknown
  bit: number
}

/** What one series is judged by, worked out once. */
export interface Plan {
  tests: readonly Planned[]
  gapMs: number
  /** How far before a reading its verdict can depend on others, ms; and how far behind it others depend on it. */
  lookbackMs: number
}

/** Marks of how a value came in; they stay when it is judged again. */
const carriedMarks = ['arrival_time', 'source_suspect', 'source_fail', 'corrected', 'clock_corrected', 'clock_reset'] as const
export const marksOf = testBits(['late', 'moved', ...carriedMarks])
const sourceSuspect = testBit('source_suspect')
const sourceFail = testBit('source_fail')

/** Called when a test throws: the value counts as not evaluated by it. */
export type TestFailed = (test: TestName, error: unknown) => void

export function planOf(limits: SeriesLimits): Plan {
  const tests = qualityTests.flatMap((test): Planned[] => {
    const own: unknown = (limits as unknown as Record<TestName, unknown>)[test.name] ?? null
    return own === null ? [] : [{ test, limits: own, bit: testBit(test.name) }]
  })
  // The horizon of the flat line is counted in 24 parts, of which the oldest may lie wholly before it.
  const flatMs = limits.flat_line === null ? 0 : Math.ceil((limits.flat_line.horizonMs * 25) / 24)
  return { tests, gapMs: limits.gapMs, lookbackMs: Math.max(flatMs, 2 * limits.gapMs) }
}

/** The tests of one series on their way through it, point by point in time order. The verdicts of the last point stand in the fields. */
export class RunningTests {
  /** Of the last point, as far as it can be judged without the next one. */
  flag: Flag = flag.notEvaluated
  /** Its marks and the tests that objected. */
  tests = 0
  /** What the last point adds to the point before it, by the tests that needed it. */
  beforeFlag: Flag = flag.notEvaluated
  beforeTests = 0

  readonly #plan: Plan
  readonly #states: unknown[]
  readonly #failed: TestFailed
  #lastAt = -Infinity

  constructor(plan: Plan, failed: TestFailed) {
    this.#plan = plan
    this.#failed = failed
    this.#states = plan.tests.map(({ test }) => test.start())
  }

  /**
   * @param at epoch ms, after all before it
   * @param marks bits of `marksOf`
   */
  advance(at: number, value: number | null, marks: number): void {
    const gap = at - this.#lastAt > this.#plan.gapMs
    this.#lastAt = at
    this.flag = ofSource(marks)
    this.tests = marks
    this.beforeFlag = flag.notEvaluated
    this.beforeTests = 0
    for (let i = 0; i < this.#plan.tests.length; i++) this.#run(i, at, value, gap)
    if (value !== null) return
    this.flag = flag.missing
    this.tests = marks
  }

  #run(i: number, at: number, value: number | null, gap: boolean): void {
    const planned = this.#plan.tests[i]
    if (planned === undefined) return
    const given = this.#verdict(planned, i, at, value, gap)
    const objected = given === flag.suspect || given === flag.fail ? planned.bit : 0
    if (planned.test.lag === 0) {
      this.flag = worse(this.flag, given)
      this.tests |= objected
    } else {
      this.beforeFlag = worse(this.beforeFlag, given)
      this.beforeTests |= objected
    }
  }

  #verdict({ test, limits }: Planned, i: number, at: number, value: number | null, gap: boolean): Flag {
    try {
      return test.advance(this.#states[i], limits, at, value, gap)
    } catch (error) {
      this.#states[i] = test.start()
      this.#failed(test.name, error)
      return flag.notEvaluated
    }
  }
}

function ofSource(marks: number): Flag {
  if ((marks & sourceFail) !== 0) return flag.fail
  return (marks & sourceSuspect) !== 0 ? flag.suspect : flag.notEvaluated
}
