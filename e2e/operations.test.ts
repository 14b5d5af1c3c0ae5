import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { gaugekeeper } from '../testing/command.ts'
import { needing, promtool } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until } from '../testing/server.ts'

const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

test('doctor says what is wrong and what to do, and fails only on failures', async () => {
  const folder = temporaryFolder()
  const gone = await gaugekeeper('doctor', '--json', '--data', folder)
  expect(gone.code).toBe(5)
  expect(JSON.parse(gone.stdout)).toMatchObject({ findings: [{ name: 'server', severity: 'failure' }] })

  const system = await serve()
  const running = await gaugekeeper('doctor', '--wait', '30s', '--data', system.data)
  expect(running.stdout).toMatch(/attention {2}password-not-set: .+\n {2}→ log in and change it/)
  expect(running.code).toBe(0)
  const first = path.join(system.data, 'first-password')
  const answer = await fetch(`${system.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: system.url },
    body: JSON.stringify({ user: 'admin', password: readFileSync(first, 'utf8').trim() }),
  })
  const body = JSON.stringify({ current: readFileSync(first, 'utf8').trim(), next: 'rain over the upper reaches' })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const headers = { 'content-type': 'application/json', origin: system.url, cookie }
  expect((await fetch(`${system.url}/api/v1/users/me/password`, { method: 'POST', headers, body })).status).toBe(200)
  await until(() => !existsSync(first), 10_000, 'the file of the one-time password being gone')
  expect(await system.stop()).toBe(0)
}, 90_000)

test('a store that is away is a failure, with its words', async () => {
  const flags = ['--no-demo', '--set', 'store.engine=influxdb', '--set', 'influx.url=http://127.0.0.1:9']
  const system = await serve({ flags })
  const { code, stdout } = await gaugekeeper('doctor', '--data', system.data)
  expect({ code, stdout }).toMatchObject({ code: 5, stdout: expect.stringMatching(/^failure {2}store: .*127\.0\.0\.1:9/m) })
  // what starts it at boot asks for less: it acknowledges, and must not be ended
  expect((await gaugekeeper('doctor', '--started', '--data', system.data)).code).toBe(0)
  expect(await system.stop()).toBe(0)
}, 60_000)

test('an InfluxDB beside the store that refuses the token is told of, and stops nothing', async () => {
  const refusing = createServer((_request, response) => void response.writeHead(401).end('{"code":"unauthorized"}'))
  await new Promise<void>((listening) => refusing.listen(0, '127.0.0.1', listening))
  const { port } = refusing.address() as AddressInfo
  const system = await serve({ flags: ['--set', `influx.url=http://127.0.0.1:${port}`, '--set', 'influx.api=v1'] })
  const told = async (): Promise<string> => (await gaugekeeper('doctor', '--data', system.data)).stdout
  await until(async () => /^attention {2}influx-behind: \d+ commits are not in InfluxDB: /m.test(await told()), 60_000, 'the problem')
  expect(await told()).toContain('set a valid token (influx.token)')
  expect((await gaugekeeper('doctor', '--data', system.data)).code).toBe(0)
  await system.stop()
  refusing.close()
}, 90_000)

test('series beyond the bound are a problem that says what to do, until there is room for them', async () => {
  const network = writeNetworkFile(temporaryFolder(), riverNetwork(3))
  const flags = ['--no-demo', '--network', network]
  const bounded = await serve({ flags: [...flags, '--set', 'ingest.maxSeries=2'] })
  const { code, stdout } = await gaugekeeper('doctor', '--data', bounded.data)
  const told = /^attention {2}too-many-series: the networks declare 3 series and 2 are taken: readings of 1 of real stations are put aside/m
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(told) })
  expect(stdout).toContain('raise ingest.maxSeries')
  await bounded.stop()
  const again = await serve({ data: bounded.data, flags: [...flags, '--set', 'ingest.maxSeries=3'] })
  expect((await gaugekeeper('doctor', '--data', again.data)).stdout).not.toContain('too-many-series')
  await again.stop()
}, 60_000)

test('the support bundle tells how the system is and holds no secret', async () => {
  const folder = temporaryFolder()
  const config = path.join(folder, 'gaugekeeper.yaml')
  const channels = [{ kind: 'webhook', name: 'duty', url: 'https://example.org/hook', secrets: [webhookSecret] }]
  writeFileSync(config, stringify({ notify: { channels }, influx: { token: 'influx-token-of-the-test' } }))
  const system = await serve({ flags: ['--no-demo', '--config', config, '--network', writeNetworkFile(folder, riverNetwork(2))] })
  const device = (await secretsOf(system, ['logger-1'])).get('logger-1') ?? ''
  const file = path.join(folder, 'bundle.json.gz')
  expect(await gaugekeeper('doctor', 'bundle', file, '--data', system.data)).toMatchObject({ code: 0 })
  const text = gunzipSync(readFileSync(file)).toString()
  expect(JSON.parse(text)).toMatchObject({
    release: expect.any(String),
    settings: { 'influx.token': '***', 'notify.channels': '***', 'journal.keep': '7d' },
    networks: [{ id: 'test', stations: 2, sensors: 2, devices: 2, rules: 1 }],
    problems: [{ name: 'password-not-set' }],
  })
  const password = readFileSync(path.join(system.data, 'first-password'), 'utf8').trim()
  for (const secret of [webhookSecret, 'influx-token-of-the-test', device, system.token, password]) {
    expect(secret.length).toBeGreaterThan(8)
    expect(text).not.toContain(secret)
  }
  expect(await system.stop()).toBe(0)
}, 60_000)

needing([promtool()], 'promtool finds no fault in /metrics, and the figures have their names', async (tool) => {
  const system = await serve()
  const text = await (await fetch(`${system.url}/metrics`)).text()
  expect(execFileSync(tool, ['check', 'metrics'], { input: text, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })).toBe('')
  const names = ['ingest_messages_total{outcome="acknowledged"}', 'ingest_lag_seconds_bucket', 'store_write_seconds_count', 'build_info']
  for (const name of [...names, 'warnings_active{severity="red"}', 'broker_refused_total']) expect(text).toContain(`gaugekeeper_${name}`)
  expect(await system.stop()).toBe(0)
})
