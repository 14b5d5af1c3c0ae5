import { expect, test } from '@jest/globals'
import { testBits } from '../../domain/quality-tests.ts'
import type { RuleDefinition, Sensor } from '../../domain/network.ts'
import { calmState } from '../ladder.ts'
import type { ReadingRule } from '../rule-kind.ts'
import { samplesOf } from '../samples.ts'
import { minute, placeOf, ruleOf, sensorAt } from '../testing/places.ts'
import { episodesOf, every, storyOf } from '../testing/scenario.ts'
import { threshold } from './threshold.ts'

const qingxi = sensorAt('qingxi', 'water_level', { stages: new Map(Object.entries({ warning: 3, guarantee: 4, record: 4.8 })) })

function ruleAt(
  sensor: Sensor,
  levels: RuleDefinition['levels'],
  settings: Record<string, unknown> = {},
  trusts: RuleDefinition['trusts'] = null,
): ReadingRule {
  const [bound] = threshold.bind(ruleOf('threshold', { parameter: sensor.parameter.key, levels, trusts }), settings, placeOf([sensor]))
  if (bound?.drivenBy !== 'readings') throw new Error('the rule is off')
  return bound
}

const story = (rule: ReadingRule, step: number, values: readonly (number | null)[]) => storyOf(rule, every(step, values))

test('the worked example: on after two, off after two below the limit less the deadband', () => {
  const rule = ruleAt(sensorAt('qingxi', 'ammonia_nitrogen'), { yellow: 5 }, { deadband: 0.5, onCount: 2, offCount: 2 })
  const values = [4.8, 5.1, 5.2, 4.9, 4.6, 4.4, 4.3, 5, 4.9]
  expect(story(rule, 1, values)).toEqual(['raised yellow at 2', 'ended at 6'])
})

test('a level held for its time is raised at the reading that completes it, with what it rests on', () => {
  const rule = ruleAt(qingxi, { yellow: 'stage.warning' }, { hold: '15m', deadband: 0.1, clearAfter: '30m' })
  const values = [2.9, 3, 3.1, 3.2, 3.42, 2.95, 2.89, 2.8, 2.7, 2.6, 2.5, 2.4, 2.3]
  expect(story(rule, 5, values)).toEqual(['raised yellow at 20', 'ended at 60'])
  const [episode] = episodesOf(rule, every(5, values))
  expect(episode?.onset).toBe(5 * minute)
  expect(episode?.changes[0].evidence).toEqual({
    from: 5 * minute,
    to: 20 * minute,
    trusted: 4,
    rejected: 0,
    value: 3.42,
    limit: 3,
    unit: 'm',
    figures: {},
  })
})

test('a reading on the safe side begins the hold again, one in the deadband begins the clearing again', () => {
  const rule = ruleAt(qingxi, { yellow: 3 }, { hold: '10m', deadband: 0.1, clearAfter: '10m' })
  expect(story(rule, 5, [3, 3, 2.9, 3, 3])).toEqual([])
  expect(story(rule, 5, [3, 3, 3, 2.8, 2.95, 2.8, 2.8, 2.8])).toEqual(['raised yellow at 10', 'ended at 35'])
})

test('the ladder climbs and descends level by level', () => {
  const rule = ruleAt(qingxi, { yellow: 'stage.warning', orange: 'stage.guarantee', red: 'stage.record' }, { deadband: 0.1, offCount: 1 })
  const values = [2, 3.5, 4.2, 5, 4.75, 4.6, 3.95, 3.8, 2.95, 2.8]
  expect(story(rule, 1, values)).toEqual(['raised yellow at 1', 'orange at 2', 'red at 3', 'orange at 5', 'yellow at 7', 'ended at 9'])
  expect(story(rule, 1, [2, 5, 2])).toEqual(['raised red at 1', 'ended at 2'])
})

test('at the limit counts, unless the limit itself is allowed', () => {
  const at = (inclusive: boolean): ReadingRule =>
    ruleAt(sensorAt('outfall', 'ph'), { red: 9 }, { inclusive, onCount: 1, offCount: 1, deadband: 0 })
  expect(story(at(true), 1, [8.99, 9, 8.99])).toEqual(['raised red at 1', 'ended at 2'])
  expect(story(at(false), 1, [8.99, 9, 9.01, 9])).toEqual(['raised red at 2', 'ended at 3'])
})

test('downward, smaller is worse', () => {
  const rule = ruleAt(
    sensorAt('lake', 'dissolved_oxygen'),
    { yellow: 5, red: 2 },
    { direction: 'down', deadband: 0.5, onCount: 1, offCount: 1 },
  )
  expect(story(rule, 1, [6, 5, 2, 2.4, 2.6, 5.5, 5.6])).toEqual(['raised yellow at 1', 'red at 2', 'yellow at 4', 'ended at 6'])
})

test('untrusted readings neither count nor reset, and are told', () => {
  const rule = ruleAt(qingxi, { yellow: 3 }, { onCount: 3, offCount: 2, deadband: 0.1 })
  const samples = [
    [0, 3.1],
    [5 * minute, 9.9, 4],
    [10 * minute, 3.1],
    [15 * minute, null, 9],
    [20 * minute, 3.2],
    [25 * minute, 2.5],
    [30 * minute, 2.5, 3],
    [35 * minute, 2.5],
  ] as const
  expect(storyOf(rule, samples)).toEqual(['raised yellow at 20', 'ended at 35'])
  expect(episodesOf(rule, samples)[0]?.changes.map(({ evidence }) => [evidence.trusted, evidence.rejected])).toEqual([
    [3, 2],
    [2, 1],
  ])
})

test('a suspicion of the rate test alone is forgiven to a level rule, any other is not, and named flags win', () => {
  const fast = testBits(['rate_of_change'])
  const raisedBy = (tests: number, trusts: RuleDefinition['trusts'] = null): number =>
    episodesOf(ruleAt(qingxi, { yellow: 3 }, { onCount: 1 }, trusts), [[0, 3.5, 3, tests]]).length
  expect(raisedBy(fast)).toBe(1)
  expect(raisedBy(fast | testBits(['arrival_time']))).toBe(1)
  expect(raisedBy(fast | testBits(['spike']))).toBe(0)
  expect(raisedBy(fast, [1, 2])).toBe(0)
  expect(raisedBy(testBits(['spike']), [1, 3])).toBe(1)
})

test('beyond the usual span a value counts when the one before bears it out', () => {
  const span = testBits(['gross_range'])
  const raised = (
    trusts: RuleDefinition['trusts'],
    ...written: readonly (readonly [value: number, flag: number, tests: number])[]
  ): number =>
    episodesOf(
      ruleAt(qingxi, { yellow: 3 }, { onCount: 1 }, trusts),
      written.map(([value, flag, tests], i) => [i * 5 * minute, value, flag, tests] as const),
    ).length
  expect(raised(null, [2.8, 1, 0], [3.2, 3, span])).toBe(1)
  expect(raised(null, [0.5, 1, 0], [9, 3, span])).toBe(0)
  expect(raised(null, [0.5, 1, 0], [9, 3, span], [9.1, 3, span])).toBe(1)
  expect(raised([1, 2], [2.8, 1, 0], [3.2, 3, span])).toBe(0)
})

test('a rise that the rate test fails is believed from its second reading on, a jump or one that turns back is not', () => {
  const [fast, spike] = [testBits(['rate_of_change']), testBits(['spike'])]
  const rule = ruleAt(qingxi, { yellow: 3 }, { onCount: 1 })
  /** Values every 5 min with their flag and tests. */
  const raised = (...written: readonly (readonly [value: number, flag: number, tests: number])[]): string[] =>
    storyOf(
      rule,
      written.map(([value, flag, tests], i) => [i * 5 * minute, value, flag, tests] as const),
    )
  const calm = [2.5, 1, 0] as const
  expect(raised(calm, [2.8, 4, fast], [3.1, 4, fast], [3.4, 4, fast])).toEqual(['raised yellow at 10'])
  expect(raised(calm, [2.6, 3, fast], [3.1, 4, fast])).toEqual(['raised yellow at 10'])
  expect(raised(calm, [3.9, 4, fast], [2.5, 4, fast], calm)).toEqual([])
  expect(raised(calm, [3.2, 4, fast], [3.1, 4, fast])).toEqual([])
  expect(raised(calm, [2.8, 4, fast], [3.1, 4, fast | spike])).toEqual([])
  expect(raised(calm, calm, [3.3, 4, fast])).toEqual([])
})

test('where a stage is missing its level is off, and without any level the rule is', () => {
  const half = sensorAt('weir', 'water_level', { stages: new Map([['warning', 2]]) })
  expect(story(ruleAt(half, { yellow: 'stage.warning', red: 'stage.record' }, { onCount: 1 }), 1, [9])).toEqual(['raised yellow at 0'])
  expect(
    threshold.bind(ruleOf('threshold', { parameter: half.parameter.key, levels: { red: 'stage.record' } }), {}, placeOf([half])),
  ).toEqual([])
})

test('defaults: a flood stage needs one reading, other limits two; four to leave; the deadband is 5 % but not of a level', () => {
  expect(story(ruleAt(qingxi, { yellow: 'stage.warning' }), 1, [3.1, 2.99, 2.99, 2.99, 2.99])).toEqual(['raised yellow at 0', 'ended at 4'])
  const ammonia = ruleAt(sensorAt('qingxi', 'ammonia_nitrogen'), { yellow: 1 })
  expect(story(ammonia, 1, [1, 1, 0.96, 0.96, 0.96, 0.96, 0.94, 0.94, 0.94, 0.94])).toEqual(['raised yellow at 1', 'ended at 9'])
})

test('a quiet reading gives back the very same state', () => {
  const rule = ruleAt(qingxi, { yellow: 3 }, { hold: '15m' })
  const samples = samplesOf(every(5, [2.5, null, 3.1, 3.1, 3.1, 3.1, 3.4]))
  expect(rule.advance(calmState, samples, 0)).toBe(calmState)
  expect(rule.advance(calmState, samples, 1)).toBe(calmState)
  let state = calmState
  for (let i = 0; i < 6; i += 1) state = rule.advance(state, samples, i)
  expect(state.latches[0]?.active).toBe(true)
  expect(rule.advance(state, samples, 6)).toBe(state)
})

test('the sentences of the house', () => {
  const rule = ruleAt(qingxi, { yellow: 3, orange: 4 }, { hold: '15m', deadband: 0.1, clearAfter: '30m' })
  const [episode] = episodesOf(rule, every(5, [3, 3, 3, 3.1, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8]))
  const [raised, ended] = episode?.changes ?? []
  if (!raised || !ended) throw new Error('not raised')
  expect(rule.sentences.why(raised, null)).toEqual({
    en: 'Raised because the level stayed at or above 3.00 m for 15 min (4 of 4 readings good).',
    zh: '触发原因：水位连续 15 分钟达到或超过 3.00 m（4 次读数均有效）。',
  })
  expect(rule.sentences.clears('yellow')).toEqual({ en: 'Clears when below 2.90 m for 30 min.', zh: '低于 2.90 m 持续 30 分钟后解除。' })
  expect(rule.sentences.clears('orange')).toEqual({
    en: 'Falls to yellow when below 3.90 m for 30 min, clears when below 2.90 m.',
    zh: '低于 3.90 m 持续 30 分钟后降为黄色，低于 2.90 m 持续 30 分钟后解除。',
  })
  expect(rule.sentences.cleared(ended)).toEqual({
    en: 'Cleared because the level stayed below 2.90 m for 30 min (7 of 7 readings good).',
    zh: '解除原因：水位连续 30 分钟低于 2.90 m（7 次读数均有效）。',
  })
})

test('a warning on doubtful readings says so', () => {
  const said = (samples: Parameters<typeof episodesOf>[1], settings: Record<string, unknown>, trusts: RuleDefinition['trusts'] = null) => {
    const rule = ruleAt(qingxi, { yellow: 3 }, { deadband: 0.1, ...settings }, trusts)
    const raised = episodesOf(rule, samples)[0]?.changes[0]
    if (!raised) throw new Error('not raised')
    const { en, zh } = rule.sentences.why(raised, null)
    return [raised.evidence.doubtful, en, zh]
  }
  const fast = testBits(['rate_of_change'])
  const rise = (flags: readonly number[]) => flags.map((flag, i) => [i * 5 * minute, 2.9 + i * 0.2, flag, flag === 3 ? fast : 0] as const)
  expect(said(rise([1, 3, 3, 1]), { hold: '10m' })).toEqual([
    2,
    'Raised because the level stayed at or above 3.00 m for 10 min (3 of 3 readings believed, 2 of them doubtful).',
    '触发原因：水位连续 10 分钟达到或超过 3.00 m（采用 3 次读数，其中 2 次存疑）。',
  ])
  expect(said(rise([1, 3]), { onCount: 1 })).toEqual([
    1,
    'Raised because the level reached 3.10 m, at or above 3.00 m (1 of 1 reading believed, and it is doubtful).',
    '触发原因：水位 3.10 m，达到或超过 3.00 m（采用 1 次读数，均存疑）。',
  ])
  const named = [[0, 3.1, 3] as const, [5 * minute, 9.9, 4] as const, [10 * minute, 3.2, 3] as const]
  expect(said(named, { onCount: 2 }, [1, 2, 3])).toEqual([
    2,
    'Raised because the level was at or above 3.00 m in 2 readings running (2 of 3 readings believed, all of them doubtful).',
    '触发原因：水位连续 2 次读数达到或超过 3.00 m（3 次读数中采用 2 次，均存疑）。',
  ])
  expect(said(rise([1, 1]), { onCount: 1 })[0]).toBeUndefined()
})
