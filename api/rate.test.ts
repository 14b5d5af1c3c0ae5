import { expect, test } from '@jest/globals'
import { testHouse } from './testing/house.ts'

test('requests are counted by key, else by the address that a trusted proxy names; signs of life are not', async () => {
  const house = await testHouse({ config: { requestsPerMinute: 10, trustedProxies: ['127.0.0.0/8'] } })
  const { token } = await house.parts.keys.make({ name: 'k', scopes: ['read'], expiresAt: null, by: 'admin' })
  const ask = async (headers: Record<string, string>, url = '/api/v1/stations') => (await house.anyone({ url, headers })).statusCode
  const key = { authorization: `Bearer ${token}` }
  for (let n = 0; n < 10; n++) expect(await ask(key)).toBe(200)
  expect(await ask(key)).toBe(429)
  for (let n = 0; n < 10; n++) expect(await ask({})).toBe(200)
  expect(await ask({})).toBe(429)
  expect(await ask({ 'x-forwarded-for': '203.0.113.9' })).toBe(200)
  expect([await ask({}, '/healthz'), await ask({}, '/readyz')]).toEqual([200, 200])
  await house.app.close()
})
