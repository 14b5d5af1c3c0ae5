import { expect, test } from '@jest/globals'
import type { TruthCrossing, TruthEvent } from '../truth/truth.ts'
import type { SeenWarning } from './seen.ts'
import { forecastScore } from './forecasts.ts'
import { warningScores } from './warnings.ts'

const [minute, hour] = [60_000, 3_600_000]
const place = { stations: 2, spanMs: 30.4375 * 24 * hour, sentAt: (_series: string, at: number) => at + 5 * minute }
const ofSeries = { station: 's1', parameter: 'water_level', number: 1 }

const event = (onset: number, end: number, level: TruthEvent['level'] = 'yellow'): TruthEvent => ({
  ...{ kind: 'event', id: `e${onset}`, type: 'flood', rule: 'level-high', ...ofSeries, level, onset, end },
  ...{ peak: { at: onset, value: 4 }, cause: null },
})
const warning = (raisedAt: number | null, others: Partial<SeenWarning> = {}): SeenWarning => ({
  ...{ rule: 'level-high', kind: 'threshold', station: 's1', series: 's1/water_level/1', level: 'yellow', onset: raisedAt ?? 0, raisedAt },
  ...{ retrospective: false, decided: null, limit: 3, figures: {} },
  ...others,
})

test('warnings are held against the events of their own rule and series', () => {
  const events = [event(10 * hour, 12 * hour, 'orange'), event(30 * hour, 31 * hour)]
  const warnings = [
    warning(10 * hour + 15 * minute),
    warning(20 * hour),
    warning(30 * hour, { series: 's2/water_level/1', station: 's2' }),
    warning(30 * hour, { rule: 'level-rising', kind: 'rate-of-rise' }),
  ]
  const { all, byRule } = warningScores(events, warnings, place)
  expect(all).toMatchObject({ events: 2, alarms: 4, hits: 1, misses: 1, falseAlarms: 3, pod: 0.5, far: 0.75, csi: 0.2, levelReached: 0 })
  expect([all.medianLeadMs, all.medianEvidenceMs, all.falsePerStationMonth]).toEqual([-15 * minute, 20 * minute, 1.5])
  expect(byRule.map(({ rule, hits, falseAlarms }) => [rule, hits, falseAlarms])).toEqual([
    ['level-high', 1, 2],
    ['level-rising', 0, 1],
  ])
})

test('each alarm is a hit, one more of an event that has one, or false', () => {
  const events = [event(10 * hour, 12 * hour), event(30 * hour, 31 * hour)]
  const [first, second, stray] = [warning(10 * hour), warning(11 * hour), warning(20 * hour)]
  const { hits, again, falseOnes } = warningScores(events, [stray, second, first], place).matches
  expect(hits.map(({ event, alarm }) => [event, alarm])).toEqual([[events[0], first]])
  expect([again, falseOnes]).toEqual([[second], [stray]])
})

test('what never became active, came from late data only, or tells of silence and trends is no alarm', () => {
  const warnings = [
    ...[warning(null), warning(hour, { retrospective: true })],
    ...[warning(hour, { kind: 'silence', rule: 'silent' }), warning(hour, { kind: 'trend', rule: 'creeping' })],
  ]
  expect(warningScores([event(hour, 2 * hour)], warnings, place).all).toMatchObject({ alarms: 0, hits: 0, misses: 1, falseAlarms: 0 })
})

test('a forecast is right when the limit is crossed within its interval', () => {
  const crossing = (at: number, direction: TruthCrossing['direction'] = 'entered'): TruthCrossing => ({
    ...{ kind: 'crossing', ...ofSeries, level: 'yellow', limit: 3, direction, at },
  })
  const forecast = (raisedAt: number, earliestMs: number, latestMs: number | null): SeenWarning =>
    warning(raisedAt, { kind: 'trend', rule: 'creeping', figures: { timeToThresholdMs: 10 * hour, earliestMs, latestMs } })
  const crossings = [crossing(5 * hour), crossing(6 * hour, 'left'), crossing(20 * hour)]
  const scored = (...warnings: SeenWarning[]): unknown => forecastScore(crossings, warnings)
  expect(scored(forecast(hour, 3 * hour, 5 * hour))).toEqual({ crossed: 1, within: 1, never: 0, coverage: 1 })
  expect(scored(forecast(hour, 6 * hour, 8 * hour), forecast(10 * hour, 9 * hour, null))).toMatchObject({
    crossed: 2,
    within: 1,
    coverage: 0.5,
  })
  expect(scored(forecast(21 * hour, 1, null))).toEqual({ crossed: 0, within: 0, never: 1, coverage: null })
})

test('an officer could be told when what decided had been sent and received and the server was through with it', () => {
  const decided = (minutes: number, serverMs: number | null) => ({
    ...{ observedAt: 10 * hour, receivedAt: 10 * hour + minutes * minute, arrivedAt: 1_000 },
    keptAt: serverMs === null ? null : 1_000 + serverMs,
  })
  const told = (...alarms: SeenWarning[]): unknown => {
    const { medianEvidenceMs, medianNotifyMs, mostNotifyMs, medianServerMs } = warningScores(
      [event(10 * hour, 12 * hour), event(30 * hour, 31 * hour)],
      alarms,
      place,
    ).all
    return [medianEvidenceMs, medianNotifyMs, mostNotifyMs, medianServerMs]
  }
  const [fifteen, five] = [15 * minute, 5 * minute]
  // sent 5 min after it was measured at the onset: before and behind what the clock of the run shows at its receipt
  expect(told(warning(10 * hour + fifteen, { decided: decided(0, 700) }))).toEqual([five, five + 700, five + 700, 700])
  expect(told(warning(10 * hour, { decided: decided(15, 700) }))).toEqual([five, fifteen + 700, fifteen + 700, 700])
  // of a server that does not tell, nothing is known
  expect(told(warning(10 * hour, { decided: decided(15, null) }))).toEqual([five, null, null, null])
  expect(told(warning(10 * hour + fifteen))).toEqual([20 * minute, null, null, null])
})
