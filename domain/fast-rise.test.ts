import { expect, test } from '@jest/globals'
import { isBelieved, isExtreme, isFastRise, type Passing } from './fast-rise.ts'
import type { Flag } from './flag.ts'
import { testBits } from './quality-tests.ts'

const [fast, spike, arrival] = [testBits(['rate_of_change']), testBits(['spike']), testBits(['arrival_time'])]
const span = testBits(['gross_range'])
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

test('beyond the usual span a value is believed when the one before bears it out, not alone, not beside another doubt', () => {
  expect(isExtreme(reading(16, 3, span), reading(9, 1, 0))).toBe(true)
  expect(isExtreme(reading(16, 3, span | fast), reading(15, 3, span))).toBe(true)
  expect(isExtreme(reading(0, 3, span), reading(0, 3, span))).toBe(true)
  expect(isExtreme(reading(16, 3, span), reading(3, 1, 0))).toBe(false)
  expect(isExtreme(reading(16, 3, span), undefined)).toBe(false)
  expect(isExtreme(reading(16, 3, span), reading(null, 9, 0))).toBe(false)
  expect(isExtreme(reading(16, 3, span | spike), reading(16, 3, span))).toBe(false)
  expect(isExtreme(reading(16, 3, span), reading(16, 4, span))).toBe(false)
  expect(isExtreme(reading(16, 4, span), reading(16, 3, span))).toBe(false)
  expect(isBelieved(reading(16, 3, span), reading(15, 3, span), calm)).toBe(true)
  expect(isBelieved(reading(2, 3), calm, calm)).toBe(true)
})
