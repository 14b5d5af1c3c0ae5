import { expect, test } from '@jest/globals'
import { allNear, near } from '../testing/near.ts'
import { antecedentPa, api, apiAfter, counterIncrements, maxIntensity, slidingAccumulation } from './rain.ts'
import { rainEvents } from './rain-events.ts'

test('a counter that rolls over loses nothing, a reset is named', () => {
  const { increments, resets } = counterIncrements([250, 255, 3, 10, 0, 4], { perTip: 0.2, modulus: 256 })
  allNear(increments, [0, 1, 0.8, 1.4, 0, 0.8])
  expect(resets).toEqual([4])
  expect(counterIncrements([250, 255, 3], { perTip: 1, modulus: null })).toEqual({ increments: [0, 5, 3], resets: [2] })
  expect(counterIncrements([], { perTip: 1, modulus: null })).toEqual({ increments: [], resets: [] })
})

test('the sliding sum takes what is stamped in (t - W, t]', () => {
  allNear(slidingAccumulation([1, 2, 3, 4, 5, 6], [2, 0, 5.5, 10, 1.5, 0], 3), [2, 2, 7.5, 15.5, 17, 11.5])
})

test('the greatest intensity of a quarter of an hour', () => {
  near(maxIntensity([0, 2.4, 6, 4.2, 0.6, 0], { stepMinutes: 5, minutes: 15 }), 50.4)
  expect(maxIntensity([], { stepMinutes: 5, minutes: 15 })).toBe(0)
})

test('the antecedent indices', () => {
  allNear(api([10, 0, 25, 0], { k: 0.85, start: 12 }), [20.2, 17.17, 39.5945, 33.6553])
  near(apiAfter(12, { k: 0.85, elapsedMs: 30 * 3_600_000, depth: 5 }), 14.7939)
  allNear(antecedentPa([40, 0, 35], { k: 0.85, capacity: 100, start: 30 }), [30, 59.5, 50.575, 72.7387])
  allNear(antecedentPa([400], { capacity: 100, start: 30 }), [30, 100])
})

test('rain is parted into events by six dry hours, and drizzle is no event', () => {
  const hours = Array.from({ length: 15 }, (_, i) => i + 1)
  const events = rainEvents(hours, [1, 2.4, 0, 0, 0.4, 0, 0, 0, 0, 0, 0, 3.2, 5, 0, 0], { step: 1, dry: 6 })
  expect(events).toHaveLength(2)
  expect(events[0]).toMatchObject({ start: 0, end: 5, peak: 2.4 })
  near(events[0]?.depth, 3.8)
  near(events[0]?.mean, 0.76)
  expect(events[1]).toMatchObject({ start: 11, end: 13, peak: 5, depth: 8.2, mean: 4.1 })
  expect(rainEvents([1, 2], [0.3, 0.05], { step: 1, dry: 6 })).toEqual([])
})
