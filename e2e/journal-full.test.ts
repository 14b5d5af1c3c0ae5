import { expect } from '@jest/globals'
import { startInfluxd } from '../testing/influxd.ts'
import { influxd, needing } from '../testing/needing.ts'
import { riverNetwork, startRiverLoggers, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, totalsOf, until, untilCarried, type ServedSystem } from '../testing/server.ts'

const loggers = 4
const room = 1_000_000

const readiness = async (system: ServedSystem): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${system.url}/readyz`)
  return { status: answer.status, text: await answer.text() }
}

/** Numbers of the readings of a logger that are stored, with how often. */
async function storedOf(system: ServedSystem, gauge: string, from: number, to: number): Promise<Map<number, number>> {
  const times = new Map<number, number>()
  let cursor: string | null = null
  do {
    const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer: { observations: { seq: number }[]; next: string | null } = await system.get(
      `/api/v1/observations?series=${gauge}/water_level/1&from=${from}&to=${to}&limit=20000${page}`,
    )
    for (const { seq } of answer.observations) times.set(seq, (times.get(seq) ?? 0) + 1)
    cursor = answer.next
  } while (cursor !== null)
  return times
}

needing(
  [influxd()],
  'the store is away for longer than the journal has room: nobody is acknowledged, it says so, and goes on by itself; what was acknowledged is stored once',
  async (binary) => {
    const server = await startInfluxd(binary)
    const network = writeNetworkFile(temporaryFolder(), riverNetwork(loggers))
    const settings = [
      'store.engine=influxdb',
      `influx.url=${server.url}`,
      'influx.api=v1',
      `journal.maxBytes=${room}`,
      'journal.hold=500ms',
    ]
    const system = await serve({ flags: ['--no-demo', '--network', network, ...settings.flatMap((setting) => ['--set', setting])] })
    const begin = Date.now()
    const running = await startRiverLoggers(system, loggers, { begin, stepMs: 1 })
    const acknowledged = (): number => running.reduce((sum, logger) => sum + logger.acknowledged.size, 0)
    await until(() => acknowledged() > 200, 30_000, 'acknowledgements')
    await server.stop()

    await until(async () => (await metric(system, 'gaugekeeper_ingest_messages_total', 'refused')) > 0, 120_000, 'the journal being full')
    const refusedAt = await metric(system, 'gaugekeeper_ingest_messages_total', 'refused')
    await until(async () => (await metric(system, 'gaugekeeper_ingest_messages_total', 'refused')) > refusedAt, 30_000, 'more refusals')
    const full = await readiness(system)
    expect(full).toMatchObject({
      status: 503,
      text: expect.stringMatching(/holds \d+ of 1000000 bytes.*; \d+ deliveries wait to be stored/),
    })
    expect(await metric(system, 'gaugekeeper_broker_refused_total', 'journal-refused')).toBeGreaterThan(0)
    expect(await metric(system, 'gaugekeeper_journal_bytes')).toBeLessThanOrEqual(room)
    const { problems } = await system.get<{ problems: { name: string }[] }>('/api/v1/system')
    expect(problems.map(({ name }) => name)).toEqual(expect.arrayContaining(['store', 'journal', 'journal-filling']))
    const counts = running.map(({ acknowledged }) => acknowledged.size)

    await server.start()
    await until(() => running.every(({ acknowledged }, i) => acknowledged.size > (counts[i] ?? 0) + 100), 120_000, 'everybody going on')
    for (const logger of running) logger.stop()
    await untilCarried(system, 120_000)
    await until(async () => (await readiness(system)).status === 200, 30_000, 'being ready again')
    for (const [i, logger] of running.entries()) {
      const stored = await storedOf(system, `gauge-${i + 1}`, begin, begin + logger.sent() + 1)
      expect([...stored].filter(([, times]) => times > 1)).toEqual([])
      expect([...logger.acknowledged].filter((seq) => !stored.has(seq))).toEqual([])
    }
    const { received, stored, duplicate, versions, quarantined } = await totalsOf(system)
    expect({ received, versions, quarantined }).toEqual({ received: stored + duplicate, versions: 0, quarantined: 0 })
    expect(stored).toBeGreaterThanOrEqual(acknowledged())
    expect(await system.stop()).toBe(0)
    await server.remove()
  },
  600_000,
)
