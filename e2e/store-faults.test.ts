import { expect } from '@jest/globals'
import { startFakeInfluxV2, v2Answers, type FakeInfluxV2 } from '../testing/fake-influx-v2.ts'
import { startInfluxd } from '../testing/influxd.ts'
import { startLogger, type Logger } from '../testing/loggers.ts'
import { influxd, needing } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, totalsOf, until, untilCarried, type ServedSystem } from '../testing/server.ts'

const poisoned = 120

/** Two loggers, 40 readings/s in all; reading 120 of the first is one that the store will never take. */
async function startLoggers(system: ServedSystem): Promise<Logger[]> {
  const names = ['logger-1', 'logger-2']
  const secrets = await secretsOf(system, names)
  const begin = Date.now()
  return names.map((name, i) =>
    startLogger({
      port: Number(new URL(system.mqtt).port),
      name,
      secret: secrets.get(name) ?? '',
      everyMs: 50,
      payloadOf: (seq) => {
        const level = i === 0 && seq === poisoned ? 6.66 : 1 + (seq % 100) / 1000
        return JSON.stringify({ seq, at: begin + seq * 50, values: { water_level: level } })
      },
    }),
  )
}

/** The server answers with each fault in turn, and in between takes what comes. */
async function misbehave(fake: FakeInfluxV2): Promise<void> {
  const faults = [
    v2Answers.unavailable,
    v2Answers.tooMany(1),
    { status: 500, body: 'not what it should say' },
    { status: 204, cut: true },
    { status: 204, cut: true, kept: 'good' as const },
    { status: 204, delayMs: 1_500, kept: 'good' as const },
    { status: 504, body: '<html>gateway</html>', kept: 'good' as const },
  ]
  for (const fault of faults) {
    const before = fake.writes().length
    fake.answerNext(fault)
    const since = (): { status: number }[] => fake.writes().slice(before)
    await until(() => since().length > 1 && since().at(-1)?.status === 204, 30_000, `a write after ${JSON.stringify(fault)}`)
  }
}

/** The token is taken away for so long: how soon the system says that it is not ready, and how often it tries. */
async function revoke(system: ServedSystem, fake: FakeInfluxV2, forMs: number): Promise<{ redAfterMs: number; triesPerSecond: number }> {
  const before = fake.writes().length
  const from = Date.now()
  fake.rotateToken('another')
  await until(async () => !(await fetch(`${system.url}/readyz`)).ok, 10_000, 'readiness going red')
  const redAfterMs = Date.now() - from
  await until(() => Date.now() - from >= forMs, forMs + 5_000, 'the token being away')
  const refused = fake
    .writes()
    .slice(before)
    .filter(({ status }) => status === 401).length
  fake.rotateToken('secret')
  await until(async () => (await fetch(`${system.url}/readyz`)).ok, 30_000, 'readiness going green')
  return { redAfterMs, triesPerSecond: refused / (forMs / 1000) }
}

needing(
  [influxd()],
  'a store that is slow, overloaded, cuts lines, loses answers, refuses the token and one point: nothing is lost or doubled',
  async (binary) => {
    const server = await startInfluxd(binary)
    await fetch(`${server.url}/query?q=${encodeURIComponent('CREATE DATABASE behind')}`, { method: 'POST' })
    const behind = { url: server.url, database: 'behind' }
    const fake = await startFakeInfluxV2({ token: 'secret', org: 'hydro', bucket: 'water', poison: 'value=6.66', behind })
    const settings = ['url=' + fake.url, 'api=v2', 'org=hydro', 'bucket=water', 'token=secret', 'database=mapped', 'timeout=1s']
    const flags = [...settings.map((setting) => `influx.${setting}`), 'store.engine=influxdb'].flatMap((setting) => ['--set', setting])
    const network = writeNetworkFile(temporaryFolder(), riverNetwork(2))
    const system = await serve({ flags: ['--no-demo', '--network', network, ...flags] })
    const loggers = await startLoggers(system)
    await misbehave(fake)
    const revoked = await revoke(system, fake, 6_000)
    await until(() => loggers.every(({ acknowledged }) => acknowledged.has(poisoned + 20)), 60_000, 'the poisoned reading')
    for (const logger of loggers) logger.stop()
    await untilCarried(system, 60_000)
    const { received, stored, duplicate, versions, quarantined } = await totalsOf(system)
    const { entries } = await system.get<{ entries: { reason: string }[] }>('/api/v1/quarantine')
    const answer = (await (
      await fetch(`${server.url}/query?db=behind&q=${encodeURIComponent('SELECT COUNT(flag) FROM observation')}`)
    ).json()) as {
      results: { series?: { values: [number, number][] }[] }[]
    }
    process.stderr.write(
      `${stored} stored, ${quarantined} put aside; token refused: red after ${revoked.redAfterMs} ms, ${revoked.triesPerSecond.toFixed(1)} tries/s\n`,
    )
    expect(entries.map(({ reason }) => reason)).toEqual(['refused-by-store'])
    expect({ quarantined, duplicate, versions, received }).toEqual({ quarantined: 1, duplicate: 0, versions: 0, received: stored + 1 })
    expect(stored + 1).toBeGreaterThanOrEqual(loggers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0))
    expect(answer.results[0]?.series?.[0]?.values[0]?.[1]).toBe(stored)
    expect(revoked.triesPerSecond).toBeLessThanOrEqual(2)
    expect(await system.stop()).toBe(0)
    await fake.close()
    await server.remove()
  },
  300_000,
)
