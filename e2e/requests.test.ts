import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { createHj212Station } from '../devices-sim/hj212-station.ts'
import type { CommandResult } from '../domain/command.ts'
import { deviceId } from '../domain/ids.ts'
import { gaugekeeper } from '../testing/command.ts'
import { secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, totalsOf, until } from '../testing/server.ts'

const network = {
  network: { id: 'works', timeZone: 'Asia/Shanghai' },
  stations: [{ id: 'outfall', kind: 'outfall', sensors: [{ parameter: 'cod', every: '1m' }] }],
  devices: [{ id: 'logger', protocol: 'hj212', stations: ['outfall'], hj212: { mn: '010000A8900016F000169DC0' } }],
}
const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }
const minute = 60_000

test('an engineer asks a station in the words of HJ 212, and gives it a new password while it reports', async () => {
  const system = await serve({ flags: ['--no-demo', '--network', writeNetworkFile(temporaryFolder(), network)] })
  const password = (await secretsOf(system, ['logger'])).get('logger') ?? ''
  expect(password).toMatch(/^[0-9A-Za-z]{6}$/)
  const { field } = JSON.parse(readFileSync(path.join(system.data, 'server.json'), 'utf8')) as { field: { hj212: string } }
  const [host = '', port = ''] = field.hj212.split(':')
  const began = Math.floor(Date.now() / minute) * minute - 60 * minute
  const station = createHj212Station({
    ...{ host, port: Number(port), device: deviceId('logger'), mn: '010000A8900016F000169DC0', password },
    ...{ edition: '2017', st: '32', timers, now: () => Date.now() },
  })
  const report = async (i: number): Promise<void> => {
    const reading = { name: 'cod', number: null, station: null, value: 20 + i, unit: null, sourceQuality: null }
    station.send([{ at: began + i * minute, seq: null, position: null, readings: [reading] }])
    await station.settled()
  }
  const ask = (code: string, fields: object = {}): Promise<CommandResult> =>
    system.send('POST', '/api/v1/devices/logger/commands', { kind: 'request', code, fields })
  await report(0)
  expect(await ask('1064', { MinInterval: '5' })).toEqual({ outcome: 'done', detail: 'carried out' })
  const told = await gaugekeeper('devices', 'command', 'logger', 'request', '--code', '1063', '--data', system.data)
  expect([told.code, told.stdout]).toEqual([0, 'done: carried out; it sent MinInterval=5\n'])
  expect(await ask('3012', { PolId: 'w01018;CN=1072' })).toMatchObject({ outcome: 'unsupported' })
  expect(await ask('9011')).toMatchObject({ outcome: 'unsupported' })

  expect(await ask('1072')).toEqual({ outcome: 'done', detail: 'carried out; the station has a password that nobody else knows' })
  await report(1)
  expect(await ask('1061')).toMatchObject({ outcome: 'done' })
  await until(async () => (await totalsOf(system)).stored === 2)
  expect(await totalsOf(system)).toMatchObject({ stored: 2, quarantined: 0 })
  expect(await metric(system, 'gaugekeeper_hj212_refused_total', 'wrong-password')).toBeNaN()
  await station.stop()
  expect(await system.stop()).toBe(0)
}, 120_000)
