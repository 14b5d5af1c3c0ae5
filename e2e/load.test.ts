import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { loadInProcesses } from '../devices-sim/load/processes.ts'
import { strangersOf } from '../devices-sim/load/network.ts'
import { gaugekeeper } from '../testing/command.ts'
import { mosquitto, needing } from '../testing/needing.ts'
import { serve, temporaryFolder, until } from '../testing/server.ts'

interface LoadJson {
  target: string
  report: { offered: number; acknowledged: number; broken: number; processes: number; latencyMs: { p50: number } }
  account: { received: number; stored: number } | null
  server: { connections: { most: number; after: number }; restarted: boolean } | null
  lost: number
  doubled: number
}

const asJson = (text: string): LoadJson => JSON.parse(text) as LoadJson

test('a load with devices that come and go loses and doubles nothing, draws its chart and leaves no run behind', async () => {
  const system = await serve()
  const chart = path.join(system.data, 'load.svg')
  const order = ['--devices', '60', '--minutes', '4', '--speed', '60', '--profile', 'soak', '--churn', '600', '--processes', '2']
  const { code, stdout, stderr } = await gaugekeeper('load', '--data', system.data, ...order, '--chart', chart, '--json')
  expect([code, stderr]).toEqual([0, ''])
  const { report, account, server, lost, doubled } = asJson(stdout)
  expect(report).toMatchObject({ offered: 240, acknowledged: 240, broken: 0, processes: 2 })
  expect([lost, doubled, account?.stored, server?.restarted]).toEqual([0, 0, 240, false])
  expect(report.latencyMs.p50).toBeGreaterThan(0)
  expect(readFileSync(chart, 'utf8')).toMatch(/^<svg .*lc-acknowledged.*<\/svg>$/s)
  expect(await system.get('/api/v1/runs')).toMatchObject({ runs: [] })
  await system.stop()
})

test('a load over TLS knows the server by its device CA; a server without TLS, and one of another CA, are refused', async () => {
  const secure = ['tls.enabled=true', 'tls.host=127.0.0.1', 'tls.mqttPort=0', 'tls.httpsPort=0']
  const system = await serve({ flags: ['--no-demo', ...secure.flatMap((one) => ['--set', one])] })
  const order = ['--devices', '10', '--minutes', '1', '--speed', '60', '--json']
  const { code, stdout } = await gaugekeeper('load', '--data', system.data, '--tls', ...order)
  const { target, lost, account } = asJson(stdout)
  expect([code, target.split(':')[0], lost, account?.stored]).toEqual([0, 'mqtts', 0, 10])
  const { mqtts } = (JSON.parse(readFileSync(path.join(system.data, 'server.json'), 'utf8')) as { secure: { mqtts: string } }).secure
  const stranger = await gaugekeeper('load', '--url', mqtts, ...order)
  expect(stranger).toMatchObject({ code: 4, stderr: expect.stringMatching(/its certificate is not believed/) })
  await system.stop()
  const without = await gaugekeeper('load', '--data', system.data, '--tls', ...order)
  expect(without).toMatchObject({ code: 3, stderr: expect.stringContaining('--set tls.enabled=true') })
})

test('a broker that is not there is named, with exit 4; an address that is none, with exit 2', async () => {
  expect(await gaugekeeper('load', '--url', 'mqtt://127.0.0.1:1', '--devices', '1')).toMatchObject({ code: 4 })
  expect(await gaugekeeper('load', '--url', 'http://127.0.0.1', '--devices', '1')).toMatchObject({ code: 2 })
})

test('a chart that cannot be written and a closed loop with a rate are refused before anything is sent', async () => {
  const chart = path.join(temporaryFolder(), 'none', 'load.svg')
  expect(await gaugekeeper('load', '--chart', chart)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('writing the chart') })
  const order = ['load', '--closed', '--rate', '5']
  expect(await gaugekeeper(...order)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('leave out --closed or --rate') })
})

test('a load in which no reading is due is refused before anything is started', async () => {
  const order = ['load', '--devices', '5', '--minutes', '0.01', '--data', path.join(temporaryFolder(), 'none')]
  expect(await gaugekeeper(...order)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('no reading is due within 0.6 s') })
})

test('more devices than open files are refused before anything is started, with what to raise', async () => {
  const data = path.join(temporaryFolder(), 'none')
  const child = limited(256, 'load', '--devices', '400', '--data', data)
  expect(await outcomeOf(child)).toEqual({ code: 3, stderr: expect.stringMatching(/^gaugekeeper: .*`ulimit -n 500`.*\n$/) })
  expect(existsSync(data)).toBe(false)
})

test('a load process that has no file descriptor left says so at once', async () => {
  const sink = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.write(Buffer.from([0x20, 2, 0, 0]))))
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  const pace = { kind: 'closed', window: 1, messages: 1, ms: null } as const
  const order = { host: '127.0.0.1', port: portOf(sink), devices: strangersOf('load', 100), pace, keepAliveSeconds: 60 }
  const more = { comingsPerMinute: 0, drainMs: 1_000, startAt: 0, stepMs: 1_000 }
  const load = loadInProcesses({ ...order, ...more }, { processes: 1, fork: () => limited(64, 'load-process') })
  await expect(load).rejects.toThrow(/no file descriptor is left here; raise `ulimit -n`/)
  sink.close()
})

test('a server that has no file descriptor left refuses devices and lives on', async () => {
  const system = await serve({ command: ['bash', '-c', 'ulimit -n 128; exec "$0" "$@"'] })
  const sockets = Array.from({ length: 120 }, () => connect({ port: Number(new URL(system.mqtt).port) }).on('error', () => undefined))
  // it lets go of those that it cannot take
  await until(() => sockets.some((socket) => socket.closed), 60_000, 'the limit')
  for (const socket of sockets) socket.destroy()
  await until(async () => (await system.get<{ runs: [] }>('/api/v1/runs')).runs.length === 0)
  expect(await system.stop()).toBe(0)
})

needing([mosquitto()], 'the same load goes against mosquitto, where nothing is provisioned', async (program) => {
  const folder = temporaryFolder()
  const port = await freePort()
  writeFileSync(path.join(folder, 'mosquitto.conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\nlog_type error\n`)
  const broker = spawn(program, ['-c', path.join(folder, 'mosquitto.conf')], { stdio: 'ignore' })
  const order = ['--url', `mqtt://127.0.0.1:${port}`, '--devices', '20', '--minutes', '1', '--speed', '60', '--rate', '500', '--json']
  let finished = await gaugekeeper('load', ...order)
  // it may not listen yet
  for (let tries = 0; finished.code === 4 && tries < 20; tries += 1) finished = await gaugekeeper('load', ...order)
  broker.kill()
  expect(finished.code).toBe(0)
  expect(asJson(finished.stdout)).toMatchObject({ report: { offered: 500, acknowledged: 500 }, account: null, lost: 0 })
})

const program = fileURLToPath(new URL('../bin/gaugekeeper.js', import.meta.url))

/** `gaugekeeper …` in a shell that allows so many open files, with a channel. */
const limited = (files: number, ...args: readonly string[]): ChildProcess =>
  spawn('bash', ['-c', `ulimit -n ${files}; exec "$0" "$@"`, process.execPath, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })

function outcomeOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })))
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const port = portOf(server)
      server.close(() => resolve(port))
    })
  })
