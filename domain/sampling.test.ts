import { expect, test } from '@jest/globals'
import { findParameter } from './parameters.ts'
import { fits, recordedAs, totalOf, type Sampling, type Statistic } from './sampling.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const moment: Sampling = { statistic: 'value', shortestMs: 0, longestMs: 0 }
const over = (statistic: Statistic, shortestMs: number, longestMs = shortestMs): Sampling => ({ statistic, shortestMs, longestMs })
const parameterOf = (key: string) => {
  const found = findParameter(key)
  if (found === null) throw new Error(`no parameter ${key}`)
  return found
}

function check(key: string, statistic: Statistic | null, everyMs: number | null, sampling: Sampling, isFit: boolean): void {
  expect(fits({ parameter: parameterOf(key), statistic, everyMs }, sampling)).toBe(isFit)
}

test('the simplest file takes hourly means by the hour and real-time values below it', () => {
  check('cod', null, hour, over('mean', hour), true)
  check('cod', null, hour, moment, false)
  check('cod', null, hour, over('maximum', hour), false)
  check('cod', null, day, over('mean', day), true)
  check('cod', null, day, over('mean', hour), false)
  check('cod', null, 30 * minute, moment, true)
  check('cod', null, null, moment, true)
  check('cod', null, 10 * minute, over('mean', minute, 30 * minute), false)
  check('cod', null, null, over('mean', hour), false)
})

test('a series that says its statistic takes that one, of its own period', () => {
  check('cod', 'value', hour, moment, true)
  check('cod', 'value', hour, over('mean', hour), false)
  check('cod', 'mean', 10 * minute, over('mean', minute, 30 * minute), true)
  check('cod', 'mean', 10 * minute, moment, false)
  check('cod', 'minimum', hour, over('minimum', hour), true)
  check('flue_soot', 'converted', minute, { ...moment, statistic: 'converted' }, true)
  check('flue_soot', null, minute, { ...moment, statistic: 'converted' }, false)
})

test('rain is summed up where others are averaged', () => {
  check('rainfall', null, 5 * minute, over('total', 5 * minute), true)
  check('rainfall', null, hour, over('total', hour), true)
  check('rainfall', null, hour, over('mean', hour), false)
})

test('what a station is asked for again is what the series takes', () => {
  const asked = (key: string, statistic: Statistic | null, everyMs: number, expected: Statistic): void =>
    expect(recordedAs({ parameter: parameterOf(key), statistic, everyMs })).toBe(expected)
  asked('cod', null, 5 * minute, 'value')
  asked('cod', 'mean', 5 * minute, 'mean')
  asked('cod', null, hour, 'mean')
  asked('cod', 'value', hour, 'value')
  asked('rainfall', null, 5 * minute, 'total')
  asked('rainfall', 'value', 5 * minute, 'value')
})

test('a total has the unit of a volume or a load', () => {
  const unit = (key: string, expected: string | null): void => expect(totalOf(parameterOf(key))?.unit ?? null).toBe(expected)
  unit('wastewater_flow', 'm3')
  unit('cod', 'kg')
  unit('flue_soot', 'kg')
  unit('rainfall', 'mm')
  unit('ph', null)
})
