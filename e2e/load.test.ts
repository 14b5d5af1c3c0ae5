import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { gaugekeeper } from '../testing/command.ts'
import { mosquitto, needing } from '../testing/needing.ts'
import { serve, temporaryFolder } from '../testing/server.ts'

interface LoadJson {
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

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
