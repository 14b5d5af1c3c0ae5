import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { FieldStation } from '../devices-sim/field-station.ts'
import { createHj212Station } from '../devices-sim/hj212-station.ts'
import { deviceId } from '../domain/ids.ts'
import { gaugekeeper } from '../testing/command.ts'
import { writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

const network = {
  network: { id: 'n', timeZone: 'Asia/Shanghai' },
  stations: [{ id: 'works', kind: 'outfall', sensors: [{ parameter: 'cod', every: '1m' }] }],
}
const stations = 12
const passwordOf = (n: number): string => String(100_000 + n)
const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }

/** One line a device, with a password that the station has already; then more than go into one request, whose secrets are made here. */
function deviceList(): string {
  const chosen = Array.from({ length: stations }, (_, n) => `rtu-${n},works,hj212,MN${n},${passwordOf(n)}`)
  const made = Array.from({ length: 1_000 }, (_, n) => `made-${n},works,,,`)
  return ['device,stations,protocol,mn,secret', ...chosen, ...made, 'lost,nowhere,,,'].join('\n')
}

function stationOf({ data }: ServedSystem, n: number, password: string): FieldStation {
  const { field } = JSON.parse(readFileSync(path.join(data, 'server.json'), 'utf8')) as { field: { hj212: string } }
  const [host = '', port = ''] = field.hj212.split(':')
  const parts = { host, port: Number(port), device: deviceId(`rtu-${n}`), timers, now: () => Date.now() }
  return createHj212Station({ ...parts, mn: `MN${n}`, password, edition: '2017', st: '21' })
}

function report(station: FieldStation, at: number): Promise<unknown> {
  const reading = { name: 'cod', number: null, station: null, value: 1, unit: null, sourceQuality: null }
  station.send([{ at, seq: null, position: null, readings: [reading] }])
  return station.settled()
}

const refused = (system: ServedSystem): Promise<number> => metric(system, 'gaugekeeper_hj212_refused_total', 'reason="wrong-password"')

test('a fleet with passwords of its own is imported from a CSV, logs in, and logs in again after a restart', async () => {
  const folder = temporaryFolder()
  const flags = ['--no-demo', '--network', writeNetworkFile(folder, network)]
  let system = await serve({ flags })
  const list = path.join(folder, 'fleet.csv')
  writeFileSync(list, deviceList())
  const { code, stdout, stderr } = await gaugekeeper('devices', 'import', list, '--data', system.data)
  const lines = stdout.trim().split('\n')
  expect([code, lines.length, lines[1]]).toEqual([5, 1 + stations + 1_000, `rtu-0,${passwordOf(0)}`])
  expect(stderr).toContain(`${list} line ${1 + stations + 1_001}: `)
  expect(stderr).toContain(`${stations + 1_000} of ${stations + 1_001} devices added`)

  const at = Date.now() - 3_600_000
  for (const round of [0, 1]) {
    const fleet = Array.from({ length: stations }, (_, n) => stationOf(system, n, passwordOf(n)))
    await Promise.all(fleet.map((station) => report(station, at + round * 60_000)))
    expect(fleet.map((station) => station.figures().acknowledged)).toEqual(fleet.map(() => 1))
    await Promise.all(fleet.map((station) => station.stop()))
    if (round === 0) {
      await system.stop()
      system = await serve({ data: system.data, flags })
    }
  }
  const stranger = stationOf(system, 0, passwordOf(1))
  void report(stranger, at)
  await until(async () => (await refused(system)) > 0, 30_000, 'the refusal')
  expect(stranger.figures().acknowledged).toBe(0)
  await stranger.stop()
  await system.stop()
}, 300_000)
