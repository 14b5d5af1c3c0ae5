import { expect, test } from '@jest/globals'
import type { RuleDefinition } from '../../domain/network.ts'
import { evaluateTrend, type Median, type TrendEvaluation } from '../jobs/trend-evaluation.ts'
import type { TrendRule } from '../rule-kind.ts'
import { dawn, hour, minute, networkWith, ruleOf, sensorAt, stationWith } from '../testing/places.ts'
import { advance, trend, type TrendState } from './trend.ts'

const oxygen = sensorAt('lake', 'dissolved_oxygen')
const ammonia = sensorAt('lake', 'ammonia_nitrogen', { stages: new Map([['class3', 1]]) })
const level = sensorAt('lake', 'water_level', { stages: new Map([['warning', 3]]) })

function bound(key: string, rules: readonly RuleDefinition[] = [], settings: Record<string, unknown> = {}): TrendRule | null {
  const station = stationWith('lake', [oxygen, ammonia, level])
  const rule = rules.find((each) => each.kind === 'trend') ?? ruleOf('trend', { parameter: sensorAt('x', key).parameter.key })
  const [found] = trend.bind(rule, settings, { station, network: networkWith([station], rules) })
  return found?.drivenBy === 'job' ? found : null
}

/** Hourly medians up to `dawn`. */
const medians = (count: number, value: (hoursBeforeNow: number) => number): Median[] =>
  Array.from({ length: count }, (_, i) => ({ at: dawn - (count - i) * hour, median: value(count - i) }))

const noise = (i: number): number => (((i * 7919) % 17) - 8) / 400

function evaluated(rule: TrendRule | null, points: readonly Median[], asOf = dawn): TrendEvaluation {
  if (!rule) throw new Error('the rule is off')
  return evaluateTrend({ ...rule, everyMs: rule.sensor.everyMs }, points, asOf)
}

test('a slow rise toward a stage is confirmed, with the time it has left', () => {
  const found = evaluated(
    bound('ammonia_nitrogen'),
    medians(72, (h) => 0.7 - 0.003 * h + noise(h)),
  )
  expect(found.trend?.slope).toBeCloseTo(0.003, 3)
  expect(found.trend?.limit).toBe(1)
  expect((found.trend?.timeToThresholdMs ?? 0) / hour).toBeGreaterThan(85)
  expect((found.trend?.timeToThresholdMs ?? 0) / hour).toBeLessThan(115)
  expect(found.trend?.earliestMs).toBeLessThan(found.trend?.timeToThresholdMs ?? 0)
  expect(found.trend?.latestMs).toBeGreaterThan(found.trend?.timeToThresholdMs ?? 0)
})

test('away from every limit, too slow, level or hidden in noise: unconfirmed', () => {
  const rule = bound('ammonia_nitrogen')
  const status = (value: (h: number) => number) => evaluated(rule, medians(72, value)).status
  expect(status((h) => 0.7 + 0.003 * h)).toBe('unconfirmed')
  expect(status((h) => 0.5 - 0.0001 * h)).toBe('unconfirmed')
  expect(status(() => 0.5)).toBe('unconfirmed')
  expect(status((h) => 0.5 + 4 * noise(h))).toBe('unconfirmed')
  expect(status((h) => 1.4 - 0.003 * h)).toBe('unconfirmed')
})

test('too few hours, or a sensor that stopped, prove nothing', () => {
  const rule = bound('ammonia_nitrogen')
  const rising = medians(72, (h) => 0.7 - 0.003 * h)
  expect(evaluated(rule, rising.slice(-7)).status).toBe('insufficient')
  expect(evaluated(rule, rising.slice(-8)).status).toBe('confirmed')
  expect(evaluated(rule, rising.slice(0, 66)).status).toBe('insufficient')
  expect(evaluated(rule, []).status).toBe('insufficient')
})

test('the daily swing of oxygen is no trend, a loss under it is, and dawn is where the limit is met', () => {
  const limit = ruleOf('threshold', {
    id: 'low' as RuleDefinition['id'],
    parameter: oxygen.parameter.key,
    levels: { yellow: 3 },
    settings: { direction: 'down' },
  })
  const rule = bound('dissolved_oxygen', [limit, ruleOf('trend', { parameter: oxygen.parameter.key })])
  const swing = (h: number): number => 8 + 2 * Math.sin((2 * Math.PI * h) / 24)
  expect(evaluated(rule, medians(66, swing)).status).toBe('unconfirmed')
  const found = evaluated(
    rule,
    medians(72, (h) => swing(h) + 0.05 * h + noise(h)),
  )
  expect(found.trend?.slope).toBeCloseTo(-0.05, 3)
  expect(found.trend?.level).toBeCloseTo(6, 1)
  expect((found.trend?.timeToThresholdMs ?? 0) / hour).toBeCloseTo(60, -1)
})

/** A river up to `dawn`: its hourly medians, and those of five minutes. */
function river(value: (hoursBeforeNow: number) => number): { hours: Median[]; recent: Median[] } {
  const recent = Array.from({ length: 120 }, (_, i) => ({
    at: dawn - (120 - i) * 5 * minute,
    median: value((119.5 - i) / 12) + noise(i) / 10,
  }))
  return { hours: medians(10, (h) => value(h - 0.5)), recent }
}

test('a flood goes on at its pace of now, not at that of its first hours, and the interval says how paces change', () => {
  const rule = bound('water_level', [], { window: '10h', horizon: '12h' })
  if (!rule) throw new Error('off')
  const evaluatedAt = ({ hours, recent }: ReturnType<typeof river>) =>
    evaluateTrend({ ...rule, everyMs: 5 * minute }, hours, dawn, recent).trend
  // 1 m and 0.05 m/h for eight hours, then 0.5 m/h: 2 m now, two hours to go
  const flood = evaluatedAt(river((h) => 1.2 - 0.05 * h + 0.45 * Math.max(0, 2 - h) - 0.1))
  expect(flood?.slope).toBeCloseTo(0.5, 1)
  expect(flood?.level).toBeCloseTo(2, 1)
  expect((flood?.timeToThresholdMs ?? 0) / hour).toBeCloseTo(2, 0)
  expect((flood?.earliestMs ?? 0) / (flood?.timeToThresholdMs ?? 1)).toBeCloseTo(1 / 6, 3)
  expect((flood?.latestMs ?? 0) / (flood?.timeToThresholdMs ?? 1)).toBeCloseTo(3, 3)
  expect((flood?.paceMs ?? Infinity) / hour).toBeLessThanOrEqual(2.6)
  const { hours } = river((h) => 1.2 - 0.05 * h + 0.45 * Math.max(0, 2 - h) - 0.1)
  expect(evaluated(rule, hours).trend?.paceMs ?? null).toBeNull()
})

test('a river that rose and falls by now is on no way to a limit', () => {
  const rule = bound('water_level', [], { window: '10h', horizon: '12h' })
  if (!rule) throw new Error('off')
  const turned = (h: number): number => (h > 2 ? 2.5 - 0.2 * (h - 2) : 2.5 - 0.2 * (2 - h))
  const { hours, recent } = river(turned)
  expect(evaluateTrend({ ...rule, everyMs: 5 * minute }, hours, dawn).status).toBe('confirmed')
  expect(evaluateTrend({ ...rule, everyMs: 5 * minute }, hours, dawn, recent).status).toBe('unconfirmed')
})

test('an hour of soft rain under a far stage is no flood', () => {
  const rule = bound('water_level', [], { window: '10h', horizon: '12h' })
  if (!rule) throw new Error('off')
  const lifted = (slow: number) => river((h) => 1 - slow * h + 0.2 * Math.max(0, 1.5 - h))
  const statusOf = ({ hours, recent }: ReturnType<typeof river>) =>
    evaluateTrend({ ...rule, everyMs: 5 * minute }, hours, dawn, recent).status
  expect(statusOf(lifted(0.02))).toBe('unconfirmed')
  expect(statusOf(lifted(0.2))).toBe('confirmed')
})

test('limits: its own, else those of the threshold rules, else the stages, else the rule is off', () => {
  const parameter = ammonia.parameter.key
  const own = ruleOf('trend', { parameter, levels: { yellow: 2 } })
  const limit = ruleOf('threshold', { parameter, levels: { yellow: 1.5 } })
  expect(bound('', [own, limit])?.limits).toEqual([{ value: 2, sign: 1 }])
  expect(bound('', [ruleOf('trend', { parameter }), limit])?.limits).toEqual([{ value: 1.5, sign: 1 }])
  expect(bound('ammonia_nitrogen')?.limits).toEqual([{ value: 1, sign: 1 }])
  expect(bound('dissolved_oxygen')).toBeNull()
})

test('raised when confirmed, kept through doubt and silence, ended when unconfirmed twice running', () => {
  const rule = bound('ammonia_nitrogen')
  if (!rule) throw new Error('off')
  const confirmed = evaluated(
    rule,
    medians(72, (h) => 0.7 - 0.003 * h),
  )
  const [doubt, little] = [
    { status: 'unconfirmed', trend: null },
    { status: 'insufficient', trend: null },
  ] as const
  const run = (verdicts: readonly TrendEvaluation[]): TrendState =>
    verdicts.reduce<TrendState>(
      (state, now, i) => advance(rule, state, dawn + i * hour, { now, before: () => verdicts[i - 1] ?? little }),
      null,
    )
  expect(run([doubt, little])).toBeNull()
  expect(run([confirmed, doubt, confirmed, doubt, little, doubt])?.changes).toHaveLength(1)
  expect(run([confirmed, confirmed, doubt, doubt])?.changes.map(({ at, level }) => [at - dawn, level])).toEqual([
    [0, 'blue'],
    [3 * hour, null],
  ])
})

test('a flood says since when it goes at its pace', () => {
  const rule = bound('water_level', [], { window: '10h', horizon: '12h' })
  if (!rule) throw new Error('off')
  const { hours, recent } = river((h) => 1.1 - 0.05 * h + 0.45 * Math.max(0, 2 - h))
  const now = evaluateTrend({ ...rule, everyMs: 5 * minute }, hours, dawn, recent)
  const raised = advance(rule, null, dawn, { now, before: () => now })?.changes[0]
  if (!raised) throw new Error('not raised')
  const { en, zh } = rule.sentences.why(raised, null)
  expect(en).toMatch(
    / the level rose by 0\.\d+ m an hour over the last .* of 10 h \(.*, 10 hourly medians\)\. Expected to pass 3\.00 m at /,
  )
  expect(zh).toMatch(/水位在 10 小时内的最近 .*平均每小时上涨 0\.\d+ m/)
})

test('the sentences of a trend', () => {
  const rule = bound('ammonia_nitrogen')
  if (!rule) throw new Error('off')
  const now = evaluated(
    rule,
    medians(72, (h) => 0.7 - 0.003 * h + noise(h)),
  )
  const raised = advance(rule, null, dawn, { now, before: () => now })?.changes[0]
  if (!raised) throw new Error('not raised')
  const { en, zh } = rule.sentences.why(raised, null)
  expect(en).toMatch(
    /^Raised because the ammonia nitrogen rose by 0\.00\d+ mg\/L an hour over 3 d \(Mann-Kendall p below 0\.001, 72 hourly medians\)\. Expected to pass 1\.00 mg\/L at 2026-11-2\d \d\d:\d\d \(2026-11-2\d \d\d:\d\d to 2026-11-\d\d \d\d:\d\d, 9 in 10\)\.$/,
  )
  expect(zh).toMatch(
    /^触发原因：氨氮在 3 天内平均每小时上升 0\.00\d+ mg\/L（.*，72 个小时中值）。预计 2026-11-2\d .*（.* 至 .*，九成把握）超过 1\.00 mg\/L。$/,
  )
})

test('a trend that rests on doubtful readings says so', () => {
  const rule = bound('ammonia_nitrogen')
  if (!rule) throw new Error('off')
  const rise = medians(72, (h) => 0.7 - 0.003 * h + noise(h)).map((each, i) => (i % 12 === 0 ? { ...each, isDoubtful: true } : each))
  const now = evaluated(rule, rise)
  const raised = advance(rule, null, dawn, { now, before: () => now })?.changes[0]
  if (!raised) throw new Error('not raised')
  expect(raised.evidence.doubtful).toBe(6)
  const { en, zh } = rule.sentences.why(raised, null)
  expect(en).toContain('(Mann-Kendall p below 0.001, 72 hourly medians, 6 of them with doubtful readings). Expected')
  expect(zh).toContain('（Mann-Kendall p 低于 0.001，72 个小时中值，其中 6 个含存疑读数）。')
})

test('a forecast is told anew when the limit is expected outside the bounds that were told, and only then', () => {
  const rule = bound('water_level')
  if (!rule) throw new Error('off')
  const aim = (timeToThresholdMs: number): TrendEvaluation => ({
    status: 'confirmed',
    trend: {
      ...{ slope: 0.1, lower: 0.09, upper: 0.11, p: 0.001, n: 72, doubtful: 0, level: 2, limit: 3, paceMs: hour },
      ...{ timeToThresholdMs, earliestMs: timeToThresholdMs / 6, latestMs: timeToThresholdMs * 3 },
    },
  })
  const carry = (left: readonly number[]): TrendState =>
    left.reduce<TrendState>((state, ms, i) => {
      const now = aim(ms)
      return advance(rule, state, dawn + i * hour, { now, before: () => now })
    }, null)
  const toldAt = (state: TrendState) => state?.changes.map(({ at }) => (at - dawn) / hour)
  expect(toldAt(carry([12 * hour, 11 * hour, 3 * hour, 20 * hour]))).toEqual([0])
  // within half an hour where two hours were the earliest; then behind the latest, which is an hour and a half from there
  const revised = carry([12 * hour, 30 * minute, 29 * minute, 6 * hour])
  expect(toldAt(revised)).toEqual([0, 1, 3])
  const change = revised?.changes[1]
  if (!change) throw new Error('not revised')
  expect(rule.sentences.why(change, 'blue')).toEqual({
    en: 'Revised, for the level rose by 0.10 m an hour over the last 1 h of 3 d (Mann-Kendall p 0.001, 72 hourly medians). Expected to pass 3.00 m at 2026-11-22 09:30 (2026-11-22 09:05 to 2026-11-22 10:30, 9 in 10).',
    zh: '预报修正：水位在 3 天内的最近 1 小时平均每小时上涨 0.10 m（Mann-Kendall p 0.001，72 个小时中值）。预计 2026-11-22 09:30（2026-11-22 09:05 至 2026-11-22 10:30，九成把握）超过 3.00 m。',
  })
})
