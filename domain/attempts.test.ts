import { expect, test } from '@jest/globals'
import { addressKey, createAttempts } from './attempts.ts'

test('attempts count from their beginning and are forgiven when right', () => {
  let now = 1_000
  const attempts = createAttempts({ now: () => now, allowed: 2, windowMs: 100 })
  const first = attempts.begin('a')
  expect([first.waitMs, attempts.begin('a').waitMs]).toEqual([0, 0])
  expect(attempts.begin('a').waitMs).toBe(100)
  expect(attempts.begin('b').waitMs).toBe(0)
  first.forgive()
  expect(attempts.begin('a').waitMs).toBe(0)
  now += 60
  expect(attempts.begin('a').waitMs).toBe(40)
  now += 40
  expect(attempts.begin('a').waitMs).toBe(0)
})

test('no more keys are remembered than allowed', () => {
  const attempts = createAttempts({ now: () => 0, allowed: 1, windowMs: 100, keys: 3 })
  for (const key of ['a', 'b', 'c', 'd']) attempts.begin(key)
  expect(attempts.begin('d').waitMs).toBe(100)
  expect(attempts.begin('a').waitMs).toBe(0)
})

test('an address is an IPv4 address or the /64 of an IPv6 one', () => {
  const key = (address: string, expected: string) => expect(addressKey(address)).toBe(expected)
  key('192.0.2.7', '192.0.2.7')
  key('::ffff:192.0.2.7', '192.0.2.7')
  key('2001:db8:1:2:3:4:5:6', '2001:db8:1:2')
  key('2001:db8:1:2::9', '2001:db8:1:2')
  key('2001:db8::9', '2001:db8:0:0')
  key('::1', '0:0:0:0')
  key('fe80::1%eth0', 'fe80:0:0:0')
})
