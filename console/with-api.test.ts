import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { InjectOptions } from 'fastify'
import { cookieOf, furnish, minute, newPassword, start, testHouse, type TestHouse } from '../api/testing/house.ts'
import type { ApiAnswer, ConsoleApi } from './api-client.ts'
import { dayAndClock, fullTime } from '../figures/words.ts'
import { consolePlugin } from './plugin.ts'
import { texts } from './texts.ts'

/* The console on the real api over the store in memory: what the pages expect is what the api answers. */

let house: TestHouse

beforeAll(async () => {
  const assets = { js: '', css: '', hash: 'abc' }
  house = await testHouse({
    parts: {
      async pages(app) {
        const api: ConsoleApi = async ({ method, path, headers, body, address }): Promise<ApiAnswer> => {
          const payload = body === undefined ? {} : { payload: body as object }
          const answer = await app.inject({ method, url: path, headers: { ...headers }, remoteAddress: address, ...payload })
          const cookies = answer.headers['set-cookie']
          return { status: answer.statusCode, json: answer.json<unknown>(), cookies: cookies === undefined ? [] : [cookies].flat() }
        }
        await app.register(consolePlugin({ api, assets, now: () => start + 125 * minute, version: '0.0.0' }))
      },
    },
  })
  await furnish(house)
})
afterAll(() => house.app.close())

const post = (url: string, fields: Record<string, string>, headers: InjectOptions['headers'] = {}) =>
  house.anyone({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  })

test('every page is made of what the api answers', async () => {
  const shows = async (url: string, words: readonly string[]) => {
    const answer = await house.anyone(url)
    expect([url, answer.statusCode, String(answer.headers['content-type'])]).toEqual([url, 200, 'text/html; charset=utf-8'])
    expect(String(answer.headers['content-security-policy'])).toContain("'sha256-")
    expect([url, words.filter((text) => !answer.body.includes(text))]).toEqual([url, []])
  }
  const [open] = (await house.store.warnings.warnings({ stations: ['qingxi' as never] })).map((warning) => warning.id)
  await shows('/', ['Qingxi', '3.42 m', '+0.42 warning', 'SIM'])
  await shows('/s/qingxi', ['0.42 m above warning level', 'rising', 'class="hg"', 'format=csv'])
  await shows('/s/qingxi?series=rainfall/1&range=30d', ['class="hg-bars"', ', mm, '])
  await shows('/w', ['Qingxi'])
  await shows(`/w/${open}`, [texts.en.titles.evidence, texts.en.buttons.loginToAcknowledge])
  await shows(`/w/${open}?evidence=now`, ['class="hg"'])
  await shows('/devices', ['rtu-0017', 'not-json'])
  await shows('/devices?device=rtu-0017&before=5', ['rtu-0017'])
  await shows('/more', [texts.en.say.well])
  expect(house.faults).toEqual([])
})

test('without a login real stations are neither listed nor shown', async () => {
  expect((await house.anyone('/')).body).not.toContain('real-gauge')
  const answer = await house.anyone('/s/real-gauge')
  expect([answer.statusCode, answer.body.includes(texts.en.problem.login.sentence)]).toEqual([401, true])
  expect((await house.anyone('/s/nowhere')).statusCode).toBe(404)
})

test('an officer logs in, chooses a password, and acknowledges', async () => {
  const first = await post('/login', { user: house.admin.user, password: house.admin.password, next: '/' })
  expect([first.statusCode, first.headers.location]).toEqual([303, '/login?next=%2F'])
  const short = await post('/login/password', { current: house.admin.password, password: 'short' }, { cookie: cookieOf(first) })
  expect(short.statusCode).toBe(400)
  const changed = await post(
    '/login/password',
    { current: house.admin.password, password: newPassword, next: '/w' },
    { cookie: cookieOf(first) },
  )
  expect([changed.statusCode, changed.headers.location]).toEqual([303, '/w'])
  const cookie = cookieOf(changed)
  expect((await house.anyone({ url: '/', headers: { cookie } })).body).toContain('real-gauge')
  const done = await post('/w/w-real/acknowledge', { note: 'Pump crew called' }, { cookie })
  expect([done.statusCode, done.headers.location]).toEqual([303, '/w/w-real'])
  const page = (await house.anyone({ url: '/w/w-real', headers: { cookie } })).body
  expect(page).toContain('Acknowledged by admin')
  expect(page).toContain('Pump crew called')
})

test('a page of another site can neither log in nor acknowledge', async () => {
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  expect((await post('/w/w-real/acknowledge', {}, { ...foreign, cookie: await house.loggedIn() })).statusCode).toBe(403)
  expect((await post('/login', { user: 'admin', password: newPassword }, foreign)).statusCode).toBe(403)
})

test('an administrator adds somebody, gives a role and a key, and reads it in the log', async () => {
  const { control } = texts.en
  const cookie = await house.loggedIn()
  const read = async (url: string): Promise<string> => (await house.anyone({ url, headers: { cookie } })).body
  expect((await house.anyone('/people')).statusCode).toBe(401)
  const added = await post('/people', { name: 'li.wei', role: 'officer' }, { cookie })
  expect([added.statusCode, added.body.includes(control.say.passwordOf('li.wei'))]).toEqual([200, true])
  expect((await post('/people', { name: 'Li Wei', role: 'officer' }, { cookie })).body).toContain('role="alert"')
  expect((await post('/people/li.wei/role', { role: 'engineer' }, { cookie })).headers.location).toBe('/people')
  expect((await post('/people/li.wei/reset', {}, { cookie })).body).toContain(control.say.passwordOf('li.wei'))
  const made = await post('/people/keys', { name: 'grafana', 'scope-read': '1', days: '0' }, { cookie })
  expect(made.body).toContain('gk_')
  const page = await read('/people')
  expect(['li.wei', 'grafana', control.say.forever].filter((text) => !page.includes(text))).toEqual([])
  expect(page).not.toContain(control.say.keyOf('grafana'))
  // what cannot be taken back is asked for twice: the button stands behind a word that opens it
  for (const [order, what] of [
    ['/people/li\\.wei/remove', control.say.removes('li.wei')],
    ['/revoke', control.say.revokes('grafana')],
  ] as const)
    expect(page).toMatch(new RegExp(`<details><summary>[^<]+</summary><p>${what}</p><form[^>]+${order}"`))
  const id = /keys\/([^/]+)\/revoke/.exec(page)?.[1] ?? ''
  expect((await post(`/people/keys/${id}/revoke`, {}, { cookie })).headers.location).toBe('/people')
  expect((await post('/people/li.wei/remove', {}, { cookie })).headers.location).toBe('/people')
  expect(await read('/people')).not.toContain('grafana')
  const log = await read('/audit')
  expect(['addUser', 'makeKey', 'removeUser', 'li.wei'].filter((text) => !log.includes(text))).toEqual([])
})

test('devices are looked for by a part of their name, or by whether they are heard of', async () => {
  const cookie = await house.loggedIn()
  const read = async (url: string): Promise<string> => (await house.anyone({ url, headers: { cookie } })).body
  const listed = (page: string): string[] =>
    [...page.matchAll(/<th scope="row"><a href="\/devices\?device=([^"]+)"/g)].map(([, id = '']) => id)
  expect(listed(await read('/devices'))).toEqual(['rtu-0017', 'rtu-real'])
  expect(listed(await read('/devices?q=0017'))).toEqual(['rtu-0017'])
  expect(listed(await read('/devices?q=清溪'))).toEqual(['rtu-0017'])
  expect(listed(await read('/devices?device=rtu-real'))).toEqual(['rtu-real'])
  expect(listed(await read('/devices?cursor=0:rtu-0017'))).toEqual(['rtu-real'])
  expect(await read('/devices?cursor=0:rtu-0017')).toContain(`href="/devices">${texts.en.buttons.toFirst}`)
  const never = await read('/devices?show=never')
  expect([listed(never), never.includes(texts.en.empty.filteredDevices.sentence)]).toEqual([[], true])
  // what was set aside has the zone of its device, whether that stands in the list or not
  expect(never).toContain(dayAndClock(start + 1_000, 'Asia/Shanghai', 'en'))
})

test('the log is narrowed down by its form, and its times are those of the reader', async () => {
  const read = async (url: string, cookies = 'gk_z=Asia/Shanghai'): Promise<string> =>
    (await house.anyone({ url, headers: { cookie: `${await house.loggedIn()}; ${cookies}` } })).body
  const rows = (page: string): number => page.split('<th scope="row">').length - 1
  for (const name of ['ann', 'ben', 'cem']) await house.cli({ method: 'POST', url: '/api/v1/users', payload: { name, role: 'viewer' } })
  const local = (at: number, zone: string): string => fullTime(at, zone, 'en')
  expect(await read('/audit')).toContain(local(start, 'Asia/Shanghai'))
  expect(await read('/audit', '')).toContain(`${dayAndClock(start, 'UTC', 'en')} (UTC)`)
  expect(rows(await read('/audit?target=ben&action=addUser'))).toBe(1)
  expect(await read('/audit?who=nobody.at.all')).toContain(texts.en.control.emptyLog.sentence)
  // a link bears its zone: eight in the evening here is noon there, in the field and in what is asked
  const noon = new Date(start).toISOString().slice(0, 10) + 'T12:00'
  const page = await read(`/audit?zone=UTC&from=${noon}`)
  expect(page).toContain(`name="from" type="datetime-local" value="${noon.replace('T12', 'T20')}"`)
})

test('behind a hundred entries there are older ones', async () => {
  const cookie = await house.loggedIn()
  const read = async (url: string): Promise<string> => (await house.anyone({ url, headers: { cookie } })).body
  for (let i = 0; i < 120; i += 1)
    house.noted.push({ action: 'aged', outcome: 'done', who: `p-${i}`, target: null, address: null, reason: null, detail: '' })
  const first = await read('/audit?action=aged')
  expect([first.includes('p-99<'), first.includes('p-100<')]).toEqual([true, false])
  const older = /href="(\/audit\?action=aged&amp;cursor=[^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const second = await read(older)
  expect([second.includes('p-99<'), second.includes('p-100<'), second.includes('p-119<'), second.includes('>Older<')]).toEqual([
    ...[false, true, true, false],
  ])
})
