import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { FieldStation, FieldStationParts } from '../devices-sim/field-station.ts'
import { createHj212Station } from '../devices-sim/hj212-station.ts'
import { createSl651Station } from '../devices-sim/sl651-station.ts'
import { deviceId } from '../domain/ids.ts'
import type { Edition } from '../gateways/hj212/frame.ts'
import { secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

/** GAUGEKEEPER_LONG=1 kills 20 times instead of the 5 of CI. */
const kills = process.env.GAUGEKEEPER_LONG === '1' ? 20 : 5
const names = ['station-1', 'station-2', 'station-3']
const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }

/** A protocol under test: what its stations measure, and how they are made. */
interface Wire {
  name: string
  protocol: 'hj212' | 'sl651'
  parameter: string
  sensors: object[]
  /** Its part of the n-th device's entry. */
  settings: (n: number) => object
  /** From one measurement to the next, ms: whole seconds in HJ 212, whole minutes in SL 651. */
  stepMs: number
  open: (n: number, password: string, parts: FieldStationParts) => FieldStation
}

const editions: readonly Edition[] = ['2005', '2017', '2025']
const wires: readonly Wire[] = [
  {
    ...{ name: 'HJ 212', protocol: 'hj212', parameter: 'cod', stepMs: 1_000 },
    sensors: [
      { parameter: 'cod', every: '1s' },
      { parameter: 'cod', number: 2, every: '10m', statistic: 'mean' },
    ],
    settings: (n) => ({ hj212: { mn: `MN${n}` } }),
    open: (n, password, parts) => createHj212Station({ ...parts, mn: `MN${n}`, password, edition: editions[n % 3] ?? '2017', st: '32' }),
  },
  {
    ...{ name: 'SL 651', protocol: 'sl651', parameter: 'water_level', stepMs: 60_000 },
    sensors: [{ parameter: 'water_level', every: '1m' }],
    settings: (n) => ({ sl651: { address: `000000000${n}` } }),
    open: (n, password, parts) =>
      createSl651Station({
        ...{ ...parts, address: `000000000${n}`, password: parseInt(password, 16) },
        ...{ encoding: n % 2 === 0 ? 'hex' : 'ascii', stationClass: 0x48 },
      }),
  },
]

const networkOf = ({ protocol, sensors, settings }: Wire): object => ({
  network: { id: 'field', timeZone: 'Asia/Shanghai' },
  stations: names.map((id) => ({ id: `at-${id}`, kind: 'river', sensors })),
  devices: names.map((id, n) => ({ id, protocol, stations: [`at-${id}`], ...settings(n) })),
})

function gatewayOf({ data }: ServedSystem, protocol: Wire['protocol']): { host: string; port: number } {
  const { field } = JSON.parse(readFileSync(path.join(data, 'server.json'), 'utf8')) as { field: Record<string, string> }
  const [host = '', port = ''] = field[protocol]?.split(':') ?? []
  return { host, port: Number(port) }
}

/** A station that measures one step of its own time after the other, as fast as it may. */
interface Measuring {
  station: FieldStation
  sent: number
  stop(): void
}

function measuring(station: FieldStation, { parameter, stepMs }: Wire, startAt: number): Measuring {
  const state = { station, sent: 0, stop: () => clearInterval(timer) }
  const timer = setInterval(() => {
    if (station.figures().waiting > 50) return
    const reading = { name: parameter, number: null, station: null, value: 10 + (state.sent % 500) / 10, unit: null, sourceQuality: null }
    station.send([{ at: startAt + state.sent * stepMs, seq: null, position: null, readings: [reading] }])
    state.sent += 1
  }, 10)
  return state
}

interface DeviceCounts {
  protocol: string
  counts: Record<'received' | 'stored' | 'versions' | 'duplicate' | 'quarantined', number>
}

test.each(wires)(
  `over $name, after ${kills} kills without warning, all that was answered is there exactly once`,
  async (wire) => {
    const startAt = Math.floor(Date.now() / 60_000) * 60_000 - 10 * 86_400_000
    const flags = ['--no-demo', '--network', writeNetworkFile(temporaryFolder(), networkOf(wire))]
    let system = await serve({ flags })
    const secrets = await secretsOf(system, names)
    const gateway = gatewayOf(system, wire.protocol)
    const again = ['--port', new URL(system.url).port, '--mqtt-port', new URL(system.mqtt).port]
    const samePort = ['--set', `gateways.${wire.protocol}.port=${gateway.port}`]
    const loggers = names.map((id, n) =>
      measuring(wire.open(n, secrets.get(id) ?? '', { ...gateway, device: deviceId(id), timers, now: () => Date.now() }), wire, startAt),
    )
    const acknowledged = (): number => loggers.reduce((sum, { station }) => sum + station.figures().acknowledged, 0)
    for (let kill = 1; kill <= kills; kill += 1) {
      const wanted = acknowledged() + 20 + ((kill * 37) % 120)
      await until(() => acknowledged() >= wanted, 60_000, 'answers')
      await system.kill()
      system = await serve({ data: system.data, flags: [...flags, ...again, ...samePort] })
    }
    for (const logger of loggers) logger.stop()
    for (const { station } of loggers) await station.settled()
    for (const [i, { station, sent }] of loggers.entries()) {
      const times = (): Promise<unknown[]> => timesOf(system, `at-${names[i] ?? ''}/${wire.parameter}/1`, startAt)
      await until(async () => (await times()).length >= sent, 30_000, 'the last frames')
      const found = await times()
      expect([found.length, new Set(found).size, station.figures().dropped]).toEqual([sent, sent, 0])
      await station.stop()
    }
    const { devices } = await system.get<{ devices: DeviceCounts[] }>('/api/v1/devices')
    for (const { protocol, counts } of devices) {
      expect(protocol).toBe(wire.protocol)
      expect(counts).toMatchObject({ versions: 0, quarantined: 0 })
      expect(counts.received).toBe(counts.stored + counts.duplicate)
    }
    await system.stop()
  },
  600_000,
)

async function timesOf(system: ServedSystem, series: string, startAt: number): Promise<unknown[]> {
  const range = `from=${new Date(startAt).toISOString()}&to=${new Date(startAt + 30 * 86_400_000).toISOString()}`
  const { observations } = await system.get<{ observations: { observedAt: unknown }[] }>(
    `/api/v1/observations?series=${series}&${range}&limit=20000`,
  )
  return observations.map(({ observedAt }) => observedAt)
}
