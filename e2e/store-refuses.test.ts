import { expect, test } from '@jest/globals'
import { startFakeInfluxV2, type FakeAnswer } from '../testing/fake-influx-v2.ts'
import { riverNetwork, startRiverLoggers, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, totalsOf, until, untilCarried } from '../testing/server.ts'

const said = JSON.stringify({ error: 'refused by the proxy' })
const answers: FakeAnswer[] = [400, 413, 422].map((status) => ({ status, body: said }))
const forMs = 8_000

test('an InfluxDB that refuses every point is red with its own words and asked rarely; nothing is put aside, and all is caught up', async () => {
  const fake = await startFakeInfluxV2({ token: 'secret', org: 'hydro', bucket: 'water' })
  const settings = ['url=' + fake.url, 'api=v2', 'org=hydro', 'bucket=water', 'token=secret', 'database=mapped']
  const flags = [...settings.map((setting) => `influx.${setting}`), 'store.engine=influxdb'].flatMap((setting) => ['--set', setting])
  const system = await serve({ flags: ['--no-demo', '--network', writeNetworkFile(temporaryFolder(), riverNetwork(2)), ...flags] })
  const loggers = await startRiverLoggers(system, 2, { begin: Date.now(), stepMs: 50, everyMs: 50 })
  const acknowledged = (): number => loggers.reduce((sum, logger) => sum + logger.acknowledged.size, 0)
  for (const answer of answers) {
    const [before, from, counted] = [fake.writes().length, Date.now(), acknowledged()]
    fake.refuseAll(answer)
    await until(async () => (await fetch(`${system.url}/readyz`)).status === 503, 10_000, 'readiness going red')
    const redAfterMs = Date.now() - from
    await until(() => Date.now() - from >= forMs, forMs + 5_000, 'the time to pass')
    const text = await (await fetch(`${system.url}/readyz`)).text()
    expect(text).toContain(`refuses every point (${answer.status} refused by the proxy)`)
    const tries = (fake.writes().length - before) / (forMs / 1000)
    fake.refuseAll(null)
    expect(acknowledged()).toBeGreaterThan(counted)
    await until(async () => (await fetch(`${system.url}/readyz`)).ok, 30_000, 'readiness going green')
    process.stderr.write(`${answer.status} to everything: red after ${redAfterMs} ms, ${tries.toFixed(1)} tries/s\n`)
    expect(tries).toBeLessThanOrEqual(2)
  }
  for (const logger of loggers) logger.stop()
  await untilCarried(system, 60_000)
  const { stored, quarantined } = await totalsOf(system)
  expect(quarantined).toBe(0)
  expect(stored).toBeGreaterThanOrEqual(acknowledged())
  expect(await system.stop()).toBe(0)
  await fake.close()
}, 180_000)
