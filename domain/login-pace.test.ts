import { expect, test } from '@jest/globals'
import { createLoginPace } from './login-pace.ts'

test('five wrong logins of an address are answered at once, then ten a second, and so many wait', () => {
  let now = 0
  const pace = createLoginPace({ now: () => now, wrongLogins: 5 })
  const waits = (count: number) => Array.from({ length: count }, (_, n) => pace.wrong('192.0.2.1', `name-${n}`))
  expect(waits(8)).toEqual([0, 0, 0, 0, 0, 100, 200, 300])
  expect(waits(20).slice(-4)).toEqual([2_000, null, null, null])
  expect(pace.wrong('192.0.2.2', 'other')).toBe(0)
  now = 1_000
  expect(pace.wrong('192.0.2.1', 'name')).toBe(1_100)
  now = -3_600_000
  expect(pace.wrong('192.0.2.1', 'name')).not.toBeNull()
  now = 120_000
  expect(pace.wrong('192.0.2.1', 'name')).toBe(0)
})

test('one user name that is guessed from many addresses is answered slowly too', () => {
  const pace = createLoginPace({ now: () => 0, wrongLogins: 2 })
  expect([1, 2, 3].map((n) => pace.wrong(`192.0.2.${n}`, 'rtu-1'))).toEqual([0, 0, 100])
})

test('a login without a name counts for its address alone', () => {
  const pace = createLoginPace({ now: () => 0, wrongLogins: 1 })
  expect([1, 2, 1].map((n) => pace.wrong(`192.0.2.${n}`, ''))).toEqual([0, 0, 100])
})
