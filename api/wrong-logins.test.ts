import { expect, test } from '@jest/globals'
import type { InjectOptions } from 'fastify'
import { testHouse, type TestHouse } from './testing/house.ts'

const basic = (name: string, secret: string): string => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
const delivery = (authorization: string): InjectOptions => ({
  ...{ method: 'POST', url: '/api/v1/deliveries', payload: '{}' },
  headers: { 'content-type': 'application/json', authorization },
})
const reading = (authorization: string): InjectOptions => ({ url: '/api/v1/stations', headers: { authorization } })

interface Guessed {
  house: TestHouse
  /** `address name` of each wrong login that was judged. */
  wrong: string[]
  status(options: InjectOptions): Promise<number>
}

async function guessed(waitMs: number | null): Promise<Guessed> {
  const wrong: string[] = []
  const pace = { wrong: (address: string, name: string) => (wrong.push(`${address} ${name}`), waitMs) }
  const house = await testHouse({ parts: { pace } })
  return { house, wrong, status: async (options) => (await house.anyone(options)).statusCode }
}

test('each wrong login is judged once, under the name that it was for and never under what may be a secret', async () => {
  const { house, wrong, status } = await guessed(0)
  const right = basic('rtu-0017', 'secret-of-0017')
  expect(await status(delivery(basic('rtu-0017', 'guess')))).toBe(401)
  expect(await status(delivery('Bearer a-secret-alone'))).toBe(401)
  expect(await status({ url: '/api/v1/deliveries/1/receipt', headers: { authorization: basic('rtu-0017', 'guess') } })).toBe(401)
  expect(await status(reading('Bearer gk_12345678-and-the-rest'))).toBe(401)
  expect(await status(reading('Bearer what-may-be-a-token'))).toBe(401)
  expect(wrong).toEqual(['rtu-0017', '', 'rtu-0017', 'gk_12345678', ''].map((name) => `127.0.0.1 ${name}`))
  expect(house.noted.map(({ reason, detail }) => `${reason} ${detail}`)).toEqual(
    wrong.map((one) => one.replace('127.0.0.1', 'login-refused')),
  )

  expect(await status(delivery(right))).toBe(202)
  expect(await status({ url: '/api/v1/deliveries/1/receipt', headers: { authorization: right } })).toBe(200)
  expect(await status({ url: '/api/v1/deliveries/1/receipt', headers: { authorization: 'Bearer rtu-0017:secret-of-0017' } })).toBe(200)
  // no login at all is no wrong one: a client may ask first how to log in
  expect(await status({ method: 'POST', url: '/api/v1/deliveries', payload: {} })).toBe(401)
  expect(wrong).toHaveLength(5)
  expect([...house.app.refused()]).toEqual([
    ['login-refused', 5],
    ['login-needed', 1],
  ])
  await house.app.close()
})

test('a wrong login beyond those that wait gets no answer, and its connection is closed; one that a proxy brings is told', async () => {
  const { house, status } = await guessed(null)
  const address = await house.app.listen({ port: 0, host: '127.0.0.1' })
  await expect(fetch(`${address}/api/v1/stations`, { headers: { authorization: 'Bearer gk_wrong' } })).rejects.toThrow('fetch failed')
  expect([...house.app.refused()]).toEqual([['login-throttled', 1]])
  expect(house.noted).toMatchObject([{ action: 'stations', reason: 'login-throttled', address: '127.0.0.1', detail: 'gk_wrong' }])
  // what came over no connection of its own
  expect(await status(reading('Bearer gk_wrong'))).toBe(429)
  await house.app.close()
})

test('the connection of a wrong login ends with its answer', async () => {
  const { house } = await guessed(0)
  const answer = await house.anyone(delivery(basic('rtu-0017', 'guess')))
  expect(answer.headers).toMatchObject({ connection: 'close', 'www-authenticate': expect.stringContaining('Basic') })
  await house.app.close()
})
