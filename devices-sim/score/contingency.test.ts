import { expect, test } from '@jest/globals'
import { falseAlarmRate, matchAlarms, quantileOf, skillOf } from './contingency.ts'

const near = (value: number | null, expected: number): void => expect(value ?? NaN).toBeCloseTo(expected, 5)

test('the worked example of the algorithms page comes out', () => {
  const events = [
    { start: 10, end: 12 },
    { start: 30, end: 35 },
  ]
  const alarms = [7, 20, 31]
  const { firstAlarms, falseAlarms } = matchAlarms(events, alarms, { lead: 4, tol: 0 })
  expect([firstAlarms, falseAlarms]).toEqual([[0, 2], [1]])
  const { pod, far, csi } = skillOf(2, 0, 1)
  near(pod, 1)
  near(far, 0.333333)
  near(csi, 0.666667)
  const leads = events.map(({ start }, i) => start - (alarms[firstAlarms[i] ?? -1] ?? NaN))
  near(leads.reduce((sum, lead) => sum + lead, 0) / leads.length, 1)
})

test('an alarm belongs to one event, and a second alarm of an event is neither a hit nor false', () => {
  const matched = (events: [number, number][], alarms: number[]): unknown => {
    const { firstAlarms, falseAlarms } = matchAlarms(
      events.map(([start, end]) => ({ start, end })),
      alarms,
      { lead: 5, tol: 5 },
    )
    return [firstAlarms, falseAlarms]
  }
  // one alarm between two events hits one of them
  expect(matched([[10, 12], [18, 20]], [15])).toEqual([[null, 0], []]) // prettier-ignore
  expect(matched([[10, 12], [18, 20]], [15, 16])).toEqual([[1, 0], []]) // prettier-ignore
  expect(matched([[10, 12]], [10, 11, 40])).toEqual([[0], [2]])
  // both ends are inclusive; alarms need no order
  expect(matched([[10, 12]], [17])).toEqual([[0], []])
  expect(matched([[10, 12]], [18, 5])).toEqual([[1], [0]])
  expect(matched([], [1])).toEqual([[], [0]])
})

test('what cannot be divided is null, and rates are per station and month of 30.4375 days', () => {
  expect(skillOf(0, 0, 0)).toMatchObject({ pod: null, far: null, csi: null })
  near(falseAlarmRate(6, 3, 2 * 30.4375 * 86_400_000), 1)
  expect(falseAlarmRate(1, 0, 1)).toBeNull()
  expect([quantileOf([], 0.5), quantileOf([3, 1, 2], 0.5), quantileOf([0, 10], 0.9)]).toEqual([null, 2, 9])
})
