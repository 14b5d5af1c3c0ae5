import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import mqtt from 'mqtt'
import { listFiles } from '../app/backup/manifest.ts'
import { damageUnread } from '../store/testing/damage.ts'
import { gaugekeeper } from '../testing/command.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, until, untilCarried, type ServedSystem } from '../testing/server.ts'

const startAt = Date.now() - 86_400_000

/** Publishes readings `from` to `to`, each acknowledged, and every tenth time something that goes into quarantine. */
async function publish(system: ServedSystem, secret: string, from: number, to: number): Promise<void> {
  const options = { username: 'logger-1', password: secret, reconnectPeriod: 0 }
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${new URL(system.mqtt).port}`, options)
  for (let seq = from; seq <= to; seq += 1) {
    const reading = { seq, at: startAt + seq * 1000, values: { water_level: 1 + (seq % 100) / 100 } }
    await client.publishAsync('devices/logger-1/readings', JSON.stringify(reading), { qos: 1 })
    if (seq % 10 === 0) await client.publishAsync('devices/logger-1/readings', `no reading ${'?'.repeat(2_000)}${seq}`, { qos: 1 })
  }
  await client.endAsync()
}

async function storedSeqs(system: ServedSystem): Promise<number[]> {
  const query = `series=gauge-1/water_level/1&from=${startAt}&to=${startAt + 86_400_000}&limit=20000`
  const { observations } = await system.get<{ observations: { seq: number }[] }>(`/api/v1/observations?${query}`)
  return observations.map(({ seq }) => seq).sort((a, b) => a - b)
}

const ready = async (system: ServedSystem): Promise<[number, string]> => {
  const answer = await fetch(`${system.url}/readyz`)
  return [answer.status, await answer.text()]
}

test('a damaged store is red with what to do, is not backed up as good, and nothing acknowledged is lost when the last backup takes its place', async () => {
  const folder = temporaryFolder()
  const flags = ['--no-demo', '--network', writeNetworkFile(folder, riverNetwork(1))]
  const first = await serve({ flags })
  const { data } = first
  const secret = (await secretsOf(first, ['logger-1'])).get('logger-1') ?? ''
  await publish(first, secret, 1, 200)
  await untilCarried(first, 30_000)
  const backup = path.join(folder, 'backup')
  expect(await gaugekeeper('backup', backup, '--data', data)).toMatchObject({ code: 0 })
  await publish(first, secret, 201, 300)
  await untilCarried(first, 30_000)
  expect(await first.stop()).toBe(0)
  await damageUnread(data)

  const second = await serve({ data, flags })
  const doctor = await gaugekeeper('doctor', '--deep', '--data', data)
  expect([doctor.code, doctor.stdout]).toEqual([
    5,
    expect.stringMatching(/^failure {2}store-damaged: .*gauge\.duckdb: the file is damaged/),
  ])
  expect(doctor.stdout).toContain('put the one of the last backup in its place')
  expect(await ready(second)).toEqual([503, expect.stringContaining('the file is damaged')])
  const { problems } = await second.get<{ problems: { name: string; severity: string }[] }>('/api/v1/system')
  expect(problems[0]).toMatchObject({ name: 'store-damaged', severity: 'failure' })
  expect(await metric(second, 'gaugekeeper_store_damaged')).toBe(1)
  const refused = await gaugekeeper('backup', path.join(folder, 'next'), '--data', data)
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('the file is damaged')])
  expect([existsSync(path.join(folder, 'next')), existsSync(path.join(folder, 'next.part'))]).toEqual([false, false])
  await publish(second, secret, 301, 320)
  expect(await second.stop()).toBe(0)

  renameSync(path.join(data, 'gauge.duckdb'), path.join(folder, 'damaged'))
  rmSync(path.join(data, 'gauge.duckdb.wal'), { force: true })
  copyFileSync(path.join(backup, 'gauge.duckdb'), path.join(data, 'gauge.duckdb'))
  const third = await serve({ data, flags })
  const expected = Array.from({ length: 320 }, (_, i) => i + 1)
  await until(async () => (await storedSeqs(third)).length >= expected.length, 30_000, 'all that was acknowledged')
  expect(await storedSeqs(third)).toEqual(expected)
  await until(async () => (await ready(third))[0] === 200, 30_000, 'being ready')
  expect(await third.stop()).toBe(0)
}, 180_000)

test('a backup whose store cannot be read is not restored, even where its checksums are right', async () => {
  const folder = temporaryFolder()
  const system = await serve({ flags: ['--no-demo'] })
  const backup = path.join(folder, 'backup')
  expect(await gaugekeeper('backup', backup, '--data', system.data)).toMatchObject({ code: 0 })
  expect(await system.stop()).toBe(0)
  await damageUnread(backup)
  await writeManifestAnew(backup)
  const data = path.join(folder, 'restored')
  const { code, stderr } = await gaugekeeper('restore', backup, '--data', data)
  expect([code, stderr]).toEqual([1, expect.stringMatching(/reading the store of the backup .* the file is damaged/)])
  expect([existsSync(data), existsSync(`${data}.part`)]).toEqual([false, false])
}, 120_000)

/** As a release did that did not read the store again. */
async function writeManifestAnew(backup: string): Promise<void> {
  const file = path.join(backup, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...manifest, files: await listFiles(backup) }))
}
