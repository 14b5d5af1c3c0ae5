import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import type { SimulationDetail, SimulationNote, SimulatorState } from '../api/schemas/simulation.ts'
import { gaugekeeper } from '../testing/command.ts'
import { serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

const state = (system: ServedSystem): Promise<SimulatorState> => system.get('/api/v1/simulator')

/** Starts something and waits for its end. */
async function played(system: ServedSystem, place: string, order: object): Promise<SimulationDetail> {
  const { run } = await system.send<SimulationNote>('POST', `/api/v1/simulator${place}`, order)
  await until(async () => (await state(system)).running === null, 120_000, `the end of ${run}`)
  return system.get<SimulationDetail>(`/api/v1/simulator/${run}`)
}

interface NetworkYaml {
  stations: { id: string; sensors: { parameter: string; stages?: object; range?: object }[] }[]
}

test('many devices are loaded with one order: all is stored once, and the page has what the command line measures', async () => {
  const system = await serve()
  const { simulation, load } = await played(system, '/load', { devices: 300, minutes: 0.2, every: 4 })
  expect(simulation).toMatchObject({ run: 'load-300', kind: 'load', state: 'done', problem: null, figures: { lost: 0, doubled: 0 } })
  expect(simulation.progress.values).toBeGreaterThan(300)
  expect(simulation.account).toMatchObject({ received: simulation.progress.values, stored: simulation.progress.values, duplicate: 0 })
  expect(load).toMatchObject({ connected: 300, unacknowledged: 0, lost: 0, doubled: 0 })
  expect(load?.timeline.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBe(simulation.progress.values)
  expect([load?.firstReadingMs, load?.serverBytes?.most].every((figure) => (figure ?? 0) > 0)).toBe(true)
  const { devices } = await system.get<{ devices: { run: string | null }[] }>('/api/v1/devices')
  expect(new Set(devices.map(({ run }) => run))).toEqual(new Set(['load-300']))
  expect(await system.stop()).toBe(0)
}, 180_000)

test('what a simulation sent over three protocols is replayed on the same server: nothing differs, and under another configuration what that changes', async () => {
  const system = await serve()
  const first = await played(system, '', { scenario: 'flood', seed: 3, stations: 24, hours: 14, speed: 'max' })
  const same = await played(system, '/replay', { network: 'flood-3' })
  expect(same.simulation).toMatchObject({ run: 'replay', kind: 'replay', state: 'done', problem: null })
  expect(same.replay).toMatchObject({ configured: false, readingsDiffer: 0, warningsDiffer: 0, readings: [], warnings: [] })
  expect(same.simulation.account).toMatchObject({ stored: first.simulation.account?.stored, warnings: first.simulation.account?.warnings })
  expect(first.simulation.account?.warnings).toBeGreaterThan(0)

  const captured = await gaugekeeper('capture', '--network', 'flood-3', '--data', system.data)
  const [head = ''] = captured.stdout.split('\n')
  const network = (JSON.parse(head) as { networks: { network: NetworkYaml }[] }).networks[0]?.network
  if (network === undefined) throw new Error('the capture names no network')
  const [strict] = network.stations.filter(({ sensors }) => sensors.some(({ parameter }) => parameter === 'water_level'))
  for (const sensor of strict?.sensors ?? []) if (sensor.parameter === 'water_level') sensor.range = { fail: [-50, -40] }
  const other = await played(system, '/replay', { network: 'flood-3', configuration: stringify(network) })
  expect(other.replay?.configured).toBe(true)
  const { observations } = await system.get<{ observations: unknown[] }>(
    `/api/v1/observations?series=${strict?.id}/water_level&from=2025-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&limit=1000`,
  )
  expect([other.replay?.readingsDiffer, other.replay?.readings.every(({ b }) => b?.flag === 4)]).toEqual([observations.length, true])
  expect(new Set(other.replay?.readings.map(({ series }) => series))).toEqual(new Set([`${strict?.id}/water_level/1`]))
  for (const { station } of other.replay?.warnings ?? []) expect(station).toBe(strict?.id)
  expect(await system.stop()).toBe(0)
}, 300_000)

const valley = `
network: { id: valley, name: { en: Valley, zh: 山谷 }, timeZone: UTC }
stations:
  - { id: upper, kind: river, sensors: [{ parameter: water_level, every: 5m, stages: { warning: 3 } }] }
  - { id: lower, kind: river, sensors: [{ parameter: water_level, every: 5m, stages: { warning: 3 } }] }
devices: [{ id: logger, stations: [upper, lower] }]
rules: [{ id: high, kind: threshold, parameter: water_level, levels: { yellow: stage.warning }, deadband: 0.1 }]
`

test('a day of the real fleet is replayed as a run of its own under other limits, marked, and beside the real one', async () => {
  const file = path.join(temporaryFolder(), 'valley.yaml')
  writeFileSync(file, valley)
  const system = await serve({ flags: ['--no-demo', '--network', file] })
  const { secret } = await system.send<{ secret: string }>('POST', '/api/v1/devices/logger/secret')
  const authorization = `Basic ${Buffer.from(`logger:${secret}`).toString('base64')}`
  const begun = Date.now() - 40 * 60_000
  for (const [place, metres] of [2, 2.5, 3.1, 3.6, 3.6, 3.6, 2.2].entries())
    for (const station of ['upper', 'lower']) {
      const body = JSON.stringify({ at: new Date(begun + place * 300_000).toISOString(), station, values: { water_level: metres } })
      const answer = await fetch(`${system.url}/api/v1/deliveries`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body,
      })
      expect(answer.ok).toBe(true)
    }
  const warningsOf = (query: string) => system.get<{ warnings: { simulated: boolean; recorded: boolean }[] }>(`/api/v1/warnings?${query}`)
  await until(async () => (await warningsOf('station=upper')).warnings.length > 0, 30_000, 'the warning of the real fleet')

  const day = { from: begun - 3_600_000, to: Date.now() + 1 }
  const same = await played(system, '/replay', { network: 'valley', ...day })
  expect(same.replay).toMatchObject({ network: 'valley', readingsDiffer: 0, warningsDiffer: 0 })
  const configuration = stringify(parse(valley.replaceAll('warning: 3', 'warning: 3.5')))
  const other = await played(system, '/replay', { network: 'valley', ...day, configuration })
  expect([other.replay?.readingsDiffer, other.replay?.warningsDiffer]).toEqual([0, 4])
  const { warnings } = await warningsOf('run=replay')
  expect(warnings.map(({ simulated, recorded }) => [simulated, recorded])).toEqual([
    [true, true],
    [true, true],
  ])
  await expect(played(system, '/replay', { network: 'vally' })).rejects.toThrow(/did you mean valley/)
  await expect(played(system, '/replay', { network: 'valley', configuration: 'stations: [' })).rejects.toThrow(/configuration is wrong/)
  expect(await system.stop()).toBe(0)
}, 240_000)
