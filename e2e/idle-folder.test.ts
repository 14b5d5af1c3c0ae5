import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { gaugekeeper, gaugekeeperTold } from '../testing/command.ts'
import { startLogger } from '../testing/loggers.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, totalsOf, untilCarried, until, type ServedSystem } from '../testing/server.ts'

const begin = Date.now() - 3_600_000
const network = writeNetworkFile(temporaryFolder(), riverNetwork(1))
const flags = ['--no-demo', '--network', network]

/** Lets the logger of the network send until so many are acknowledged. */
async function send(system: ServedSystem, count: number, from = 0): Promise<void> {
  const secret = (await secretsOf(system, ['logger-1'])).get('logger-1') ?? ''
  const logger = startLogger({
    ...{ port: Number(new URL(system.mqtt).port), name: 'logger-1', secret },
    payloadOf: (seq) => JSON.stringify({ seq: from + seq, at: begin + (from + seq) * 100, values: { water_level: 1 } }),
  })
  await until(() => logger.acknowledged.size >= count)
  logger.stop()
}

test('commands beside a killed server leave what it had not carried for the next one, who has its networks', async () => {
  // a batch carried, the next one waits 5 s for more
  const system = await serve({ flags: [...flags, '--set', 'ingest.gather=5s'] })
  const { data } = system
  await send(system, 300)
  await send(system, 300, 1_000)
  await system.kill()
  const backup = path.join(temporaryFolder(), 'backup')
  expect(await gaugekeeper('backup', backup, '--data', data)).toMatchObject({ code: 0 })
  const { code, stdout: capture } = await gaugekeeper('capture', '--data', data)
  expect([code, capture.split('\n').filter((line) => line.includes('"logger-1"')).length >= 600]).toEqual([0, true])
  expect(await gaugekeeper('capture', '--run', 'none', '--data', data)).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining('There is no run none.') },
  })
  const reset = await gaugekeeper('users', 'reset', 'admin', '--data', data)
  expect(reset).toMatchObject({ code: 0, stdout: expect.stringMatching(/^admin \S+\n$/) })
  expect(await gaugekeeper('users', 'reset', 'nobody', '--data', data)).toMatchObject({ code: 1 })
  // those that need a server of their own would carry it
  const load = await gaugekeeper('load', '--devices', '1', '--minutes', '1', '--speed', '60', '--data', data)
  expect(load).toMatchObject({ code: 3, stderr: expect.stringMatching(/had not carried what logger-1 sent, .*--config/) })
  for (const folder of [data, await restored(backup)]) {
    const again = await serve({ data: folder, flags })
    await untilCarried(again, 30_000)
    const { received, stored, quarantined } = await totalsOf(again)
    expect([stored >= 600, received - stored, quarantined]).toEqual([true, 0, 0])
    const { entries } = await again.get<{ entries: { action: string; who: string }[] }>('/api/v1/audit?limit=20')
    if (folder === data) expect(entries).toContainEqual(expect.objectContaining({ action: 'resetUser', who: 'command line' }))
    expect(await again.stop()).toBe(0)
  }
}, 120_000)

async function restored(backup: string): Promise<string> {
  const data = path.join(temporaryFolder(), 'data')
  expect(await gaugekeeper('restore', backup, '--data', data)).toMatchObject({ code: 0 })
  return data
}

test('a server that is stopped carries what it has acknowledged first, and its folder is not opened with another engine', async () => {
  const system = await serve({ flags: [...flags, '--set', 'ingest.gather=5s'] })
  const { data } = system
  await send(system, 200)
  await send(system, 200, 1_000)
  expect(await system.stop()).toBe(0)
  const order = ['--devices', '1', '--minutes', '1', '--speed', '60', '--data', data]
  expect(await gaugekeeper('load', ...order)).toEqual(
    expect.objectContaining({ code: 0, stderr: expect.not.stringContaining('gaugekeeper:') }),
  )
  const format = readFileSync(path.join(data, 'format.json'), 'utf8')
  const other = ['--set', 'store.engine=influxdb', '--set', 'influx.url=http://127.0.0.1:9']
  expect(await gaugekeeper('backup', path.join(data, '..', 'copy'), '--data', data, ...other)).toMatchObject({
    ...{ code: 3, stderr: expect.stringContaining('its readings are with store.engine duckdb, and influxdb is asked for') },
  })
  expect(readFileSync(path.join(data, 'format.json'), 'utf8')).toBe(format)
}, 60_000)

test('the first password of a container that has no console yet is set before its server has ever run', async () => {
  const data = path.join(temporaryFolder(), 'data')
  const set = await gaugekeeperTold('a long enough passphrase\n', 'users', 'password', 'admin', '--data', data)
  expect(set).toMatchObject({ code: 0, stderr: 'admin logs in with that password from now on\n' })
  const system = await serve({ data })
  const login = { user: 'admin', password: 'a long enough passphrase' }
  const answer = await fetch(`${system.url}/api/v1/session`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(login) },
  })
  expect(answer.status).toBeLessThan(300)
  expect(await system.stop()).toBe(0)
}, 60_000)
