import { expect, test } from '@jest/globals'
import { watchExcursions, type Excursion, type ExcursionRule } from './excursion.ts'

const minute = 60_000
const rule: ExcursionRule = {
  limits: [
    { level: 'yellow', limit: 3 },
    { level: 'red', limit: 5 },
  ],
  ...{ sign: 1, holdMs: 10 * minute, deadband: 0.1, clearAfterMs: 30 * minute },
}

/** A value every 5 min; what is over, in minutes. */
function seen(values: readonly number[], changed: Partial<ExcursionRule> = {}): unknown[] {
  const watch = watchExcursions({ ...rule, ...changed })
  const found = values.map((value, i) => watch.see(i * 5 * minute, value))
  const last = watch.finish()
  const brief = ({ level, onset, end, peak }: Excursion) => [level, onset / minute, end / minute, peak.value]
  return [...found.flatMap(({ over }) => (over === null ? [] : [brief(over)])), ...(last === null ? [] : [brief(last)])]
}

test('a signal beyond a limit is one excursion, from the moment it crossed to the moment it came back', () => {
  expect(seen([2, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2])).toEqual([['yellow', 2.5, 17.5, 4]])
  expect(seen([2, 4, 6, 6, 6, 4])).toEqual([['red', 2.5, 25, 6]])
})

test('what does not stay deserves nothing', () => {
  expect(seen([2, 2, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2])).toEqual([[null, 7.5, 12.5, 4]])
  expect(seen([2, 4, 4, 6, 4, 4, 4])).toEqual([['yellow', 2.5, 30, 6]])
})

test('breaks that are short or shallow do not part it', () => {
  expect(seen([4, 4, 4, 2, 4, 4, 2, 2])).toEqual([['yellow', 0, 27.5, 4]])
  expect(seen([4, 4, 4, ...Array.from({ length: 12 }, () => 2.95), 4])).toEqual([['yellow', 0, 75, 4]])
  expect(seen([4, 4, 4, ...Array.from({ length: 12 }, () => 2), 4, 4, 4])).toHaveLength(2)
})

test('downward is worse where the rule says so', () => {
  const limits = [{ level: 'yellow' as const, limit: 5 }]
  expect(seen([7, 3, 3, 3, 7], { sign: -1, limits })).toEqual([['yellow', 2.5, 17.5, 3]])
})
