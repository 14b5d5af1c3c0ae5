import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import mqtt, { type MqttClient } from 'mqtt'
import { gaugekeeper } from '../testing/command.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

const startAt = Date.now() - 86_400_000

async function connect(system: ServedSystem, secret: string): Promise<MqttClient> {
  return mqtt.connectAsync(`mqtt://127.0.0.1:${new URL(system.mqtt).port}`, { username: 'logger-1', password: secret, reconnectPeriod: 0 })
}

/** Publishes reading after reading until it is told to stop; `acknowledged` grows. */
function publishSteadily(client: MqttClient, acknowledged: Set<number>): () => Promise<void> {
  let stopped = false
  const run = async (): Promise<void> => {
    for (let seq = acknowledged.size + 1; !stopped; seq += 1) {
      const payload = JSON.stringify({ seq, at: startAt + seq * 1000, values: { water_level: 1 + (seq % 100) / 100 } })
      await client.publishAsync('devices/logger-1/readings', payload, { qos: 1 })
      acknowledged.add(seq)
    }
  }
  const running = run()
  return async () => {
    stopped = true
    await running
  }
}

async function storedSeqs(system: ServedSystem): Promise<Set<number>> {
  const query = `series=gauge-1/water_level/1&from=${startAt}&to=${startAt + 86_400_000}&limit=20000`
  const { observations } = await system.get<{ observations: { seq: number }[] }>(`/api/v1/observations?${query}`)
  return new Set(observations.map(({ seq }) => seq))
}

test('a backup taken under load is restored into a system that runs on, with everything acknowledged before it', async () => {
  const folder = temporaryFolder()
  const flags = ['--no-demo', '--network', writeNetworkFile(folder, riverNetwork(1))]
  const system = await serve({ flags })
  const secret = (await secretsOf(system, ['logger-1'])).get('logger-1') ?? ''
  const client = await connect(system, secret)
  const acknowledged = new Set<number>()
  const stop = publishSteadily(client, acknowledged)
  await until(() => acknowledged.size >= 300, 60_000, 'readings')
  const before = [...acknowledged]
  const backup = path.join(folder, 'backup')
  const made = await gaugekeeper('backup', backup, '--data', system.data)
  expect({ code: made.code, err: made.code === 0 ? '' : made.stderr }).toEqual({ code: 0, err: '' })
  const during = acknowledged.size
  await until(() => acknowledged.size > during, 60_000, 'readings after the backup')
  await stop()
  client.end(true)
  expect(await system.stop()).toBe(0)

  const data = path.join(folder, 'restored')
  expect(await gaugekeeper('restore', backup, '--data', data)).toMatchObject({ code: 0 })
  const restored = await serve({ data, flags })
  await until(async () => (await storedSeqs(restored)).size >= before.length, 30_000, 'the restored readings')
  const there = await storedSeqs(restored)
  expect(before.filter((seq) => !there.has(seq))).toEqual([])

  const again = await connect(restored, secret)
  const next = { seq: 99_999, at: startAt + 80_000_000, values: { water_level: 2 } }
  await again.publishAsync('devices/logger-1/readings', JSON.stringify(next), { qos: 1 })
  await until(async () => (await storedSeqs(restored)).has(next.seq), 30_000, 'a reading taken after the restore')
  again.end(true)
  expect(await restored.stop()).toBe(0)
}, 180_000)

test('a backup that differs from its checksums, or is none, is not restored, and nothing is overwritten', async () => {
  const folder = temporaryFolder()
  const system = await serve()
  const backup = path.join(folder, 'backup')
  expect(await gaugekeeper('backup', backup, '--data', system.data)).toMatchObject({ code: 0 })
  const refuses = async (args: string[], why: RegExp): Promise<void> => {
    const { code, stderr } = await gaugekeeper(...args)
    expect(stderr).toMatch(why)
    expect(code).toBe(1)
  }
  await refuses(['backup', backup, '--data', system.data], /it is there already/)
  await refuses(['restore', backup, '--data', system.data], /its server runs/)
  expect(await system.stop()).toBe(0)
  await refuses(['restore', backup, '--data', system.data], /it holds data/)
  const data = path.join(folder, 'new')
  appendFileSync(path.join(backup, 'gauge.duckdb'), 'x')
  await refuses(['restore', backup, '--data', data], /gauge\.duckdb differs/)
  rmSync(path.join(backup, 'manifest.json'))
  await refuses(['restore', backup, '--data', data], /no finished backup/)
  expect(existsSync(data)).toBe(false)
  expect(JSON.parse(readFileSync(path.join(system.data, 'format.json'), 'utf8'))).toMatchObject({ format: 1 })
}, 120_000)
