import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { editDistance, hint, nearest } from './nearest.ts'

test('the nearest candidate is the one with the fewest slips', () => {
  const words = ['water_level', 'water_depth', 'river_discharge', 'ph']
  expect(nearest('watr_level', words)).toBe('water_level')
  expect(nearest('Water_Levle', words)).toBe('water_level')
  expect(nearest('discharge', words)).toBe('river_discharge')
  expect(nearest('hp', words)).toBe('ph')
  expect(nearest('zebra', words)).toBeNull()
  expect(nearest('', words)).toBeNull()
  expect(nearest('x'.repeat(200), words)).toBeNull()
})

test('a one-letter candidate is not the neighbour of every short word', () => {
  expect(nearest('x', ['m', 'g'])).toBeNull()
})

test('a hint is a question or nothing', () => {
  expect(hint('houry', ['hourly'])).toBe('; did you mean hourly?')
  expect(hint('zebra', ['hourly'])).toBe('')
})

test('edit distance counts insert, delete, replace and swap', () => {
  expect(editDistance('abc', 'abc')).toBe(0)
  expect(editDistance('abc', 'acb')).toBe(1)
  expect(editDistance('abc', 'ab')).toBe(1)
  expect(editDistance('', 'abc')).toBe(3)
  expect(editDistance('kitten', 'sitting')).toBe(3)
})

test('edit distance is symmetric, and a bound only cuts it off', () => {
  const word = fc.string({ maxLength: 12 })
  fc.assert(
    fc.property(word, word, fc.integer({ min: 1, max: 8 }), (a, b, bound) => {
      const full = editDistance(a, b)
      expect(editDistance(b, a)).toBe(full)
      expect(editDistance(a, b, bound)).toBe(Math.min(full, bound))
    }),
  )
})
