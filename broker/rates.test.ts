import { expect, test } from '@jest/globals'
import { PublishRate } from './publish-rate.ts'
import { login, openBroker, refusedWith, until } from './testing/brokers.ts'

test('while an address guesses, right logins from it come in, and guesses beyond the waiting ones get no answer', async () => {
  const { port, broker, reasons } = await openBroker()
  const guesses = Array.from({ length: 60 }, (_, n) => refusedWith(login(port, 'rtu-1', { password: `guess-${n}` })))
  await until(() => reasons().includes('login-throttled'))
  expect((await login(port, 'rtu-1')).connected).toBe(true)
  const answers = await Promise.all(guesses)
  const answered = answers.filter((one) => one === 4).length
  expect(reasons().filter((one) => one === 'login-refused')).toHaveLength(answered)
  expect(reasons().filter((one) => one === 'login-throttled')).toHaveLength(60 - answered)
  await until(() => broker.figures().connections === 1)
})

test('messages beyond the rate wait in order', async () => {
  let now = 0
  const rate = new PublishRate({ now: () => (now += 50), perSecond: 20, burst: 3 })
  const began = now
  expect([1, 2, 3, 4].map(() => rate.take(began))).toEqual([true, true, true, false])
  const released: number[] = []
  for (const n of [4, 5, 6]) rate.wait(() => released.push(n))
  // It is not the turn of a later one while others wait, whatever the clock says.
  expect(rate.take(now + 60_000)).toBe(false)
  await until(() => released.length === 3)
  expect(released).toEqual([4, 5, 6])
})

test('a device that publishes too fast is held back, all of it is kept, and others are not held', async () => {
  const { port, broker, heard } = await openBroker({}, { publishesPerSecond: 200, publishBurst: 10 })
  const fast = await login(port, 'rtu-1')
  const sent = Array.from({ length: 40 }, (_, n) => fast.publishAsync('devices/rtu-1/readings', `${n}`, { qos: 1 }))
  const other = await login(port, 'rtu-2')
  await other.publishAsync('devices/rtu-2/readings', 'x', { qos: 1 })
  await Promise.all(sent)
  expect(heard().filter((one) => one.startsWith('devices/rtu-1'))).toEqual(sent.map((_, n) => `devices/rtu-1/readings ${n}`))
  expect(broker.figures().held).toBeGreaterThan(0)
  expect(broker.figures().deliveries).toBe(41)
})
