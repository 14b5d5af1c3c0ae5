import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { createHj212Station } from '../devices-sim/hj212-station.ts'
import type { Gap } from '../domain/gap.ts'
import { deviceId } from '../domain/ids.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { serve, until } from '../testing/server.ts'

const [minute, hour] = [60_000, 3_600_000]
const began = Date.UTC(2026, 2, 1)
const network = {
  network: { id: 'works', timeZone: 'Asia/Shanghai' },
  stations: [{ id: 'outfall', kind: 'outfall', sensors: [{ parameter: 'cod', every: '1h' }] }],
  devices: [{ id: 'logger', protocol: 'hj212', stations: ['outfall'], hj212: { mn: 'MN1' } }],
}
const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }

/** Readings of five minutes each, from one hour up to another. */
const hours = (from: number, to: number): ReadingGroup[] =>
  Array.from({ length: (to - from) * 12 }, (_, i) => ({
    at: began + from * hour + i * 5 * minute,
    seq: null,
    position: null,
    readings: [{ name: 'cod', number: null, station: null, value: 20 + from + Math.floor(i / 12), unit: null, sourceQuality: null }],
  }))

test('hours that an HJ 212 station kept to itself are found, recalled with 2061, and the gap closes', async () => {
  const system = await serve({ flags: ['--no-demo'] })
  const { secrets } = await system.send<{ secrets: { secret: string }[] }>('POST', '/api/v1/runs', { run: 'works', clock: 'run', network })
  const { field } = JSON.parse(readFileSync(path.join(system.data, 'server.json'), 'utf8')) as { field: { hj212: string } }
  const [host = '', port = ''] = field.hj212.split(':')
  const station = createHj212Station({
    ...{ host, port: Number(port), device: deviceId('logger'), mn: 'MN1', password: secrets[0]?.secret ?? '' },
    ...{ edition: '2017', st: '32', timers, now: () => Date.now() },
    loses: ({ at }) => at >= began + 3 * hour && at < began + 6 * hour,
  })
  const gaps = async (): Promise<Gap[]> => (await system.get<{ gaps: Gap[] }>('/api/v1/gaps?station=outfall')).gaps
  station.send(hours(0, 4))
  await station.settled()
  await system.send('POST', '/api/v1/runs/works/clock', { at: began + 6 * hour })
  await until(async () => (await gaps()).length === 1)
  expect((await gaps())[0]).toMatchObject({ from: began + 2 * hour, to: null, state: 'open' })

  station.send(hours(4, 9))
  await station.settled()
  await system.send('POST', '/api/v1/runs/works/clock', { at: began + 9 * hour })
  await until(async () => (await gaps())[0]?.state === 'closed')
  expect(await gaps()).toMatchObject([{ to: began + 6 * hour, missing: 0, arrived: 3, request: { tries: 1, outcome: 'done' } }])
  const range = `from=${new Date(began).toISOString()}&to=${new Date(began + 8 * hour).toISOString()}`
  const { observations } = await system.get<{ observations: { value: number }[] }>(`/api/v1/observations?series=outfall/cod/1&${range}`)
  expect(observations.map(({ value }) => value)).toEqual([20, 21, 22, 23, 24, 25, 26, 27])
  await station.stop()
  expect(await system.stop()).toBe(0)
}, 120_000)
