import { expect, test } from '@jest/globals'
import { cookieOf, start, testHouse, type TestHouse } from './testing/house.ts'

const ask = (house: TestHouse, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) =>
  house.cli({ method, url: `/api/v1/${path}`, ...(payload && { payload }) })

const login = async (house: TestHouse, user: string, password: string): Promise<string> =>
  cookieOf(await house.anyone({ method: 'POST', url: '/api/v1/session', payload: { user, password } }))

test('somebody is added, gets another role at once, and goes with all sessions', async () => {
  const house = await testHouse()
  const added = (await ask(house, 'POST', 'users', { name: 'li.wei', role: 'viewer' })).json<{ user: string; password: string }>()
  expect((await ask(house, 'POST', 'users', { name: 'li.wei', role: 'viewer' })).statusCode).toBe(409)
  expect((await ask(house, 'POST', 'users', { name: 'me', role: 'viewer' })).statusCode).toBe(400)
  const first = await login(house, 'li.wei', added.password)
  const change = { current: added.password, next: 'a long sentence' }
  const cookie = cookieOf(
    await house.anyone({ method: 'POST', url: '/api/v1/users/me/password', payload: change, headers: { cookie: first } }),
  )
  const may = async (path: string) => (await house.anyone({ url: `/api/v1/${path}`, headers: { cookie } })).statusCode
  expect(await may('users')).toBe(403)
  expect((await ask(house, 'PUT', 'users/li.wei/role', { role: 'administrator' })).json()).toMatchObject({ role: 'administrator' })
  expect(await may('users')).toBe(200)
  expect((await ask(house, 'DELETE', 'users/li.wei')).statusCode).toBe(200)
  expect(await may('users')).toBe(401)
  expect((await ask(house, 'DELETE', 'users/li.wei')).statusCode).toBe(404)
  expect((await ask(house, 'POST', 'users/li.wei/reset')).statusCode).toBe(404)
  await house.app.close()
})

test('the last administrator stays, also when two go at the same moment', async () => {
  const house = await testHouse()
  expect((await ask(house, 'DELETE', 'users/admin')).json()).toMatchObject({ code: 'conflict' })
  expect((await ask(house, 'PUT', 'users/admin/role', { role: 'officer' })).statusCode).toBe(409)
  await ask(house, 'POST', 'users', { name: 'second', role: 'administrator' })
  const both = await Promise.all([ask(house, 'DELETE', 'users/admin'), ask(house, 'PUT', 'users/second/role', { role: 'viewer' })])
  expect(both.map((answer) => answer.statusCode).sort()).toEqual([200, 409])
  await house.app.close()
})

test('a one-time password that somebody has not changed yet keeps nobody else on loopback', async () => {
  const house = await testHouse()
  await house.loggedIn()
  await ask(house, 'POST', 'users', { name: 'li.wei', role: 'viewer' })
  expect(await house.parts.people.passwordSet()).toBe(true)
  await house.app.close()
})

test('a key may what its scopes say and nothing else, until it ends', async () => {
  const house = await testHouse({ parts: { loopback: { http: false, https: false } } })
  const make = async (scopes: string[], days?: number) =>
    (await ask(house, 'POST', 'keys', { name: 'grafana', scopes, ...(days !== undefined && { days }) })).json<{
      key: { id: string }
      token: string
    }>()
  const { key, token } = await make(['read'], 1)
  const status = async (path: string, method: 'GET' | 'POST' = 'GET', bearer = token) =>
    (await house.anyone({ method, url: `/api/v1/${path}`, headers: { authorization: `Bearer ${bearer}` } })).statusCode
  expect(await status('stations')).toBe(200)
  expect(await status('users')).toBe(403)
  expect(await status('warnings/w-1/acknowledge', 'POST')).toBe(403)
  expect(await status('users', 'GET', (await make(['people'])).token)).toBe(200)
  expect(await status('stations', 'GET', (await make(['people'])).token)).toBe(403)
  expect(await status('stations', 'GET', `${token.slice(0, -1)}x`)).toBe(401)
  const listed = (await ask(house, 'GET', 'keys')).json<{ keys: object[] }>()
  const shown = { id: key.id, name: 'grafana', madeBy: 'command line', lastUsedAt: house.clock.now }
  expect(listed.keys).toContainEqual(expect.objectContaining(shown))
  expect(JSON.stringify(await house.store.documents.list('key'))).not.toContain(token.slice(12))
  house.clock.now += 86_400_000
  expect(await status('stations')).toBe(401)
  expect(await status('stations', 'GET', (await make(['read'])).token)).toBe(200)
  expect((await ask(house, 'DELETE', `keys/${key.id}`)).statusCode).toBe(200)
  expect((await ask(house, 'DELETE', `keys/${key.id}`)).statusCode).toBe(404)
  await house.app.close()
})

test('what is changed is noted before it is answered, with who, what and from where', async () => {
  const house = await testHouse()
  const cookie = await house.loggedIn()
  house.noted.length = 0
  const as = (method: 'POST' | 'DELETE', url: string, payload?: object) =>
    house.anyone({ method, url: `/api/v1/${url}`, headers: { cookie }, remoteAddress: '127.0.0.9', ...(payload && { payload }) })
  await as('POST', 'users', { name: 'li.wei', role: 'viewer' })
  await as('POST', 'devices/rtu-0017/secret')
  await as('POST', 'keys', { name: 'grafana', scopes: ['read', 'audit'], days: 30 })
  await as('POST', 'quarantine/run', { device: 'rtu-0017', note: 'mapped', dryRun: true })
  await as('DELETE', 'users/nobody')
  await as('POST', 'devices/rtu-0017/commands', { kind: 'sample-now' })
  await house.anyone({ url: '/api/v1/stations', headers: { cookie } })
  const shared = { outcome: 'done', who: 'admin', address: '127.0.0.9', reason: null }
  expect(house.noted).toEqual([
    { action: 'addUser', target: 'li.wei', ...shared, detail: 'role viewer' },
    { action: 'deviceSecret', target: 'rtu-0017', ...shared, detail: '' },
    { action: 'makeKey', target: 'grafana', ...shared, detail: 'scopes read audit, days 30' },
    { action: 'runQuarantine', target: 'rtu-0017', ...shared, detail: 'dry run, note mapped: 0 of 0 entries' },
    // that it was answered says nothing of what the device did
    { action: 'deviceCommand', target: 'rtu-0017', ...shared, detail: 'kind sample-now: done' },
  ])
  expect(JSON.stringify(house.noted)).not.toContain('new-secret')
  await house.app.close()
})

test('what is refused is counted under its reason', async () => {
  const house = await testHouse()
  await house.anyone({ method: 'POST', url: '/api/v1/session', payload: { user: 'admin', password: 'wrong' } })
  await house.anyone({ url: '/api/v1/users' })
  await house.anyone({ method: 'POST', url: '/api/v1/devices/rtu-0017/claim', payload: { code: 'x' } })
  await house.anyone({ method: 'POST', url: '/api/v1/deliveries', payload: {} })
  await house.anyone({ url: '/api/v1/stations', headers: { host: 'evil.example' } })
  await house.anyone({ url: '/api/v1/stations', headers: { authorization: 'Bearer gk_wrong' } })
  expect(house.noted.map(({ action, outcome, reason, target }) => [action, outcome, reason, target])).toEqual([
    ['login', 'refused', 'login-refused', 'admin'],
    ['users', 'refused', 'login-needed', null],
    ['claimDevice', 'refused', 'claim-refused', 'rtu-0017'],
    ['deliver', 'refused', 'login-needed', null],
    ['stations', 'refused', 'wrong-host', null],
    ['stations', 'refused', 'login-refused', null],
  ])
  await house.app.close()
})

test('the log is read page by page and by what is asked for; what cannot be asked is told', async () => {
  const house = await testHouse()
  house.noted.length = 0
  for (const name of ['ann', 'ben', 'cem', 'dee']) await ask(house, 'POST', 'users', { name, role: 'viewer' })
  await ask(house, 'DELETE', 'users/ben')
  const page = async (query: string) =>
    (await ask(house, 'GET', `audit?${query}`)).json<{ entries: { target: string }[]; next: string | null; detail?: string }>()
  const targets = async (query: string) => (await page(query)).entries.map(({ target }) => target)
  const { entries, next } = await page('action=addUser&limit=3')
  expect(entries.map(({ target }) => target)).toEqual(['ann', 'ben', 'cem'])
  expect(await page(`action=addUser&limit=3&cursor=${next}`)).toMatchObject({ entries: [{ target: 'dee' }], next: null })
  expect(await targets('target=ben')).toEqual(['ben', 'ben'])
  expect(await targets('who=command%20line&outcome=done&address=127.0.0.1&target=ann')).toEqual(['ann'])
  expect(await targets(`reason=conflict`)).toEqual([])
  expect(await targets(`from=${start}&to=${start + 1}`)).toHaveLength(5)
  expect(await targets(`to=${start}`)).toEqual([])
  expect((await page('from=2026-03-01T00:00:00')).detail).toContain('has no offset')
  expect((await page('from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z')).detail).toContain('lies behind to')
  expect((await page('cursor=17')).detail).toContain('take next from the page before')
  expect((await page('actor=admin')).detail).toContain('there is no such parameter')
  await house.app.close()
})
