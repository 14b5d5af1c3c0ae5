import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadOrder } from './load.ts'
import { cpuSeconds, end, until } from './processes.ts'

/** Gaugekeeper as a user starts it, with a network of stations, each with a device `dev-<station>` and a login of its own. */
export interface OurSystem {
  mqttPort: number
  /** Field protocol -> address of its gateway. */
  field: Readonly<Record<string, string>>
  logins: NonNullable<LoadOrder['logins']>
  cpu: () => number
  /** Values stored so far, from the device counters. */
  stored: () => Promise<number>
  get: <Answer>(place: string) => Promise<Answer>
  data: string
  stop: () => Promise<void>
}

interface ServerAddress {
  url: string
  mqtt: string
  field: Record<string, string>
}

const program = fileURLToPath(new URL('../bin/gaugekeeper.js', import.meta.url))

/** A network of n gauges with the rules that watch them: a level ladder and the rate of rise, on every series. */
export function benchNetwork(stations: number): unknown {
  const ids = Array.from({ length: stations }, (_, i) => `bench-${String(i).padStart(4, '0')}`)
  return {
    network: { id: 'bench', name: { en: 'Bench', zh: '基准' }, timeZone: 'UTC', dayStartsAt: '00:00' },
    stations: ids.map((id) => ({
      id,
      name: { en: id, zh: id },
      kind: 'river',
      sensors: [{ parameter: 'water_level', every: '1s', stages: { warning: 3.9, guarantee: 4.5, record: 4.9 } }],
    })),
    devices: ids.map((id) => ({ id: `dev-${id}`, protocol: 'mqtt', stations: [id] })),
    rules: [
      {
        id: 'level-high',
        kind: 'threshold',
        parameter: 'water_level',
        levels: { yellow: 'stage.warning', orange: 'stage.guarantee', red: 'stage.record' },
        hold: '15m',
        deadband: 0.1,
        clearAfter: '30m',
      },
      { id: 'level-rising', kind: 'rate-of-rise', parameter: 'water_level', levels: { yellow: 2 }, window: '30m' },
    ],
  }
}

export async function startOurs(folder: string, network: unknown, flags: readonly string[] = []): Promise<OurSystem> {
  const data = path.join(folder, 'ours')
  mkdirSync(data, { recursive: true })
  const free = ['--port', '0', '--mqtt-port', '0', '--data', data]
  const child = spawn(process.execPath, [program, 'serve', '--no-demo', ...free, ...flags], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, GAUGEKEEPER_SERVER_LOG_LEVEL: 'warn' },
  })
  await until(() => existsSync(path.join(data, 'server.json')) || child.exitCode !== null, 30_000, 'starting gaugekeeper')
  const { url, mqtt, field } = JSON.parse(readFileSync(path.join(data, 'server.json'), 'utf8')) as ServerAddress
  const token = readFileSync(path.join(data, 'cli-token'), 'utf8').trim()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const get = async <Answer>(place: string): Promise<Answer> => (await (await fetch(`${url}${place}`, { headers })).json()) as Answer
  const made = await fetch(`${url}/api/v1/runs`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ run: 'bench', clock: 'run', network }),
  })
  if (!made.ok) throw new Error(`making the bench network: ${made.status} ${await made.text()}`)
  const { secrets } = (await made.json()) as { secrets: { device: string; secret: string }[] }
  return {
    mqttPort: Number(new URL(mqtt).port),
    field,
    logins: secrets.map(({ device, secret }) => ({
      user: device,
      password: secret,
      topic: `devices/${device}/readings`,
      station: device.slice('dev-'.length),
    })),
    cpu: () => cpuSeconds(child.pid ?? 0),
    stored: () => storedIn(get),
    get,
    data,
    stop: () => end(child as ChildProcess),
  }
}

async function storedIn(get: OurSystem['get']): Promise<number> {
  const { devices } = await get<{ devices: { counts: { stored: number } }[] }>('/api/v1/devices')
  return devices.reduce((sum, device) => sum + device.counts.stored, 0)
}
