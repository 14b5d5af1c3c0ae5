import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'

/** A real InfluxDB 1.x of its own data folder on 127.0.0.1. */
export interface Influxd {
  /** `http://127.0.0.1:<port>`, the same through all stops and starts. */
  url: string
  pid(): number | null
  /** Ends it as an operator would (SIGTERM), or with SIGKILL; resolves when it is gone. Its data stay. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Starts it again on the same data and port; resolves when it answers. */
  start(): Promise<void>
  /** Stops it and removes its data. */
  remove(): Promise<void>
}

/** Another process may take a port between our asking for it and influxd's listening there. */
const tries = 5

/** Starts `binary` (Debian's `/usr/bin/influxd`, see needing.ts) and resolves when it answers. Writes are synced, as by default. */
export async function startInfluxd(binary: string): Promise<Influxd> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await startedOnFreePorts(binary)
    } catch (cause) {
      if (left === 0) throw cause
    }
  }
}

async function startedOnFreePorts(binary: string): Promise<Influxd> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gaugekeeper-influxd-'))
  const [http, rpc] = await twoFreePorts()
  const config = path.join(folder, 'influxdb.conf')
  await writeFile(config, configuration(folder, http, rpc))
  const url = `http://127.0.0.1:${http}`
  let child: ChildProcess | null = null

  const running = (): boolean => child !== null && child.exitCode === null && child.signalCode === null
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    if (!child || !running()) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  const start = async (): Promise<void> => {
    if (running()) return
    child = spawn(binary, ['-config', config], { stdio: 'ignore' })
    const deadline = Date.now() + 30_000
    while (!(await answers(url))) {
      if (!running()) throw new Error(`influxd ended with ${child.exitCode} at its start; configuration ${config}`)
      if (Date.now() > deadline) throw new Error(`influxd at ${url} did not answer within 30 s`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
  const remove = async (): Promise<void> => {
    await stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (cause) {
    await remove()
    throw cause
  }
  return { url, pid: () => (running() ? (child?.pid ?? null) : null), stop, start, remove }
}

function configuration(folder: string, http: number, rpc: number): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
[logging]
  level = "error"
`
}

/** Both are held until both are known, so that they differ. */
async function twoFreePorts(): Promise<[number, number]> {
  const held = [createServer(), createServer()].map((server) => server.listen(0, '127.0.0.1'))
  await Promise.all(held.map((server) => once(server, 'listening')))
  const [http, rpc] = held.map((server) => server.address())
  await Promise.all(held.map((server) => once(server.close(), 'close')))
  if (typeof http !== 'object' || typeof rpc !== 'object' || !http || !rpc) throw new Error('asking for free ports: the system gave none')
  return [http.port, rpc.port]
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/ping`).then(
    (response) => response.status === 204,
    () => false,
  )
