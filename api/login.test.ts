import { expect, test } from '@jest/globals'
import { cookieOf, furnish, newPassword, testHouse, type TestHouse } from './testing/house.ts'

const login = (house: TestHouse, password: string, remoteAddress = '127.0.0.1', user = 'admin') =>
  house.anyone({ method: 'POST', url: '/api/v1/session', payload: { user, password }, remoteAddress })

test('the one-time password opens nothing but its change', async () => {
  const house = await testHouse()
  await furnish(house)
  expect(house.admin.password).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/)
  expect(await house.parts.people.passwordSet()).toBe(false)
  const first = await login(house, house.admin.password)
  expect(first.json()).toEqual({ user: { name: 'admin', role: 'administrator', mustChangePassword: true }, simulatedOnly: true })
  expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Lax$/)
  const cookie = cookieOf(first)
  expect((await house.anyone({ url: '/api/v1/stations/real-gauge', headers: { cookie } })).statusCode).toBe(401)
  const early = await house.anyone({ method: 'POST', url: '/api/v1/warnings/w-1/acknowledge', payload: {}, headers: { cookie } })
  expect(early.statusCode).toBe(403)

  const change = (current: string, next: string) =>
    house.anyone({ method: 'POST', url: '/api/v1/users/me/password', payload: { current, next }, headers: { cookie } })
  expect((await change(house.admin.password, 'short')).statusCode).toBe(400)
  expect((await change(house.admin.password, 'my admin password')).statusCode).toBe(400)
  expect((await change('not it at all', newPassword)).statusCode).toBe(401)
  expect((await change(house.admin.password, house.admin.password)).statusCode).toBe(400)
  const changed = await change(house.admin.password, newPassword)
  expect(changed.json()).toMatchObject({ user: { mustChangePassword: false }, simulatedOnly: false })
  expect(await house.parts.people.passwordSet()).toBe(true)
  expect((await house.anyone({ url: '/api/v1/session', headers: { cookie } })).json()).toMatchObject({ user: null })
  expect((await house.anyone({ url: '/api/v1/stations/real-gauge', headers: { cookie: cookieOf(changed) } })).statusCode).toBe(200)
  await house.app.close()
})

test('neither new passwords that do not do nor wrong current ones keep the right one out', async () => {
  const house = await testHouse()
  const cookie = cookieOf(await login(house, house.admin.password))
  const change = async (current: string, next: string) =>
    (await house.anyone({ method: 'POST', url: '/api/v1/users/me/password', payload: { current, next }, headers: { cookie } })).statusCode
  for (let i = 0; i < 8; i += 1) expect(await change(house.admin.password, 'my admin password')).toBe(400)
  for (let i = 0; i < 5; i += 1) expect(await change('not it at all', newPassword)).toBe(401)
  expect(await change(house.admin.password, newPassword)).toBe(200)
  await house.app.close()
})

test('there is one first start', async () => {
  const house = await testHouse()
  expect(await house.parts.people.firstStart()).toBeNull()
  const again = await house.parts.people.reset('admin')
  expect((await login(house, house.admin.password)).statusCode).toBe(401)
  expect((await login(house, again?.password ?? '')).statusCode).toBe(200)
  expect(await house.parts.people.reset('nobody')).toBeNull()
  await house.app.close()
})

test('a session ends by logout, by time and by a new password', async () => {
  const house = await testHouse({ config: { sessionTtl: '1h' } })
  const user = async (cookie: string) =>
    (await house.anyone({ url: '/api/v1/session', headers: { cookie } })).json<{ user: unknown }>().user
  const [one, two, three] = [await house.loggedIn(), await house.loggedIn(), await house.loggedIn()]
  expect(await user(one)).not.toBeNull()
  await house.anyone({ method: 'DELETE', url: '/api/v1/session', headers: { cookie: one } })
  expect(await user(one)).toBeNull()
  expect(await user(two)).not.toBeNull()
  house.clock.now += 3_600_000
  expect(await user(two)).toBeNull()
  house.clock.now -= 1
  expect(await user(three)).not.toBeNull()
  await house.parts.people.reset('admin')
  expect(await user(three)).toBeNull()
  await house.app.close()
})

test('what is kept of a session does not open it', async () => {
  const house = await testHouse()
  const cookie = await house.loggedIn()
  const kept = JSON.stringify([await house.store.documents.list('session'), await house.store.documents.list('user')])
  expect(kept).not.toContain(cookie.split('=')[1])
  expect(kept).not.toContain(newPassword)
  await house.app.close()
})

test('after five wrong passwords an address is answered ten times a second, right ones among them, and others at once', async () => {
  const house = await testHouse()
  await house.loggedIn()
  const wrong = await Promise.all(Array.from({ length: 5 }, () => login(house, 'wrong password', '192.0.2.7', 'nobody')))
  expect(wrong.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401, 401])
  const guesses = Array.from({ length: 30 }, (_, n) => login(house, 'wrong password', '192.0.2.7', `name-${n % 3}`))
  const right = login(house, newPassword, '192.0.2.7')
  const elsewhere = login(house, newPassword, '192.0.2.8')
  const statuses = (await Promise.all(guesses)).map(({ statusCode }) => statusCode)
  expect([(await right).statusCode, (await elsewhere).statusCode]).toEqual([200, 200])
  expect(statuses.filter((status) => status !== 401 && status !== 429)).toEqual([])
  house.clock.now += 60_001
  expect((await login(house, newPassword, '192.0.2.7')).statusCode).toBe(200)
  await house.app.close()
})

test('an unknown user is told the same as one with a wrong password', async () => {
  const house = await testHouse()
  const [unknown, wrong] = [await login(house, 'x', '192.0.2.1', 'nobody'), await login(house, 'x', '192.0.2.2')]
  expect(unknown.json()).toEqual(wrong.json())
  await house.app.close()
})
