import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { flagOf, markOf, SampleWindow, samplesOf, testsOf, timeAt, valueAt } from './samples.ts'

const held = (samples: SampleWindow): [number, number][] =>
  Array.from({ length: samples.end - samples.first }, (_, i) => [timeAt(samples, samples.first + i), valueAt(samples, samples.first + i)])

test('samples stand in time order however they came, the last one of a time wins', () => {
  const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 9 })), { maxLength: 120 })
  fc.assert(
    fc.property(entries, (list) => {
      const samples = new SampleWindow(Infinity, 1000)
      for (const [at, value] of list) samples.put(at, value, 1)
      expect(held(samples)).toEqual([...new Map(list)].sort((a, b) => a[0] - b[0]))
    }),
  )
})

test('what is too old goes, what goes for want of room is told', () => {
  const aged = new SampleWindow(100, 1000)
  for (let at = 0; at <= 10_000; at += 1) aged.push(at, at, 1)
  expect(aged.lostBefore).toBe(-Infinity)
  expect(aged.cells.length).toBeLessThan(1200)
  expect(aged.placeAt(9900)).toBeGreaterThanOrEqual(aged.first)
  expect(timeAt(aged, aged.placeAt(9900))).toBe(9900)
  const crowded = new SampleWindow(Infinity, 64)
  for (let at = 0; at < 1000; at += 1) crowded.push(at, at, 1)
  expect(crowded.end - crowded.first).toBeLessThanOrEqual(64)
  expect(crowded.lostBefore).toBe(timeAt(crowded, crowded.first))
  crowded.put(3, 99, 1)
  expect(timeAt(crowded, crowded.first)).toBeGreaterThan(3)
})

test('a place is found at or after a time', () => {
  const samples = samplesOf([
    [10, 1],
    [20, null],
    [30, 3],
  ])
  expect([5, 10, 11, 30, 31].map((at) => samples.placeAt(at))).toEqual([0, 0, 1, 2, 3])
  expect(valueAt(samples, 1)).toBeNaN()
  expect(samples.newest).toBe(30)
})

test('flag and tests lie in one mark', () => {
  for (const [flag, tests] of [
    [9, 0],
    [3, 255],
    [1, 2 ** 30],
  ] as const)
    expect([flagOf(markOf(flag, tests)), testsOf(markOf(flag, tests))]).toEqual([flag, tests])
})
