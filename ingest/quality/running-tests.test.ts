import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { testsIn } from '../../domain/quality-tests.ts'
import type { SeriesLimits } from './defaults.ts'
import { qualityTests } from './registry.ts'
import { planOf, RunningTests } from './running-tests.ts'

const limits: SeriesLimits = {
  gross_range: { fail: [0, 10], suspect: [1, 9] },
  spike: { suspect: 1, fail: 5 },
  rate_of_change: { suspect: 5, fail: 100 },
  flat_line: null,
  gapMs: 3_600_000,
}

test('the worst verdict wins, and every test that objects is named', () => {
  const running = new RunningTests(planOf(limits), () => undefined)
  running.advance(0, 5, 0)
  expect([running.flag, testsIn(running.tests)]).toEqual([1, []])
  running.advance(1_800_000, 9.5, 0)
  expect([running.flag, testsIn(running.tests)]).toEqual([3, ['gross_range', 'rate_of_change']])
  running.advance(3_600_000, -1, 0)
  expect([running.flag, testsIn(running.tests)]).toEqual([4, ['gross_range', 'rate_of_change']])
  expect([running.beforeFlag, testsIn(running.beforeTests)]).toEqual([3, ['spike']])
  running.advance(5_400_000, null, 0)
  expect([running.flag, running.tests]).toEqual([9, 0])
})

test('without any test a value is not evaluated', () => {
  const none = planOf({ gross_range: null, spike: null, rate_of_change: null, flat_line: null, gapMs: 1 })
  const running = new RunningTests(none, () => undefined)
  running.advance(0, 5, 0)
  expect(running.flag).toBe(2)
})

test('a test that throws leaves the value not evaluated by it, is reported, and the others judge on', () => {
  const failures: [string, unknown][] = []
  const fault = new Error('no limits')
  const poisoned = {
    get suspect(): number {
      throw fault
    },
    fail: 1,
  }
  const running = new RunningTests(planOf({ ...limits, rate_of_change: poisoned }), (test, error) => failures.push([test, error]))
  for (let i = 0; i < 3; i++) running.advance(i * 600_000, i === 2 ? 11 : 5, 0)
  expect([running.flag, testsIn(running.tests)]).toEqual([4, ['gross_range']])
  expect(failures).toEqual([['rate_of_change', fault]])
})

test('every quality test is registered, and runs in the order of the list', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((file) => !file.endsWith('.test.ts'))
  const made = files.flatMap((file) => [
    ...readFileSync(new URL(file, import.meta.url), 'utf8').matchAll(/^export const \w+: QualityTest</gm),
  ])
  expect(made).toHaveLength(qualityTests.length)
  expect(qualityTests.map(({ name }) => name)).toEqual(['gross_range', 'spike', 'rate_of_change', 'flat_line'])
})
