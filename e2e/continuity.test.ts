import { expect, test } from '@jest/globals'
import { createDeviceClient } from '../devices-sim/device-client.ts'
import type { Gap } from '../domain/gap.ts'
import { deviceId } from '../domain/ids.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { gaugekeeper } from '../testing/command.ts'
import { serve, until } from '../testing/server.ts'

const minute = 60_000
const began = Date.UTC(2026, 2, 1)
const network = {
  network: { id: 'small', name: 'Small', timeZone: 'Asia/Shanghai' },
  stations: [{ id: 'gauge', kind: 'river', sensors: [{ parameter: 'water_level', every: '5m' }] }],
  devices: [{ id: 'logger', stations: ['gauge'] }],
}
const group = (at: number): ReadingGroup => ({
  at,
  seq: null,
  position: null,
  readings: [{ name: 'water_level', number: null, station: null, value: 1 + (at % 7) / 100, unit: null, sourceQuality: null }],
})
const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }

test.each(['memory', 'duckdb'])('an hour of a broken line is found, asked for, sent again and closed (%s)', async (engine) => {
  const system = await serve({ flags: ['--no-demo', '--set', `store.engine=${engine}`] })
  const { secrets } = await system.send<{ secrets: { secret: string }[] }>('POST', '/api/v1/runs', { run: 'small', clock: 'run', network })
  const client = createDeviceClient({
    ...{ url: system.mqtt, device: deviceId('logger'), secret: secrets[0]?.secret ?? '', timers },
    loses: ({ at }) => at !== null && at > began + 60 * minute && at < began + 125 * minute,
  })
  await client.connected
  const gaps = async (): Promise<Gap[]> => (await system.get<{ gaps: Gap[] }>('/api/v1/gaps?station=gauge')).gaps
  // an hour of life, then the line breaks; the clock of the run goes on without the device
  client.send(Array.from({ length: 25 }, (_, i) => group(began + i * 5 * minute)))
  await client.settled()
  await system.send('POST', '/api/v1/runs/small/clock', { at: began + 120 * minute })
  await until(async () => (await gaps()).length === 1)
  expect((await gaps())[0]).toMatchObject({ from: began + 60 * minute, to: null, state: 'open', cause: 'device-off' })

  client.send(Array.from({ length: 24 }, (_, i) => group(began + (125 + i * 5) * minute)))
  await client.settled()
  await system.send('POST', '/api/v1/runs/small/clock', { at: began + 240 * minute })
  await until(async () => (await gaps())[0]?.state === 'closed')
  expect(await gaps()).toMatchObject([
    { to: began + 125 * minute, cause: 'never-arrived', missing: 0, arrived: 12, request: { tries: 1, outcome: 'done' } },
  ])
  await system.send('POST', '/api/v1/runs/small/clock', { at: began + 300 * minute })
  const asked = [
    'doctor',
    'completeness',
    '--data',
    system.data,
    '--from',
    '2026-03-01T00:00:00Z',
    '--to',
    '2026-03-01T05:00:00Z',
    '--json',
  ]
  await until(async () => {
    const { code, stdout } = await gaugekeeper(...asked)
    return code === 0 && (JSON.parse(stdout) as { series: { windows: unknown[] }[] }).series[0]?.windows.length === 4
  })
  expect((await gaugekeeper(...asked, '--below', '0.5')).code).toBe(0)
  expect((await gaugekeeper(...asked, '--below', '1.1')).code).toBe(2)
  expect((await gaugekeeper(...asked, '--below', '1')).code).toBe(5)
  await client.stop()
  expect(await system.stop()).toBe(0)
})
