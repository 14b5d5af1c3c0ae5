import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { InjectOptions } from 'fastify'
import { deviceId } from '../domain/ids.ts'
import { furnish, testHouse, type TestHouse } from './testing/house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
  await furnish(house)
})
afterAll(() => house.app.close())

const status = async (options: InjectOptions | string): Promise<number> => (await house.anyone(options)).statusCode

test('without a login only simulated data is shown', async () => {
  const anyone = (await house.anyone('/api/v1/stations')).json<{ stations: { id: string }[]; networks: { id: string }[] }>()
  expect(anyone.stations.map((one) => one.id)).toEqual(['qingxi', 'lower-weir'])
  expect(anyone.networks.map((one) => one.id)).toEqual(['demo'])
  expect(await status('/api/v1/stations/real-gauge')).toBe(401)
  expect(await status('/api/v1/series/real-gauge/water_level/1')).toBe(401)
  expect(await status('/api/v1/observations?series=real-gauge/water_level')).toBe(401)
  expect(await status('/api/v1/observations/latest?series=qingxi/water_level,real-gauge/water_level')).toBe(401)
  expect(await status('/api/v1/observations/windows?series=real-gauge/water_level&every=1h')).toBe(401)
  expect(await status('/api/v1/rollups?series=real-gauge/water_level&size=1h')).toBe(401)
  expect(await status('/api/v1/warnings/w-real')).toBe(401)
  expect(await status('/api/v1/stream?stations=real-gauge')).toBe(401)
  for (const list of ['stations', 'series', 'warnings', 'devices', 'quarantine']) {
    const body = (await house.anyone(`/api/v1/${list}`)).body
    expect({ list, real: /real|w-real/.test(body), simulated: /qingxi|rtu-0017|w-1/.test(body) }).toEqual({
      list,
      real: false,
      simulated: true,
    })
  }
})

test('a hint never names what may not be seen', async () => {
  const hidden = (await house.anyone('/api/v1/stations/real-gaug')).json<{ detail: string }>().detail
  expect(hidden).not.toContain('real-gauge')
  expect((await house.cli('/api/v1/stations/real-gaug')).json<{ detail: string }>().detail).toContain('did you mean real-gauge?')
})

test('a login and the token of the command line show everything', async () => {
  const cookie = await house.loggedIn()
  const ids = async (options: InjectOptions) =>
    (await house.anyone(options)).json<{ stations: { id: string }[] }>().stations.map((one) => one.id)
  const all = ['qingxi', 'lower-weir', 'real-gauge']
  expect(await ids({ url: '/api/v1/stations', headers: { cookie } })).toEqual(all)
  expect((await house.cli('/api/v1/stations')).json<{ stations: unknown[] }>().stations).toHaveLength(3)
  expect(await ids({ url: '/api/v1/stations?simulated=false', headers: { cookie } })).toEqual(['real-gauge'])
})

test('a wrong token is refused rather than taken for none', async () => {
  expect(await status({ url: '/api/v1/stations', headers: { authorization: 'Bearer wrong' } })).toBe(401)
})

test('writing needs a login with the role', async () => {
  expect(await status({ method: 'POST', url: '/api/v1/warnings/w-1/acknowledge', payload: {} })).toBe(401)
  expect(await status({ method: 'POST', url: '/api/v1/devices/rtu-0017/secret' })).toBe(401)
  expect(await status({ method: 'POST', url: '/api/v1/runs', payload: { run: 'x', network: {}, clock: 'run' } })).toBe(401)
  expect(await status({ method: 'DELETE', url: '/api/v1/runs/demo' })).toBe(401)
  const cookie = await house.loggedIn()
  const body = await house.store.documents.get<object>('user', 'admin')
  const as = (role: string) => house.store.documents.put('user', 'admin', { ...body?.body, role }, 0)
  const asked = (url: string) => status({ method: 'POST', url, payload: {}, headers: { cookie } })
  await as('viewer')
  expect(await asked('/api/v1/warnings/w-1/acknowledge')).toBe(403)
  await as('officer')
  expect(await asked('/api/v1/warnings/w-1/acknowledge')).toBe(200)
  expect(await asked('/api/v1/devices/rtu-0017/secret')).toBe(403)
  await as('administrator')
  expect(await asked('/api/v1/devices/rtu-0017/secret')).toBe(200)
})

test('an acknowledgement carries who and when, and a second one changes nothing', async () => {
  const other = await testHouse()
  await furnish(other)
  const cookie = await other.loggedIn()
  const acknowledge = async (note: string) =>
    (await other.anyone({ method: 'POST', url: '/api/v1/warnings/w-1/acknowledge', payload: { note }, headers: { cookie } })).json<{
      warning: { version: number; marks: { acknowledged: unknown } }
    }>().warning
  const first = await acknowledge('pump crew called')
  expect(first.marks.acknowledged).toEqual({ by: 'admin', at: other.clock.now, note: 'pump crew called' })
  other.clock.now += 60_000
  expect(await acknowledge('again')).toEqual(first)
  const detail = (await other.anyone('/api/v1/warnings/w-1')).json<{ versions: { version: number }[] }>()
  expect(detail.versions.map((one) => one.version)).toEqual([1, 2])
  await other.app.close()
})

test('beyond loopback nothing is read without a login', async () => {
  const open = await testHouse({ parts: { loopback: { http: false, https: false } } })
  for (const list of ['stations', 'series', 'warnings', 'devices', 'quarantine', 'runs', 'stream'])
    expect({ list, status: (await open.anyone(`/api/v1/${list}`)).statusCode }).toEqual({ list, status: 401 })
  expect((await open.anyone('/metrics')).statusCode).toBe(401)
  expect((await open.anyone('/healthz')).statusCode).toBe(200)
  await open.app.close()
})

test('a page of another site can neither change nor read', async () => {
  const post = (headers: Record<string, string>) =>
    status({ method: 'DELETE', url: '/api/v1/session', headers: { host: 'localhost:8080', ...headers } })
  expect(await post({ origin: 'http://localhost:8080' })).toBe(200)
  expect(await post({})).toBe(200)
  expect(await post({ origin: 'http://evil.example' })).toBe(403)
  expect(await post({ origin: 'null' })).toBe(403)
  expect(await post({ 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await status({ url: '/api/v1/stations', headers: { host: 'evil.example:8080' } })).toBe(421)
  expect((await house.anyone('/api/v1/stations')).headers['access-control-allow-origin']).toBeUndefined()
})

test('bodies are JSON, plain, and not too deep', async () => {
  const login = (headers: Record<string, string>, payload: string) => status({ method: 'POST', url: '/api/v1/session', headers, payload })
  expect(await login({ 'content-type': 'text/plain' }, '{}')).toBe(415)
  expect(await login({ 'content-type': 'application/x-www-form-urlencoded' }, 'user=admin')).toBe(415)
  expect(await login({ 'content-type': 'application/json', 'content-encoding': 'gzip' }, '{}')).toBe(415)
  expect(await login({ 'content-type': 'application/json' }, '{"user":')).toBe(400)
  expect(await login({ 'content-type': 'application/json' }, '{"user":"a","password":"b","__proto__":{"x":1}}')).toBe(400)
  expect(await login({ 'content-type': 'application/json' }, `{"user":"a","password":"${'b'.repeat(1_100_000)}"}`)).toBe(413)
  const deep = `{"run":"x","clock":"run","network":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`
  const deepRun = await house.cli({ method: 'POST', url: '/api/v1/runs', headers: { 'content-type': 'application/json' }, payload: deep })
  expect(deepRun.statusCode).toBe(400)
})

test('a new secret ends the one before', async () => {
  const secret = (await house.cli({ method: 'POST', url: '/api/v1/devices/rtu-0017/secret' })).json<{ secret: string }>().secret
  expect(await house.parts.credentials.identify('rtu-0017', Buffer.from('secret-of-0017'))).toBeNull()
  expect(await house.parts.credentials.identify('rtu-0017', Buffer.from(secret))).toMatchObject({ device: deviceId('rtu-0017') })
  expect((await house.cli({ method: 'POST', url: '/api/v1/devices/rtu-001/secret' })).json<{ detail: string }>().detail).toContain(
    'rtu-0017',
  )
})
