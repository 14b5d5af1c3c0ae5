import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { devicesOf } from '../devices-sim/load/network.ts'
import type { LoadDevice } from '../devices-sim/load/order.ts'
import { cpuSeconds, end, until } from './processes.ts'

/** Gaugekeeper as a user starts it, with a network of stations, each with a device `dev-<station>` and a login of its own. */
export interface OurSystem {
  mqttPort: number
  /** Field protocol -> address of its gateway. */
  field: Readonly<Record<string, string>>
  devices: LoadDevice[]
  cpu: () => number
  /** Values stored so far. */
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
    devices: devicesOf(secrets),
    cpu: () => cpuSeconds(child.pid ?? 0),
    stored: async () => storedIn(await (await fetch(`${url}/metrics`, { headers })).text()),
    get,
    data,
    stop: () => end(child as ChildProcess),
  }
}

/** Values stored, as a monitoring system reads them: a list of all devices would cost the server what it is measured for. */
function storedIn(metrics: string): number {
  return Number(/^gaugekeeper_ingest_values_total\{outcome="stored"\} (\d+)/m.exec(metrics)?.[1] ?? 0)
}
