import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cpuSeconds, end, freePort, startPart, until } from './processes.ts'
import type { PeerOrder } from './peer.ts'

/** mosquitto, an mqtt.js + WriteApi bridge and influxd: what people build by hand. */
export interface TheirSystem {
  mqttPort: number
  influxPort: number
  cpu: () => number
  stored: () => Promise<number>
  stop: () => Promise<void>
}

const database = 'bench'

/** Debian's influxd with its defaults (write-ahead log synced at each write), on a free port. */
export async function startInfluxd(folder: string): Promise<{ port: number; pid: number; data: string; stop: () => Promise<void> }> {
  const data = path.join(folder, 'influxd')
  mkdirSync(data, { recursive: true })
  const [port, rpc] = [await freePort(), await freePort()]
  const file = path.join(folder, 'influxd.conf')
  const place = (name: string): string => JSON.stringify(path.join(data, name))
  writeFileSync(
    file,
    `reporting-disabled = true\nbind-address = "127.0.0.1:${rpc}"\n[meta]\n dir = ${place('meta')}\n[data]\n dir = ${place('data')}\n wal-dir = ${place('wal')}\n query-log-enabled = false\n max-series-per-database = 0\n[http]\n bind-address = "127.0.0.1:${port}"\n log-enabled = false\n[monitor]\n store-enabled = false\n[logging]\n level = "error"\n`,
  )
  const child = spawn('influxd', ['-config', file], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${url}/ping`).catch(() => null))?.status === 204, 20_000, 'starting influxd')
  await fetch(`${url}/query?q=${encodeURIComponent(`CREATE DATABASE ${database}`)}`, { method: 'POST' })
  return { port, pid: child.pid ?? 0, data, stop: () => end(child) }
}

/** Rows of measurement `observation`. */
export async function influxCount(port: number): Promise<number> {
  const query = encodeURIComponent('SELECT count(value) FROM observation')
  const answer = (await (await fetch(`http://127.0.0.1:${port}/query?db=${database}&q=${query}`)).json()) as {
    results: { series?: { values: [string, number][] }[] }[]
  }
  return answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0
}

export async function startTheirs(folder: string): Promise<TheirSystem> {
  const influxd = await startInfluxd(folder)
  const mqttPort = await freePort()
  const file = path.join(folder, 'mosquitto.conf')
  writeFileSync(
    file,
    `listener ${mqttPort} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\nlog_type error\n`,
  )
  const mosquitto = spawn('mosquitto', ['-c', file], { stdio: 'ignore' })
  const bridge = startPart('peer', { mqttPort, influxPort: influxd.port, database } satisfies PeerOrder)
  await new Promise<void>((resolve, reject) => {
    bridge.stdout?.once('data', () => resolve())
    bridge.once('exit', (code) => reject(new Error(`the bridge ended with ${code}`)))
  })
  const pids = [influxd.pid, mosquitto.pid ?? 0, bridge.pid ?? 0]
  return {
    mqttPort,
    influxPort: influxd.port,
    cpu: () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    stored: () => influxCount(influxd.port),
    stop: async () => {
      bridge.removeAllListeners('exit')
      await end(bridge)
      await end(mosquitto)
      await influxd.stop()
    },
  }
}
