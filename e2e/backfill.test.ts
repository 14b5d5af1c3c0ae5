import { expect, test } from '@jest/globals'
import { percentile, startLogger } from '../testing/loggers.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, totalsOf, until, untilCarried, type ServedSystem } from '../testing/server.ts'

/** GAUGEKEEPER_LONG=1: 100,000 old readings, and the delay of the live ones is told; else the short form that CI runs. */
const readings = process.env.GAUGEKEEPER_LONG === '1' ? 100_000 : 20_000

/** Old readings over the last 20 h, in messages of 10; `interleaved`: each comes between two that are stored already. */
function oldReadings(count: number, offsetMs: number): (message: number) => string {
  const [begin, stepMs] = [Date.now() - 21 * 3_600_000, Math.floor((20 * 3_600_000) / count)]
  return (message) =>
    JSON.stringify(
      Array.from({ length: 10 }, (_, i) => {
        const place = (message - 1) * 10 + i
        return { at: begin + place * stepMs + offsetMs, values: { water_level: 1 + (place % 100) / 1000 } }
      }),
    )
}

/** Watches a live gauge: how long after each of its readings was sent the newest stored one is as new, ms. */
function watchLive(system: ServedSystem, secret: string): { delays: number[]; stop: () => Promise<void> } {
  const delays: number[] = []
  let stopping = false
  const logger = startLogger({
    port: Number(new URL(system.mqtt).port),
    name: 'logger-2',
    secret,
    everyMs: 100,
    payloadOf: () => JSON.stringify({ at: Date.now(), values: { water_level: 1 } }),
  })
  const watch = async (): Promise<void> => {
    while (!stopping) {
      const asked = Date.now()
      await until(async () => (await newestOf(system)) >= asked || stopping, 120_000, 'a live reading being stored')
      if (!stopping) delays.push(Date.now() - asked)
    }
  }
  const watching = watch()
  return {
    delays,
    stop: async () => {
      stopping = true
      await watching
      logger.stop()
    },
  }
}

async function newestOf(system: ServedSystem): Promise<number> {
  const { observations } = await system.get<{ observations: { observedAt: string | number }[] }>(
    '/api/v1/observations/latest?series=gauge-2/water_level/1',
  )
  return new Date(observations[0]?.observedAt ?? 0).getTime()
}

for (const [what, before] of [
  ['in their order', 0],
  ['each between two others', readings],
] as const)
  test(`a device that flushes ${readings} old readings, ${what}, holds up no live one until it is through`, async () => {
    const network = writeNetworkFile(temporaryFolder(), riverNetwork(2))
    const system = await serve({ flags: ['--no-demo', '--network', network] })
    const secrets = await secretsOf(system, ['logger-1', 'logger-2'])
    const flush = async (count: number, offsetMs: number): Promise<void> => {
      const port = Number(new URL(system.mqtt).port)
      const logger = startLogger({
        port,
        name: 'logger-1',
        secret: secrets.get('logger-1') ?? '',
        total: count / 10,
        payloadOf: oldReadings(count, offsetMs),
      })
      await logger.finished
      logger.stop()
    }
    if (before > 0) {
      await flush(before, 0)
      await untilCarried(system, 300_000)
    }
    const live = watchLive(system, secrets.get('logger-2') ?? '')
    await until(() => live.delays.length > 3, 30_000, 'the live gauge')
    const [from, first] = [Date.now(), live.delays.length]
    await flush(readings, 100)
    const stored = async (): Promise<number> => (await totalsOf(system)).stored
    const early = { stored: await stored(), live: await newestOf(system) }
    await untilCarried(system, 300_000)
    const seconds = (Date.now() - from) / 1000
    await live.stop()
    const delays = live.delays.slice(first)
    process.stderr.write(
      `${readings} old readings, ${what}: through in ${seconds.toFixed(1)} s; live delay of ${delays.length} p50 ${percentile(delays, 0.5)} ms, p99 ${percentile(delays, 0.99)} ms, most ${Math.max(...delays)} ms\n`,
    )
    // a live reading was there while most of the flush still waited
    expect(early.live).toBeGreaterThan(from - 60_000)
    expect(delays.length).toBeGreaterThan(0)
    const { quarantined, duplicate, versions } = await totalsOf(system)
    expect({ quarantined, duplicate, versions }).toEqual({ quarantined: 0, duplicate: 0, versions: 0 })
    expect(await stored()).toBeGreaterThanOrEqual(readings + before)
    expect(await system.stop()).toBe(0)
  }, 900_000)
