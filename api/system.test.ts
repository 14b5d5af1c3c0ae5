import { expect, test } from '@jest/globals'
import { StoreUnavailable } from '../store/errors.ts'
import { createMemoryStore } from '../store/memory.ts'
import { apiErrors } from './errors.ts'
import { testHouse } from './testing/house.ts'

test('readiness is the sum of its checks, with reasons', async () => {
  const checks = [{ name: 'journal', ok: true, detail: 'writes' }]
  const house = await testHouse({ parts: { health: async () => checks } })
  expect((await house.anyone('/readyz')).json()).toEqual({ ready: true, checks })
  checks.push({ name: 'store', ok: false, detail: 'does not answer; start influxd' })
  const answer = await house.anyone('/readyz')
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toEqual({ ready: false, checks })
  expect((await house.anyone('/healthz')).json()).toEqual({ ok: true, version: '0.0.0' })
  expect((await house.anyone('/metrics')).headers['content-type']).toContain('text/plain; version=0.0.4')
  await house.app.close()
})

test('the documentation needs nothing from outside', async () => {
  const house = await testHouse()
  const page = await house.anyone('/docs/')
  expect(page.statusCode).toBe(200)
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
  expect(files.length).toBeGreaterThan(3)
  for (const file of files) {
    expect(file).toMatch(/^\.\/static\//)
    expect((await house.anyone(`/docs/${file}`)).statusCode).toBe(200)
  }
  expect((await house.anyone('/docs/json')).json()).toEqual((await house.anyone('/openapi.json')).json())
  expect(String(page.headers['content-security-policy'])).not.toMatch(/https?:/)
  await house.app.close()
})

test('headers keep a page to itself', async () => {
  const house = await testHouse()
  const { headers } = await house.anyone('/api/v1/stations')
  expect(headers).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'self'"),
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
    vary: expect.stringContaining('Cookie'),
  })
  expect((await house.cli({ method: 'POST', url: '/api/v1/devices/rtu-0017/secret' })).headers['cache-control']).toBe('no-store')
  await house.app.close()
})

test('every problem is a document that says what to do', async () => {
  const house = await testHouse()
  const problem = async (url: string, method: 'GET' | 'PUT' = 'GET') => {
    const answer = await house.anyone({ url, method })
    expect(answer.headers['content-type']).toContain('application/problem+json')
    const document = answer.json<Record<string, string>>()
    expect(document['status']).toBe(answer.statusCode)
    const explained = await house.anyone(document['type'] ?? '')
    expect(explained.json()).toMatchObject({ code: document['code'], status: answer.statusCode })
    return document
  }
  expect(await problem('/api/v1/station')).toMatchObject({
    code: 'not-found',
    detail: expect.stringContaining('did you mean /api/v1/stations?'),
  })
  expect(await problem('/api/v1/stations/qingxy')).toMatchObject({ detail: expect.stringContaining('did you mean qingxi?') })
  expect(await problem('/api/v1/stations', 'PUT')).toMatchObject({
    code: 'method-not-allowed',
    detail: expect.stringContaining('takes GET'),
  })
  expect(await problem('/api/v1/stations?kind=rivver')).toMatchObject({
    code: 'invalid-request',
    detail: expect.stringContaining('did you mean river?'),
  })
  expect(await problem('/api/v1/runs?x=1')).toMatchObject({ detail: expect.stringContaining('it takes none') })
  expect(await problem('/api/v1/warnings?state=activ')).toMatchObject({ detail: expect.stringContaining('did you mean active?') })
  await house.app.close()
})

test('a fault of ours shows nothing of itself, and is told inside', async () => {
  const store = createMemoryStore()
  const house = await testHouse({ store })
  store.ledger.counts = () => Promise.reject(new Error('the secret inside'))
  const answer = await house.anyone('/api/v1/devices')
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain('secret inside')
  expect(answer.body).not.toContain('.ts')
  expect(house.faults).toEqual(['answering GET /api/v1/devices: Error: the secret inside'])
  store.ledger.counts = () => Promise.reject(new StoreUnavailable('reading counters: the store is away'))
  const away = await house.anyone('/api/v1/devices')
  expect(away.statusCode).toBe(503)
  expect(away.headers['retry-after']).toBe('5')
  await house.app.close()
})

test('one address may ask so often and no more', async () => {
  const house = await testHouse({ config: { requestsPerMinute: 10 } })
  const ask = async () => (await house.anyone('/api/v1/runs')).statusCode
  for (let i = 0; i < 10; i += 1) expect(await ask()).toBe(200)
  const answer = await house.anyone('/api/v1/runs')
  expect(answer.statusCode).toBe(429)
  expect(answer.json()).toMatchObject({ code: 'too-many' })
  expect((await house.cli('/api/v1/runs')).statusCode).toBe(200)
  await house.app.close()
})

test('no two problems share a code', () => {
  expect(new Set(apiErrors.map(({ code }) => code)).size).toBe(apiErrors.length)
})
