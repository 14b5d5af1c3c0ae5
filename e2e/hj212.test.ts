import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import type { FieldStation } from '../devices-sim/field-station.ts'
import { createHj212Station } from '../devices-sim/hj212-station.ts'
import { deviceId } from '../domain/ids.ts'
import type { Edition } from '../gateways/hj212/frame.ts'
import { secretsOf } from '../testing/river-network.ts'
import { serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

const editions: readonly Edition[] = ['2005', '2017', '2025']
const names = ['works-1', 'works-2', 'works-3']
/** GAUGEKEEPER_LONG=1 kills 20 times instead of the 5 of CI. */
const kills = process.env.GAUGEKEEPER_LONG === '1' ? 20 : 5
const startAt = Math.floor(Date.now() / 1000) * 1000 - 3_600_000
const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }

function writeNetwork(folder: string): string {
  const file = path.join(folder, 'works.yaml')
  const network = {
    network: { id: 'works', timeZone: 'Asia/Shanghai' },
    stations: names.map((id) => ({
      id: `at-${id}`,
      kind: 'outfall',
      sensors: [
        { parameter: 'cod', every: '1s' },
        { parameter: 'cod', number: 2, every: '10m', statistic: 'mean' },
      ],
    })),
    devices: names.map((id) => ({ id, protocol: 'hj212', stations: [`at-${id}`], hj212: { mn: `MN${id}` } })),
  }
  writeFileSync(file, stringify(network))
  return file
}

const gatewayOf = ({ data }: ServedSystem): string =>
  (JSON.parse(readFileSync(path.join(data, 'server.json'), 'utf8')) as { field: { hj212: string } }).field.hj212

/** A station that measures once a second of its own time, as fast as it may. */
interface Measuring {
  station: FieldStation
  sent: number
  stop(): void
}

function measuring(station: FieldStation): Measuring {
  const state = { station, sent: 0, stop: () => clearInterval(timer) }
  const timer = setInterval(() => {
    if (station.figures().waiting > 50) return
    const reading = { name: 'cod', number: null, station: null, value: 10 + (state.sent % 500) / 10, unit: null, sourceQuality: null }
    station.send([{ at: startAt + state.sent * 1000, seq: null, position: null, readings: [reading] }])
    state.sent += 1
  }, 10)
  return state
}

interface DeviceCounts {
  id: string
  protocol: string
  counts: Record<'received' | 'stored' | 'versions' | 'duplicate' | 'quarantined', number>
}

test(`over HJ 212, after ${kills} kills without warning, all that was answered is there exactly once`, async () => {
  const folder = temporaryFolder()
  const flags = ['--no-demo', '--network', writeNetwork(folder)]
  let system = await serve({ flags })
  const secrets = await secretsOf(system, names)
  const [host = '', port = ''] = gatewayOf(system).split(':')
  const again = ['--port', new URL(system.url).port, '--mqtt-port', new URL(system.mqtt).port, '--set', `gateways.hj212.port=${port}`]
  const loggers = names.map((id, i) =>
    measuring(
      createHj212Station({
        ...{ host, port: Number(port), device: deviceId(id), mn: `MN${id}`, password: secrets.get(id) ?? '' },
        ...{ edition: editions[i] ?? '2017', st: '32', timers, now: () => Date.now() },
      }),
    ),
  )
  const acknowledged = (): number => loggers.reduce((sum, { station }) => sum + station.figures().acknowledged, 0)
  for (let kill = 1; kill <= kills; kill += 1) {
    const wanted = acknowledged() + 20 + ((kill * 37) % 120)
    await until(() => acknowledged() >= wanted, 60_000, 'answers')
    await system.kill()
    system = await serve({ data: system.data, flags: [...flags, ...again] })
  }
  for (const logger of loggers) logger.stop()
  for (const { station } of loggers) await station.settled()

  for (const [i, { station, sent }] of loggers.entries()) {
    const range = `series=at-${names[i] ?? ''}/cod/1&from=${new Date(startAt).toISOString()}&to=${new Date(startAt + 86_400_000).toISOString()}&limit=20000`
    const times = async (): Promise<unknown[]> => {
      const { observations } = await system.get<{ observations: { observedAt: unknown }[] }>(`/api/v1/observations?${range}`)
      return observations.map(({ observedAt }) => observedAt)
    }
    await until(async () => (await times()).length >= sent, 30_000, 'the last frames')
    const found = await times()
    expect([found.length, new Set(found).size, station.figures().dropped]).toEqual([sent, sent, 0])
    await station.stop()
  }
  const { devices } = await system.get<{ devices: DeviceCounts[] }>('/api/v1/devices')
  for (const { protocol, counts } of devices) {
    expect(protocol).toBe('hj212')
    expect(counts).toMatchObject({ versions: 0, quarantined: 0 })
    expect(counts.received).toBe(counts.stored + counts.duplicate)
  }
  await system.stop()
}, 600_000)
