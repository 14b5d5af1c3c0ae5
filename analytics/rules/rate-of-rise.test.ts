import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { RuleDefinition, Sensor } from '../../domain/network.ts'
import { testBits } from '../../domain/quality-tests.ts'
import { calmState } from '../ladder.ts'
import { neverCalm, type ReadingRule } from '../rule-kind.ts'
import { samplesOf, type WrittenSample } from '../samples.ts'
import { theilSen } from '../statistics/theil-sen.ts'
import { hour, minute, placeOf, ruleOf, sensorAt } from '../testing/places.ts'
import { episodesOf, every, storyOf } from '../testing/scenario.ts'
import { rateOfRise } from './rate-of-rise.ts'

const level = sensorAt('qingxi', 'water_level')

function ruleAt(sensor: Sensor, levels: RuleDefinition['levels'], settings: Record<string, unknown> = {}): ReadingRule {
  const [bound] = rateOfRise.bind(ruleOf('rate-of-rise', { parameter: sensor.parameter.key, levels }), settings, placeOf([sensor]))
  if (bound?.drivenBy !== 'readings') throw new Error('the rule is off')
  return bound
}

test('a steady rise is raised when the window shows it, and cleared half an hour after it stops', () => {
  const rule = ruleAt(level, { yellow: 0.3 })
  const values = [...Array(8).fill(1), ...Array.from({ length: 10 }, (_, i) => 1 + 0.04 * (i + 1)), ...Array(14).fill(1.4)] as number[]
  expect(storyOf(rule, every(5, values))).toEqual(['raised yellow at 55', 'ended at 130'])
})

test('a single jump is a matter of quality, not a rise', () => {
  expect(storyOf(ruleAt(level, { yellow: 0.3 }), every(5, [1, 1, 1, 1, 1, 1, 2.5, 1, 1, 1, 1]))).toEqual([])
})

test('noise whose interval holds half the limit is not believed', () => {
  const noisy = Array.from({ length: 40 }, (_, i) => 1 + (i % 2 === 0 ? 0.12 : -0.12))
  expect(storyOf(ruleAt(level, { yellow: 0.1 }), every(5, noisy))).toEqual([])
})

test('falls are seen downward, and the limit is a speed', () => {
  const oxygen = sensorAt('lake', 'dissolved_oxygen')
  const values = [8, 8, 8, 8, 7.6, 7.2, 6.8, 6.4, 6, 5.6, 5.2, 4.8]
  const rule = ruleAt(oxygen, { yellow: 1 }, { direction: 'down', window: '1h' })
  const [episode] = episodesOf(rule, every(15, values))
  expect(episode?.changes[0].evidence.value).toBeCloseTo(1.6, 9)
  expect(storyOf(ruleAt(oxygen, { yellow: 1 }, { window: '1h' }), every(15, values))).toEqual([])
})

test('too few readings decide nothing, not even the end', () => {
  const rule = ruleAt(level, { yellow: 0.3 })
  const rising = every(5, [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6])
  expect(storyOf(rule, rising.slice(0, 3))).toEqual([])
  const later = [2, 3, 4, 5].map((n) => [n * hour, 1.6] as const)
  expect(storyOf(rule, [...rising, ...later])).toEqual(['raised yellow at 15'])
})

test('the guard never hides a rise: with and without it the verdict is the same', () => {
  const rule = ruleAt(level, { yellow: 0.3 }, { window: '1h' })
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.double({ min: -0.3, max: 0.6, noNaN: true })), {
    minLength: 3,
    maxLength: 70,
  })
  fc.assert(
    fc.property(steps, (list) => {
      let [at, value] = [0, 2]
      const written = list.map(([minutes, change]) => [(at += minutes * 60_000), (value += change * 0.2)] as const)
      const samples = samplesOf(written)
      const i = samples.end - 1
      const seen = written.filter(([time]) => time >= (written.at(-1)?.[0] ?? 0) - hour)
      const line = theilSen(
        seen.map(([time]) => time / hour),
        seen.map(([, y]) => y),
        0.9,
      )
      const spans = ((seen.at(-1)?.[0] ?? 0) - (seen[0]?.[0] ?? 0)) / hour
      if (
        seen.length > 50 ||
        spans < 0.5 ||
        line === null ||
        Math.abs(line.slope - 0.3) < 1e-6 ||
        Math.abs(line.slopeInterval[0] - 0.15) < 1e-6
      )
        return
      const isRaised = seen.length >= 3 && line.slope >= 0.3 && line.slopeInterval[0] > 0.15
      expect(rule.advance(calmState, samples, i) !== calmState).toBe(isRaised)
    }),
    { numRuns: 2000 },
  )
})

test('a reading that is calm by the band changes nothing', () => {
  const rule = ruleAt(level, { yellow: 0.3 }, { hold: '0s' })
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.double({ min: -0.05, max: 0.09, noNaN: true })), {
    minLength: 3,
    maxLength: 60,
  })
  let skipped = 0
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3 }), (list, coarse) => {
      let [at, value] = [0, 2]
      const written = list.map(
        ([minutes, change]) =>
          [(at += Math.ceil(minutes / coarse) * 60_000), (value = Math.max(1.9, Math.min(2.1, value + change)))] as const,
      )
      const samples = samplesOf(written)
      let [state, calm] = [calmState, neverCalm]
      written.forEach(([time, height], i) => {
        const isCalm = height > calm.low && height < calm.high && time - (written[i - 1]?.[0] ?? -Infinity) >= calm.stepMs
        const after = rule.advance(state, samples, i)
        if (isCalm) {
          skipped += 1
          expect(after).toBe(state)
        } else {
          const seen = samplesOf(written.slice(0, i + 1))
          calm = after.calm ? rule.calm(seen, i) : neverCalm
        }
        state = after
      })
    }),
    { numRuns: 2000 },
  )
  expect(skipped).toBeGreaterThan(1000)
})

test('a dense window is thinned to fifty points', () => {
  const rule = ruleAt(level, { yellow: 0.3 })
  const [episode] = episodesOf(
    rule,
    every(
      0.05,
      Array.from({ length: 700 }, (_, i) => 1 + i * 0.0005),
    ),
  )
  expect(episode?.changes[0].evidence.trusted).toBeLessThanOrEqual(50)
  expect(episode?.changes[0].evidence.value).toBeCloseTo(0.6, 6)
})

test('the sentences of a rise', () => {
  const rule = ruleAt(level, { yellow: 0.3 })
  const [episode] = episodesOf(rule, every(5, [1, 1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35]))
  const raised = episode?.changes[0]
  if (!raised) throw new Error('not raised')
  expect(rule.sentences.why(raised, null)).toEqual({
    en: 'Raised because the level rose 0.60 m/h over 30 min, at or above 0.30 m/h (90 % interval 0.30 to 0.60; 5 of 5 readings good).',
    zh: '触发原因：水位在 30 分钟内以每小时 0.60 m 的速度上涨，达到或超过每小时 0.30 m（90% 置信区间 0.30–0.60，5 次读数均有效）。',
  })
  const fast = testBits(['rate_of_change'])
  const doubted = [1, 1, 1.05, 1.1, 1.15].map((value, i): WrittenSample => [i * 5 * minute, value, i > 2 ? 3 : 1, i > 2 ? fast : 0])
  const onDoubt = episodesOf(rule, doubted)[0]?.changes[0]
  if (!onDoubt) throw new Error('not raised')
  expect(rule.sentences.why(onDoubt, null)).toEqual({
    en: 'Raised because the level rose 0.60 m/h over 30 min, at or above 0.30 m/h (90 % interval 0.30 to 0.60; 5 of 5 readings believed, 2 of them doubtful).',
    zh: '触发原因：水位在 30 分钟内以每小时 0.60 m 的速度上涨，达到或超过每小时 0.30 m（90% 置信区间 0.30–0.60，采用 5 次读数，其中 2 次存疑）。',
  })
  expect(rule.sentences.clears('yellow')).toEqual({
    en: 'Clears when rising less than 0.24 m/h for 30 min.',
    zh: '涨速低于每小时 0.24 m 持续 30 分钟后解除。',
  })
})
