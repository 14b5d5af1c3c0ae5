import { expect, test } from '@jest/globals'
import type { TruthEvent } from '../truth/truth.ts'
import { trendScores } from './forecasts.ts'
import type { SeenWarning } from './seen.ts'
import { silenceScores } from './silences.ts'
import { warningScores } from './warnings.ts'

const hour = 3_600_000
const event = (ruleKind: 'silence' | 'trend', onset: number, end: number, others: Partial<TruthEvent> = {}): TruthEvent => ({
  ...{ kind: 'event', id: `e${onset}`, type: 'x', rule: ruleKind, ruleKind, station: 's1', parameter: 'water_level', number: 1 },
  ...{ level: 'blue', onset, end, peak: { at: onset, value: 4 }, cause: null },
  ...(ruleKind === 'trend' && { ahead: { limit: 3, withinMs: 12 * hour } }),
  ...others,
})
const warning = (kind: 'silence' | 'trend', raisedAt: number, others: Partial<SeenWarning> = {}): SeenWarning => ({
  ...{ rule: kind, kind, station: 's1', series: 's1/water_level/1', level: 'blue', onset: raisedAt - hour, raisedAt },
  ...{ retrospective: false, decided: null, limit: 3, figures: { timeToThresholdMs: 2 * hour, earliestMs: hour, latestMs: 3 * hour } },
  ...others,
})

test('a silence without a warning is missed, a warning while readings came is false, one in a short silence is neither', () => {
  const scored = (heard: boolean, ...warnings: SeenWarning[]): unknown => {
    const events = [event('silence', 10 * hour, 14 * hour)]
    const { all } = silenceScores(events, warnings, { wasHeard: () => heard, endAt: 50 * hour })
    return [all.hits, all.misses, all.falseAlarms, all.undecided, all.medianLeadMs]
  }
  expect(scored(true)).toEqual([0, 1, 0, 0, null])
  expect(scored(true, warning('silence', 10 * hour), warning('silence', 20 * hour))).toEqual([1, 0, 1, 0, 0])
  expect(scored(false, warning('silence', 11 * hour), warning('silence', 20 * hour))).toEqual([1, 0, 0, 1, -hour])
  // nobody knows what came behind the end
  expect(scored(true, warning('silence', 51 * hour))).toEqual([0, 1, 0, 1, null])
  expect(scored(true, warning('silence', 10 * hour, { series: 's2/water_level/1', station: 's2' }))).toEqual([0, 1, 1, 0, null])
})

test('a trend is a hit before its limit is crossed, within what its rule looks ahead', () => {
  const scored = (...warnings: SeenWarning[]): unknown => {
    const { all } = trendScores([event('trend', 20 * hour, 30 * hour)], warnings, 50 * hour)
    return [all.hits, all.misses, all.falseAlarms, all.undecided, all.medianLeadMs]
  }
  expect(scored(warning('trend', 18 * hour), warning('trend', 19 * hour))).toEqual([1, 0, 0, 0, 2 * hour])
  expect(scored(warning('trend', 8 * hour))).toEqual([1, 0, 0, 0, 12 * hour])
  expect(scored(warning('trend', 7 * hour))).toEqual([0, 1, 1, 0, null])
  // once it is beyond, nobody needs to be told that it will be
  expect(scored(warning('trend', 20 * hour), warning('trend', 21 * hour))).toEqual([0, 1, 2, 0, null])
  expect(scored(warning('trend', 18 * hour, { limit: 4 }))).toEqual([0, 1, 1, 0, null])
  // its time was not up at the end
  expect(scored(warning('trend', 48 * hour), warning('trend', 46 * hour))).toEqual([0, 1, 1, 1, null])
})

test('silence and trends are rows of their own and no part of the totals', () => {
  const events = [event('silence', 10 * hour, 14 * hour), event('trend', 20 * hour, 30 * hour)]
  const warnings = [warning('silence', 10 * hour), warning('trend', 40 * hour)]
  const place = { stations: 1, spanMs: hour, sentAt: () => null }
  expect(warningScores(events, warnings, place).all).toMatchObject({ events: 0, alarms: 0, falseAlarms: 0, csi: null })
  const silences = silenceScores(events, warnings, { wasHeard: () => true, endAt: 50 * hour }).byRule
  const trends = trendScores(events, warnings, 50 * hour).byRule
  expect([...silences, ...trends].map(({ rule, family, events, hits, falseAlarms }) => [rule, family, events, hits, falseAlarms])).toEqual([
    ['silence', 'silence', 1, 1, 0],
    ['trend', 'trend', 1, 0, 1],
  ])
})
