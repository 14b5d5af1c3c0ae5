import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import mqtt from 'mqtt'
import { gaugekeeper } from '../testing/command.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until } from '../testing/server.ts'

const startAt = Date.now() - 3_600_000

// The process ends itself with another code when draining takes more than 10 s.
test('SIGTERM under load drains: it exits 0, and what was acknowledged is there after the next start', async () => {
  const folder = temporaryFolder()
  const flags = ['--no-demo', '--network', writeNetworkFile(folder, riverNetwork(1))]
  const system = await serve({ flags })
  const secret = (await secretsOf(system, ['logger-1'])).get('logger-1') ?? ''
  const client = mqtt.connect(system.mqtt, { username: 'logger-1', password: secret, reconnectPeriod: 0 })
  client.on('error', () => undefined)
  const acknowledged = new Set<number>()
  let [seq, waiting, open] = [0, 0, true]
  client.on('close', () => (open = false))
  const publish = (): void => {
    while (open && waiting < 20) {
      const mine = (seq += 1)
      waiting += 1
      const payload = JSON.stringify({ seq: mine, at: startAt + mine * 100, values: { water_level: 1 } })
      client.publish('devices/logger-1/readings', payload, { qos: 1 }, (error) => {
        waiting -= 1
        if (!error) acknowledged.add(mine)
        publish()
      })
    }
  }
  client.on('connect', publish)
  await until(() => acknowledged.size > 2_000, 60_000, 'load')
  expect(await system.stop()).toBe(0)
  client.end(true)

  const again = await serve({ data: system.data, flags })
  const query = `series=gauge-1/water_level/1&from=${startAt}&to=${startAt + 36_000_000}&limit=20000`
  const stored = async (): Promise<number[]> =>
    (await again.get<{ observations: { seq: number }[] }>(`/api/v1/observations?${query}`)).observations.map((one) => one.seq)
  await until(async () => (await stored()).length >= acknowledged.size, 30_000, 'the readings')
  const there = new Set(await stored())
  expect([...acknowledged].filter((one) => !there.has(one))).toEqual([])
  expect(await again.stop()).toBe(0)
}, 120_000)

test('a broken configuration is one clear line a mistake and exit 3, before anything is opened', async () => {
  const folder = temporaryFolder()
  const refused = async (content: string, line: RegExp): Promise<void> => {
    const file = path.join(folder, 'gaugekeeper.yaml')
    writeFileSync(file, content)
    const { code, stderr, stdout } = await gaugekeeper('serve', '--config', file, '--data', path.join(folder, 'data'))
    expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 3, stdout: '', lines: 2 })
    expect(stderr).toMatch(line)
  }
  await refused('server: { prot: 8080 }', /server\.prot .*did you mean server\.port\?/)
  await refused('journal: { keep: long }', /journal\.keep .*"long"/)
  await refused('store: { engine: influxdb }\ninflux: { token: { } }', /influx\.token/)
  await refused('store: { engine: influxdb }', /store\.engine: influxdb .*influx\.url/)
  await refused('influx: { url: "http://admin:secret@127.0.0.1:8086" }', /influx\.url: a login in the address/)
  await refused('broker: { keepAliveAtLeast: 20m, keepAliveAtMost: 1m }', /broker\.keepAliveAtLeast/)
  await refused('server: { host: 0.0.0.0 }', /server\.plain/)
  expect(existsSync(path.join(folder, 'data'))).toBe(false)
}, 60_000)
