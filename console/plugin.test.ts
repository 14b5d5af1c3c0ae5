import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Assets } from './assets.ts'
import { builtAssets, sampleServer, type SampleServer } from './testing/server.ts'
import { texts } from './texts.ts'

let assets: Assets
let full: SampleServer
let empty: SampleServer

beforeAll(async () => {
  assets = await builtAssets()
  full = await sampleServer({ assets })
  empty = await sampleServer({ assets, empty: true, ready: false })
})
afterAll(async () => {
  await full.app.close()
  await empty.app.close()
})

const pages = [
  '/',
  '/?view=list',
  '/s/qingxi',
  '/s/qingxi?series=rainfall/1&range=24h',
  '/w',
  '/w?tab=ended',
  '/w/w-qingxi-1',
  '/devices',
  '/devices?reason=not-json&state=repaired',
  '/devices?state=given-up',
  '/d/rtu-qingxi',
  '/d/rtu-mill-lane?gaps=all',
  '/q/11',
  '/q/12',
  '/q/14',
  '/q/15',
  '/login',
  '/more',
]
const get = (url: string, headers: Record<string, string> = {}, server = full) => server.app.inject({ url, headers })

test('every page is whole without a script: 200, one style by its hash, one script of ours, nothing of other hosts', async () => {
  for (const url of pages) {
    const answer = await get(url)
    const html = answer.body
    expect([url, answer.statusCode]).toEqual([url, 200])
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? ''
    const policy = String(answer.headers['content-security-policy'])
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`)
    expect(policy).not.toContain('unsafe')
    expect(html.match(/<script/g)).toHaveLength(1)
    expect(html).not.toMatch(/\son[a-z]+="|\sstyle="|javascript:/)
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/(?:src|href|action)="(?:https?:)?\/\//)
  }
})

test('names from outside stay text', async () => {
  for (const url of ['/', '/s/mill-lane', '/devices']) expect((await get(url)).body).not.toMatch(/<script>alert|<i>one/)
})

test('no page without data is blank: a sentence, a reason, one action', async () => {
  for (const [url, words] of [
    ['/', texts.en.empty.stations],
    ['/w', texts.en.empty.warnings],
    ['/devices', texts.en.empty.devices],
    ['/devices', texts.en.empty.quarantine],
    ['/s/qingxi', texts.en.empty.readings],
    ['/s/qingxi', texts.en.empty.warningsHere],
  ] as const) {
    const html = (await get(url, {}, empty)).body
    expect(html).toContain(words.sentence)
    expect(html).toContain(words.reason)
    expect(html).toContain(words.action)
  }
  expect((await get('/?show=incomplete')).body).toContain(texts.en.empty.filtered.sentence)
})

test('what the api refuses is told in words, with its status and the way on', async () => {
  const told = async (url: string, status: number, words: { sentence: string; action: string }) => {
    const answer = await get(url)
    expect([url, answer.statusCode]).toEqual([url, status])
    expect(answer.body).toContain(words.sentence)
    expect(answer.body).toContain(words.action)
  }
  await told('/s/nowhere', 404, texts.en.problem.notFound)
  await told('/s/private', 401, texts.en.problem.login)
  await told('/s/broken', 503, texts.en.problem.unavailable)
  await told('/w/nothing', 404, texts.en.problem.notFound)
  expect((await get('/s/private')).body).toContain('/login?next=%2Fs%2Fprivate')
  expect((await get('/more', {}, empty)).body).toContain('port 1883 is taken')
  expect((await get('/', {}, empty)).body).toContain('1 problem<')
})

test('language and appearance follow the header, then the cookie, and are kept when asked for', async () => {
  expect((await get('/', { 'accept-language': 'zh-CN' })).body).toContain('<html lang="zh-CN"')
  expect((await get('/', { 'accept-language': 'zh-CN', cookie: 'gk_lang=en; gk_theme=dark' })).body).toMatch(
    /<html lang="en" data-theme="dark"/,
  )
  const asked = await get('/s/qingxi?range=24h&lang=zh')
  expect([asked.statusCode, asked.headers.location, String(asked.headers['set-cookie'])]).toEqual([
    303,
    '/s/qingxi?range=24h',
    expect.stringContaining('gk_lang=zh; Path=/'),
  ])
  expect((await get('//evil.example/?lang=zh')).headers.location ?? '/').toBe('/')
})

test('no sentence of a page is left in the other language', async () => {
  for (const url of pages) {
    const html = (await get(url, { cookie: 'gk_lang=zh' })).body.replace(/<style>[\s\S]*?<\/style>/, '')
    const words = [...html.matchAll(/>([^<>]+)</g)].map((found) => found[1] ?? '')
    const english = ['Simulated', 'Quality', 'Warnings', 'Acknowledge', 'Overview', 'Log in', 'ago', 'Table', 'Search', 'Level'].filter(
      (word) => words.some((text) => text.includes(word)),
    )
    expect([url, english]).toEqual([url, []])
  }
})

test('the state stands in words before the chart', async () => {
  const html = (await get('/s/qingxi')).body
  expect(html.indexOf('above warning level')).toBeGreaterThan(0)
  expect(html.indexOf('above warning level')).toBeLessThan(html.indexOf('class="hg"'))
  for (const part of ['3.40 m', 'rising 0.12 m/h', '0.40 m above warning level', '1 min ago', 'Quality: good']) expect(html).toContain(part)
})

test('logging in hands the cookie on and goes where the reader was', async () => {
  const post = (url: string, fields: Record<string, string>, cookie = '') =>
    full.app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
      payload: new URLSearchParams(fields).toString(),
    })
  const good = await post('/login', { user: 'officer', password: 'right', next: '/w/w-qingxi-1' })
  expect([good.statusCode, good.headers.location, String(good.headers['set-cookie'])]).toEqual([
    303,
    '/w/w-qingxi-1',
    'session=good; Path=/',
  ])
  const bad = await post('/login', { user: 'officer', password: 'wrong', next: '//evil.example' })
  expect(bad.statusCode).toBe(401)
  expect(bad.body).toContain(texts.en.say.wrongLogin)
  expect(bad.body).toContain('name="next" value="/"')
  const once = await post('/login', { user: 'admin', password: 'once', next: '/w' })
  expect(once.headers.location).toBe('/login?next=%2Fw')
  expect((await get('/login', { cookie: 'session=once' })).body).toContain('action="/login/password"')
  const short = await post('/login/password', { current: 'once', password: 'short', next: '/w' }, 'session=once')
  expect([short.statusCode, short.body.includes('at least 10 characters')]).toEqual([400, true])
  expect(
    (await post('/login/password', { current: 'once', password: 'long enough now', next: '/w' }, 'session=once')).headers.location,
  ).toBe('/w')
  expect((await post('/logout', {}, 'session=good')).headers.location).toBe('/')
})

test('a warning is acknowledged by a plain form, and without a login leads to one', async () => {
  const server = await sampleServer({ assets })
  const acknowledge = (cookie: string) =>
    server.app.inject({
      method: 'POST',
      url: '/w/w-qingxi-1/acknowledge',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
      payload: 'note=Pump+crew+called',
    })
  expect((await get('/w/w-qingxi-1', {}, server)).body).toContain(texts.en.buttons.loginToAcknowledge)
  expect((await acknowledge('')).headers.location).toBe('/login?next=%2Fw%2Fw-qingxi-1')
  expect((await acknowledge('session=good')).headers.location).toBe('/w/w-qingxi-1')
  expect((await get('/w/w-qingxi-1', { cookie: 'session=good' }, server)).body).toContain('Acknowledged by officer')
  await server.app.close()
})

test('pages, script and style keep to their bytes', async () => {
  const packed = (text: string): number => gzipSync(text).length
  expect(packed(assets.js)).toBeLessThanOrEqual(60_000)
  expect(packed(assets.css)).toBeLessThanOrEqual(12_000)
  const shell = (await get('/login')).body
  expect(packed(shell)).toBeLessThanOrEqual(14_000)
  expect((await get('/w/w-qingxi-1')).body.length).toBeLessThanOrEqual(60_000)
  const script = /src="(\/console\/main\.[0-9a-f]{16}\.js)"/.exec(shell)?.[1] ?? ''
  const answer = await get(script)
  expect([answer.statusCode, answer.headers['cache-control'], answer.body.length]).toEqual([
    200,
    'public, max-age=31536000, immutable',
    assets.js.length,
  ])
})

test('a chart is there as data too', async () => {
  const chart = (await get('/s/qingxi/chart.json?series=water_level/1&range=24h')).json<{
    points: unknown[]
    input: { quantity: string }
  }>()
  expect([chart.input.quantity, chart.points.length]).toEqual(['Water level', 288])
  expect((await get('/s/nowhere/chart.json')).statusCode).toBe(404)
})

test('an entry of the quarantine is mended by its page: a word is mapped, then it is run again', async () => {
  const server = await sampleServer({ assets, engineer: true })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const post = (url: string, fields: Record<string, string>) =>
    server.app.inject({ method: 'POST', url, headers: form, payload: new URLSearchParams(fields).toString() })
  const before = (await get('/q/13', {}, server)).body
  expect(before).toContain(texts.en.say.wouldRefuse)
  expect(before).toContain('action="/q/13/mapping"')
  expect(before).not.toContain('action="/q/13/run"')
  expect((await post('/q/13/run', { note: 'too early' })).statusCode).toBe(403)
  expect((await get('/q/12', {}, server)).body).toContain('action="/q/12/clock"')
  const said = { said: '1970-01-02T03:04:05Z', when: '2026-03-01T10:00:00+08:00', note: 'Seen on its display.' }
  expect((await post('/q/12/clock', said)).headers.location).toBe('/q/12')
  expect(server.asked).toContain('POST /api/v1/devices/rtu-mill-lane/clock/corrections')
  const mapped = await post('/q/13/mapping', { name: ' lvl ', value: 'mill-lane/water_level', note: 'The new logger sends lvl.' })
  expect([mapped.statusCode, mapped.headers.location]).toEqual([303, '/q/13'])
  expect(server.asked).toContain('PUT /api/v1/devices/rtu-mill-lane/mapping')
  const after = (await get('/q/13', {}, server)).body
  expect(after).toContain(texts.en.say.wouldTake(1))
  expect(after).toContain('action="/q/13/run"')
  expect((await post('/q/13/run', { note: 'The channel is mapped now.' })).headers.location).toBe('/q/13')
  expect((await get('/q/14', {}, server)).body).toContain('The channel is mapped now.')
  expect((await post('/q/13/close', { note: 'Sent from the bench.' })).headers.location).toBe('/q/13')
  expect(server.asked).toContain('POST /api/v1/quarantine/close')
  const closed = (await get('/q/15', {}, server)).body
  expect(closed).toContain(texts.en.say.givenUpBy('li.wei'))
  expect(closed).toContain(texts.en.say.givenUpCounts(1))
  expect(closed).not.toContain('action="/q/15/')
  const nowhere = await post('/q/404/mapping', { name: 'lvl', value: 'mill-lane/water_level' })
  expect([nowhere.statusCode, nowhere.body.includes(texts.en.problem.notFound.sentence)]).toEqual([404, true])
  await server.app.close()
})

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const engineerPages = ['/sim', '/sim/storm-1', '/w?run=storm-1']

test('an engineer starts a scenario with faults of choice, watches it, stops it and takes it away, by plain forms', async () => {
  const server = await sampleServer({ assets, engineer: true })
  const { simulator } = texts.en
  const post = (url: string, fields: Record<string, string> = {}) =>
    server.app.inject({ method: 'POST', url, headers: form, payload: new URLSearchParams(fields).toString() })
  const page = async (url = '/sim'): Promise<string> => (await get(url, {}, server)).body
  const before = await page()
  for (const part of ['name="scenario" value="storm"', 'name="fault-spike"', 'href="/sim/storm-1"', 'aria-current="page"'])
    expect([part, before.includes(part)]).toEqual([part, true])
  expect(before).not.toContain('data-poll')
  const order = {
    scenario: 'storm',
    seed: '7',
    speed: '60',
    stations: '',
    hours: '',
    start: '',
    factor: '2',
    share: '0.5',
    'fault-spike': '1',
  }
  const started = await post('/sim', order)
  expect([started.statusCode, started.headers.location]).toEqual([303, '/sim'])
  const during = await page()
  for (const part of ['data-poll', '<progress', simulator.phase.scenario.sending, 'action="/sim/storm-7-2/stop"', '60×', simulator.say.one])
    expect([part, during.includes(part)]).toEqual([part, true])
  expect(during).not.toContain('name="scenario"')
  const second = await post('/sim', order)
  expect([second.statusCode, second.body.includes('The simulation storm-7-2 runs.')]).toEqual([409, true])
  expect((await post('/sim/storm-7-2/stop')).headers.location).toBe('/sim/storm-7-2')
  expect(await page('/sim/storm-7-2')).toContain(simulator.say.noScore)
  expect((await post('/sim/storm-7-2/remove')).headers.location).toBe('/sim')
  expect(await page()).not.toContain('storm-7-2')
  expect((await post('/sim/storm-7-2/remove')).statusCode).toBe(404)
  await server.app.close()
})

test('many devices are ordered from a card of the same form, and their figures stand on the page with a picture', async () => {
  const server = await sampleServer({ assets, engineer: true })
  const { simulator } = texts.en
  const payload = new URLSearchParams({ seed: '1', stations: '', devices: '600', minutes: '0.5' }).toString()
  const answer = await server.app.inject({ method: 'POST', url: '/sim/load', headers: form, payload })
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/sim'])
  const during = (await get('/sim', {}, server)).body
  const { load, phase } = simulator
  for (const part of [phase.load.sending, load.connected('600', '600'), load.latency('5.2', '41', '191'), 'lc-p99', 'SIM · simulated data'])
    expect([part, during.includes(part)]).toEqual([part, true])
  await server.app.inject({ method: 'POST', url: '/sim/load-600-2/stop', headers: form, payload: '' })
  const after = (await get('/sim/load-600-2', {}, server)).body
  for (const part of [load.loss('0', '0'), load.brief('600'), load.memory('350', '910')])
    expect([part, after.includes(part)]).toEqual([part, true])
  expect(after).not.toContain(simulator.say.noScore)
  await server.app.close()
})

test('a day is replayed under a configuration that may be long, and what differs stands on the page', async () => {
  const server = await sampleServer({ assets, engineer: true })
  const { replay, titles } = texts.en.simulator
  const post = (fields: Record<string, string>) =>
    server.app.inject({ method: 'POST', url: '/sim/replay', headers: form, payload: new URLSearchParams(fields).toString() })
  const configuration = `# ${'x'.repeat(300_000)}`
  const refused = await post({ network: 'dmo', from: '2026-06-15T08:00', hours: '24', speed: '60', configuration })
  expect(refused.statusCode).toBe(400)
  for (const part of [
    'these are demo.',
    'value="2026-06-15T08:00"',
    '<option value="60" selected>',
    configuration.slice(0, 100),
    '<details open>',
  ])
    expect([part, refused.body.includes(part)]).toEqual([part, true])
  expect((await post({ network: 'demo', from: '', hours: '24', speed: 'max', configuration })).headers.location).toBe('/sim')
  await server.app.inject({ method: 'POST', url: '/sim/replay-0-2/stop', headers: form, payload: '' })
  const after = (await get('/sim/replay-0-2', {}, server)).body
  const shown = [
    replay.differ('1', '1'),
    replay.otherConfiguration,
    titles.readingsDiffer,
    'qingxi/water_level/1',
    'suspect · gross_range',
    replay.notThere,
  ]
  for (const part of shown) expect([part, after.includes(part)]).toEqual([part, true])
  await server.app.close()
})

test('an order that is refused leaves the fields as they were typed', async () => {
  const server = await sampleServer({ assets, engineer: true })
  const payload = new URLSearchParams({ scenario: 'strom', seed: '77', stations: '31', speed: 'max', 'fault-spike': '1' }).toString()
  const answer = await server.app.inject({ method: 'POST', url: '/sim', headers: form, payload })
  expect(answer.statusCode).toBe(400)
  for (const part of ['role="alert"', 'did you mean storm?', 'value="77"', 'value="31"', '<option value="max" selected>', '<details open>'])
    expect([part, answer.body.includes(part)]).toEqual([part, true])
  await server.app.close()
})

test('a past simulation shows what was true above what was warned of, the same as a table, and the score of the command line', async () => {
  const server = await sampleServer({ assets, engineer: true })
  const { simulator } = texts.en
  const html = (await get('/sim/storm-1', {}, server)).body
  for (const part of ['class="hg ts"', 'ts-missed', 'ts-cross', 'SIM · simulated data', 'href="/w/w-1"', simulator.verdict.missed])
    expect([part, html.includes(part)]).toEqual([part, true])
  for (const part of ['13,068', '-2.7 min', simulator.figure.lead?.meaning ?? '', simulator.rule['level-high'] ?? '', '0.750'])
    expect([part, html.includes(part)]).toEqual([part, true])
  for (const href of ['/w?run=storm-1', '/?network=storm-1', '/api/v1/simulator/storm-1/truth']) expect(html).toContain(`href="${href}"`)
  expect((await get('/sim/nothing', {}, server)).statusCode).toBe(404)
  expect((await get('/w?run=storm-1', {}, server)).body).toContain(simulator.say.ofRun('storm-1'))
  expect(server.asked.some((asked) => asked.includes('/api/v1/warnings?') && asked.includes('run=storm-1'))).toBe(true)
  await server.app.close()
})

test('the simulator is whole in Chinese, has a sentence when it is empty, and is for engineers only', async () => {
  const server = await sampleServer({ assets, engineer: true })
  for (const url of engineerPages) {
    const html = (await get(url, { cookie: 'gk_lang=zh' }, server)).body.replace(/<style>[\s\S]*?<\/style>/, '')
    const words = [...html.matchAll(/>([^<>]+)</g)].map((found) => found[1] ?? '')
    const english = ['Simulat', 'Start', 'Storm', 'High water', 'Score', 'stations', 'spike', 'Warning', 'values'].filter((word) =>
      words.some((text) => text.includes(word)),
    )
    expect([url, english]).toEqual([url, []])
  }
  const bare = await sampleServer({ assets, engineer: true, empty: true })
  expect((await get('/sim', {}, bare)).body).toContain(texts.en.empty.simulations.sentence)
  const officer = await sampleServer({ assets, officer: true })
  const refused = await get('/sim', {}, officer)
  expect([refused.statusCode, refused.body.includes(texts.en.problem.refused.sentence)]).toEqual([403, true])
  expect((await get('/', {}, officer)).body).not.toContain('href="/sim"')
  expect((await get('/', {}, server)).body).toContain('href="/sim"')
  const guest = await get('/sim')
  expect([guest.statusCode, guest.body.includes('/login?next=%2Fsim')]).toEqual([401, true])
  for (const one of [server, bare, officer]) await one.app.close()
})

test('whoever may not mend sees why, and the way to log in', async () => {
  expect((await get('/q/13')).body).toContain('/login?next=%2Fq%2F13')
  const officer = await sampleServer({ assets, officer: true })
  expect((await get('/q/13', {}, officer)).body).toContain(texts.en.problem.refused.reason)
  await officer.app.close()
})
