import { afterAll, beforeAll, expect, test } from '@jest/globals'
import mqtt from 'mqtt'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

// Reliability goal R11 at the HTTP door; with GAUGEKEEPER_LONG=1 it tells its figures.
const long = process.env['GAUGEKEEPER_LONG'] === '1'

const burst = 20
const rate = ['--set', 'broker.publishesPerSecond=1', `broker.publishBurst=${burst}`]

let system: ServedSystem
let secret = ''
let other = ''
let key = ''

beforeAll(async () => {
  const folder = temporaryFolder()
  system = await serve({ flags: ['--no-demo', '--network', writeNetworkFile(folder, riverNetwork(2)), ...rate] })
  const secrets = await secretsOf(system, ['logger-1', 'logger-2'])
  ;[secret, other] = [secrets.get('logger-1') ?? '', secrets.get('logger-2') ?? '']
  key = (await system.send<{ token: string }>('POST', '/api/v1/keys', { name: 'a program', scopes: ['read'], days: 1 })).token
}, 120_000)

afterAll(() => system.stop())

/** Status of the answer; 0 = the connection was closed without one. */
async function statusOf(path: string, authorization: string | null, body?: object): Promise<number> {
  const posted = body && { method: 'POST', body: JSON.stringify(body) }
  const headers = { ...(authorization !== null && { authorization }), ...(body && { 'content-type': 'application/json' }) }
  const answer = await fetch(`${system.url}${path}`, { ...posted, headers }).catch(() => null)
  await answer?.arrayBuffer().catch(() => null)
  return answer?.status ?? 0
}

const basic = (name: string, password: string): string => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
const deliver = (authorization: string): Promise<number> =>
  statusOf('/api/v1/deliveries', authorization, { at: Date.now(), values: { water_level: 1 } })

/** Guesses 100 times at once while somebody comes with the right login; what came of both. */
async function guess(wrong: (n: number) => Promise<number>, right: () => Promise<number>) {
  const began = performance.now()
  const guesses = Promise.all(Array.from({ length: 100 }, (_, n) => wrong(n)))
  const rightly = await right()
  const rightMs = performance.now() - began
  const statuses = await guesses
  const seconds = (performance.now() - began) / 1_000
  const answered = statuses.filter((status) => status !== 0 && status !== 429)
  if (long) process.stderr.write(`answered ${answered.length} in ${seconds.toFixed(1)} s, the right login in ${rightMs.toFixed(0)} ms\n`)
  return { rightly, answers: new Set(answered), answered: answered.length, allowed: 5 + 10 * Math.ceil(seconds) }
}

test('an address that guesses the secret of a device is answered slowly, and the right one from it is not', async () => {
  const { rightly, answers, answered, allowed } = await guess(
    (n) => deliver(basic(n % 2 === 0 ? 'logger-1' : `logger-${n}`, `guess-${n}`)),
    () => deliver(basic('logger-1', secret)),
  )
  expect({ rightly, answers }).toEqual({ rightly: 202, answers: new Set([401]) })
  expect(answered).toBeLessThanOrEqual(allowed)
  await until(async () => (await metric(system, 'gaugekeeper_http_refused_total', 'login-throttled')) === 100 - answered)
  expect(await metric(system, 'gaugekeeper_http_refused_total', 'login-refused')).toBe(answered)
})

test('an address that guesses keys is answered slowly, and the right one from it is not', async () => {
  const ask = (token: string): Promise<number> => statusOf('/api/v1/series', `Bearer ${token}`)
  const { rightly, answers, answered, allowed } = await guess(
    (n) => ask(n % 2 === 0 ? `gk_${n}` : `guess-${n}`),
    () => ask(key),
  )
  expect({ rightly, answers }).toEqual({ rightly: 200, answers: new Set([401]) })
  expect(answered).toBeLessThanOrEqual(allowed)
})

test('an address that guesses the password of somebody is answered slowly, and somebody else from it is not shut out', async () => {
  const { password } = await system.send<{ password: string }>('POST', '/api/v1/users', { name: 'lin', role: 'viewer' })
  const login = (user: string, given: string): Promise<number> => statusOf('/api/v1/session', null, { user, password: given })
  const { rightly, answers, answered, allowed } = await guess(
    (n) => login('admin', `guess-${n}`),
    () => login('lin', password),
  )
  expect({ rightly, answers }).toEqual({ rightly: 200, answers: new Set([401]) })
  expect(answered).toBeLessThanOrEqual(allowed)
})

test('a device has one rate for both doors', async () => {
  const client = await mqtt.connectAsync(system.mqtt, { username: 'logger-2', password: other, reconnectPeriod: 0 }, false)
  const posted = await Promise.all(Array.from({ length: 2 * burst }, () => deliver(basic('logger-2', other))))
  expect(new Set(posted)).toEqual(new Set([202, 429]))
  for (let seq = 1; seq <= burst / 2; seq++) client.publish('devices/logger-2/readings', `{"seq":${seq}}`, { qos: 1 })
  await until(async () => (await metric(system, 'gaugekeeper_broker_held_total')) >= 1, 30_000, 'a message being held')
  await client.endAsync(true)
  expect(await deliver(basic('logger-1', secret))).toBe(202)
})
