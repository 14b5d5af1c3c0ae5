import { expect, test } from '@jest/globals'
import { noReadingIn, orderOf, type LoadWish } from './plan.ts'

const wish: LoadWish = {
  ...{ devices: 600, profile: 'steady', window: null, everyMs: 60_000, minutes: 10, speed: 60, rate: null, churn: null },
}

test('a faster clock of the devices shortens interval and length alike', () => {
  expect(orderOf(wish, 5)).toMatchObject({ pace: { kind: 'open', phases: [{ perSecond: 600, ms: 10_000 }] }, startAt: 5, stepMs: 60_000 })
  expect(orderOf({ ...wish, speed: 1 }, 5)).toMatchObject({ pace: { phases: [{ perSecond: 10, ms: 600_000 }] }, keepAliveSeconds: 120 })
})

test('a ramp goes up in five steps to its rate, a soak lets a tenth of its devices come and go a minute', () => {
  const { pace } = orderOf({ ...wish, profile: 'ramp', rate: 1000 }, 0)
  expect(pace).toEqual({ kind: 'open', phases: [200, 400, 600, 800, 1000].map((perSecond) => ({ perSecond, ms: 2000 })) })
  expect(orderOf({ ...wish, profile: 'soak' }, 0).comingsPerMinute).toBe(60)
  expect(orderOf({ ...wish, churn: 7 }, 0).comingsPerMinute).toBe(7)
})

test('a closed loop has a window and a length, and no rate', () => {
  expect(orderOf({ ...wish, window: 20 }, 0).pace).toEqual({ kind: 'closed', window: 20, messages: null, ms: 10_000 })
})

test('a load in which no reading is due is told before it begins', () => {
  const five = { ...wish, devices: 5, speed: 1, minutes: 0.01 }
  expect(noReadingIn(five, 1)).toContain('within 0.6 s at 0.0833 readings a second')
  expect(noReadingIn({ ...five, minutes: 1 }, 1)).toBeNull()
  // 0.8 readings make one, but two processes with 0.4 each send none
  expect(noReadingIn({ ...five, devices: 4, rate: 0.8, minutes: 1 / 60 }, 1)).toBeNull()
  expect(noReadingIn({ ...five, devices: 4, rate: 0.8, minutes: 1 / 60 }, 2)).not.toBeNull()
  expect(noReadingIn({ ...five, window: 20 }, 1)).toBeNull()
})
