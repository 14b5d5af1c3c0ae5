import { expect, test } from '@jest/globals'
import { isFastRise, type Passing } from './fast-rise.ts'
import type { Flag } from './flag.ts'
import { testBits } from './quality-tests.ts'

const [fast, spike, arrival] = [testBits(['rate_of_change']), testBits(['spike']), testBits(['arrival_time'])]
const reading = (value: number | null, flag: Flag, tests = fast): Passing => ({ value, flag, tests })
const calm = reading(1, 1, 0)

test('a suspicion of the rate test alone is believed, whatever mark says how the value came in', () => {
  expect(isFastRise(reading(2, 3), undefined, undefined)).toBe(true)
  expect(isFastRise(reading(2, 3, fast | arrival), calm, calm)).toBe(true)
  expect(isFastRise(reading(2, 3, fast | spike), calm, calm)).toBe(false)
  expect(isFastRise(calm, calm, calm)).toBe(false)
})

test('what the rate test fails is believed where it goes on, not where it jumps, turns back or has a hole before it', () => {
  expect(isFastRise(reading(3, 4), reading(2, 4), calm)).toBe(true)
  expect(isFastRise(reading(3, 4), reading(2, 3), calm)).toBe(true)
  expect(isFastRise(reading(-1, 4), reading(0, 4), calm)).toBe(true)
  expect(isFastRise(reading(3, 4), calm, calm)).toBe(false)
  expect(isFastRise(reading(1, 4), reading(2, 4), calm)).toBe(false)
  expect(isFastRise(reading(3, 4), reading(2, 4, fast | spike), calm)).toBe(false)
  expect(isFastRise(reading(3, 4), reading(null, 9, 0), calm)).toBe(false)
  expect(isFastRise(reading(3, 4), reading(2, 4), reading(null, 9, 0))).toBe(false)
  expect(isFastRise(reading(3, 4), reading(2, 4), undefined)).toBe(false)
})
