import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { gaugekeeper } from '../testing/command.ts'
import { needing, promtool } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder } from '../testing/server.ts'

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
  expect(await system.stop()).toBe(0)
}, 90_000)

test('a store that is away is a failure, with its words', async () => {
  const flags = ['--no-demo', '--set', 'store.engine=influxdb', '--set', 'influx.url=http://127.0.0.1:9']
  const system = await serve({ flags })
  const { code, stdout } = await gaugekeeper('doctor', '--data', system.data)
  expect({ code, stdout }).toMatchObject({ code: 5, stdout: expect.stringMatching(/^failure {2}store: .*127\.0\.0\.1:9/m) })
  expect(await system.stop()).toBe(0)
}, 60_000)

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
