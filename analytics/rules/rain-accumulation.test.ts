import { expect, test } from '@jest/globals'
import type { RuleDefinition } from '../../domain/network.ts'
import { testBits } from '../../domain/quality-tests.ts'
import { calmState } from '../ladder.ts'
import type { ReadingRule } from '../rule-kind.ts'
import { samplesOf } from '../samples.ts'
import { hour, placeOf, ruleOf, sensorAt } from '../testing/places.ts'
import { episodesOf, every, storyOf } from '../testing/scenario.ts'
import { rainAccumulation } from './rain-accumulation.ts'

const gauge = sensorAt('ridge', 'rainfall', { everyMs: hour })

function ruleAt(levels: RuleDefinition['levels'], settings: Record<string, unknown> = {}): ReadingRule {
  const [bound] = rainAccumulation.bind(ruleOf('rain-accumulation', { levels }), settings, placeOf([gauge]))
  if (bound?.drivenBy !== 'readings') throw new Error('the rule is off')
  return bound
}

const story = (rule: ReadingRule, depths: readonly (number | null)[]) => storyOf(rule, every(60, depths), { unitMs: hour })

test('the worked sums of three hours raise and clear', () => {
  const rule = ruleAt({ yellow: 15 }, { hours: 3, clearAfter: '0s', deadband: 0 })
  expect(story(rule, [2, 0, 5.5, 10, 1.5, 0])).toEqual(['raised yellow at 3', 'ended at 5'])
})

test('the rainstorm signals: other hours for each level', () => {
  const hours = { blue: 12, yellow: 6, orange: 3, red: 3 }
  const rule = ruleAt({ blue: 50, yellow: 50, orange: 50, red: 100 }, { hours, clearAfter: '0s' })
  expect(story(rule, [9, 9, 9, 9, 9, 9])).toEqual(['raised yellow at 5'])
  expect(story(rule, Array(12).fill(4.5) as number[])).toEqual(['raised blue at 11'])
  expect(story(rule, [20, 30, 55, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])).toEqual([
    'raised orange at 1',
    'red at 2',
    'orange at 3',
    'yellow at 5',
    'blue at 8',
    'ended at 14',
  ])
})

test('a partial sum that has reached its limit raises, a gauge that stops does not clear', () => {
  const rule = ruleAt({ yellow: 20 }, { hours: 6, clearAfter: '0s' })
  const [episode] = episodesOf(rule, every(60, [21]))
  expect(episode?.changes[0].evidence).toMatchObject({ from: -6 * hour, trusted: 1, value: 21, figures: { hours: 6, coverage: 1 / 6 } })
  const later = [8, 9, 10, 11, 12].map((h) => [h * hour, 0] as const)
  expect(storyOf(rule, [[0, 21], ...later], { unitMs: hour })).toEqual(['raised yellow at 0', 'ended at 12'])
  expect(storyOf(rule, [[0, 21], ...later.slice(0, 3)], { unitMs: hour })).toEqual(['raised yellow at 0'])
})

test('a cloudburst beyond the usual span is summed where it rained before, a value out of dry weather is not', () => {
  const rule = ruleAt({ yellow: 40 }, { hours: 3 })
  const span = testBits(['gross_range'])
  const raised = (before: number): number =>
    episodesOf(rule, [
      [0, before],
      [hour, 32, 3, span],
    ]).length
  expect([raised(18), raised(0)]).toEqual([1, 0])
})

test('values that quality kept out are not summed', () => {
  const rule = ruleAt({ yellow: 20 }, { hours: 6 })
  expect(
    episodesOf(rule, [
      [0, 15],
      [hour, 300, 4],
      [2 * hour, 4],
    ]),
  ).toEqual([])
})

test('a dry reading gives back the very same state', () => {
  const rule = ruleAt({ yellow: 20 })
  const samples = samplesOf(every(60, [5, 0]))
  const wet = rule.advance(calmState, samples, 0)
  expect(wet).toBe(calmState)
  expect(rule.advance(wet, samples, 1)).toBe(calmState)
})

test('the sentences of rain', () => {
  const rule = ruleAt({ yellow: 50 }, { hours: 3 })
  const raised = episodesOf(rule, every(60, [20, 20, 12.5]))[0]?.changes[0]
  if (!raised) throw new Error('not raised')
  expect(rule.sentences.why(raised, null)).toEqual({
    en: 'Raised because 52.5 mm of rain fell in 3 h, at or above 50.0 mm (readings for 100 % of the time).',
    zh: '触发原因：3 小时累计降雨 52.5 mm，达到或超过 50.0 mm（数据覆盖 100% 的时间）。',
  })
  const extreme = testBits(['gross_range'])
  const cloudburst = [20, 20, 30].map((depth, i) => [i * hour, depth, i === 2 ? 3 : 1, i === 2 ? extreme : 0] as const)
  const onDoubt = episodesOf(rule, cloudburst)[0]?.changes[0]
  if (!onDoubt) throw new Error('not raised')
  expect(rule.sentences.why(onDoubt, null)).toEqual({
    en: 'Raised because 70.0 mm of rain fell in 3 h, at or above 50.0 mm (readings for 100 % of the time; 1 of 3 readings doubtful).',
    zh: '触发原因：3 小时累计降雨 70.0 mm，达到或超过 50.0 mm（数据覆盖 100% 的时间；3 次读数中 1 次存疑）。',
  })
  expect(rule.sentences.clears('yellow')).toEqual({
    en: 'Clears when less than 47.5 mm fell in 3 h, for 1 h.',
    zh: '3 小时累计降雨低于 47.5 mm 并持续 1 小时后解除。',
  })
})
