import { expect, test } from '@jest/globals'
import { minute, testHouse, type TestHouse } from './testing/house.ts'

const open = async (house: TestHouse, body: object) =>
  (await house.cli({ method: 'POST', url: '/api/v1/claims', payload: body })).json<{ code: string; until: number }>()

const claim = async (house: TestHouse, device: string, code: string, remoteAddress = '192.0.2.1') => {
  const answer = await house.anyone({ method: 'POST', url: `/api/v1/devices/${device}/claim`, payload: { code }, remoteAddress })
  const { secret, code: problem } = answer.json<{ secret?: string; code?: string }>()
  return secret ?? problem
}

test('a device gets its secret for the code, once, and only while the window is open', async () => {
  const house = await testHouse()
  const { code, until } = await open(house, { minutes: 15 })
  expect(code).toMatch(/^([a-z2-9]{4}-){2}[a-z2-9]{4}$/)
  expect(until).toBe(house.clock.now + 15 * minute)
  expect(await claim(house, 'rtu-real', 'aaaa-aaaa-aaaa')).toBe('claim-refused')
  expect(await claim(house, 'rtu-real', code)).toBe('new-secret-of-rtu-real')
  expect(await claim(house, 'rtu-real', code)).toBe('claim-refused')
  house.clock.now += 15 * minute
  expect(await claim(house, 'rtu-real', code)).toBe('claim-refused')
  expect(house.parts.claims.figures()).toEqual({ given: 1, refused: 3, open: 0 })
  await house.app.close()
})

test('two claims at the same moment are one', async () => {
  const house = await testHouse()
  const { code } = await open(house, { minutes: 15 })
  const both = await Promise.all([claim(house, 'rtu-real', code), claim(house, 'rtu-real', code)])
  expect(both.sort()).toEqual(['claim-refused', 'new-secret-of-rtu-real'])
  await house.app.close()
})

test('whoever has a secret claims only when the window names it; the simulated never', async () => {
  const house = await testHouse()
  await house.parts.credentials.issue(['rtu-real' as never])
  const any = await open(house, { minutes: 5 })
  expect(await claim(house, 'rtu-real', any.code)).toBe('claim-refused')
  // one that was put out has to be named too
  await house.parts.credentials.revoke('rtu-real' as never)
  expect(await claim(house, 'rtu-real', any.code)).toBe('claim-refused')
  const named = await open(house, { minutes: 5, devices: ['rtu-real', 'rtu-0017'] })
  expect(await claim(house, 'rtu-real', named.code)).toBe('new-secret-of-rtu-real')
  expect(await claim(house, 'rtu-0017', named.code)).toBe('claim-refused')
  expect(await claim(house, 'nobody', named.code)).toBe('claim-refused')
  const wrong = await house.cli({ method: 'POST', url: '/api/v1/claims', payload: { minutes: 5, devices: ['rtu-rea'] } })
  expect(wrong.json<{ detail: string }>().detail).toContain('rtu-real')
  await house.app.close()
})

test('after five wrong codes an address waits; windows are bounded', async () => {
  const house = await testHouse()
  const { code } = await open(house, { minutes: 15 })
  for (let i = 0; i < 5; i += 1) expect(await claim(house, 'rtu-real', 'wrong')).toBe('claim-refused')
  expect(await claim(house, 'rtu-real', code)).toBe('too-many')
  expect(await claim(house, 'rtu-real', code, '192.0.2.2')).toBe('new-secret-of-rtu-real')
  for (let i = 0; i < 19; i += 1) await open(house, { minutes: 1 })
  expect(await open(house, { minutes: 1 })).toMatchObject({ code: 'conflict' })
  await house.app.close()
})
