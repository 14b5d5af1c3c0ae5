import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { SampleWindow, samplesOf } from './samples.ts'

const held = (samples: SampleWindow): [number, number][] =>
  [...samples.times.subarray(samples.first, samples.end)].map((at, i) => [at, samples.values[samples.first + i] ?? NaN])

test('samples stand in time order however they came, the last one of a time wins', () => {
  const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 9 })), { maxLength: 120 })
  fc.assert(
    fc.property(entries, (list) => {
      const samples = new SampleWindow(Infinity, 1000)
      for (const [at, value] of list) samples.put(at, value, 1, 0)
      expect(held(samples)).toEqual([...new Map(list)].sort((a, b) => a[0] - b[0]))
    }),
  )
})

test('what is too old goes, what goes for want of room is told', () => {
  const aged = new SampleWindow(100, 1000)
  for (let at = 0; at <= 10_000; at += 1) aged.push(at, at, 1, 0)
  expect(aged.lostBefore).toBe(-Infinity)
  expect(aged.times.length).toBeLessThan(400)
  expect(aged.placeAt(9900)).toBeGreaterThanOrEqual(aged.first)
  expect(aged.times[aged.placeAt(9900)]).toBe(9900)
  const crowded = new SampleWindow(Infinity, 64)
  for (let at = 0; at < 1000; at += 1) crowded.push(at, at, 1, 0)
  expect(crowded.end - crowded.first).toBeLessThanOrEqual(64)
  expect(crowded.lostBefore).toBe(crowded.times[crowded.first])
  crowded.put(3, 99, 1, 0)
  expect(crowded.times[crowded.first]).toBeGreaterThan(3)
})

test('a place is found at or after a time', () => {
  const samples = samplesOf([
    [10, 1],
    [20, null],
    [30, 3],
  ])
  expect([5, 10, 11, 30, 31].map((at) => samples.placeAt(at))).toEqual([0, 0, 1, 2, 3])
  expect(samples.values[1]).toBeNaN()
  expect(samples.newest).toBe(30)
})
