import { expect, test } from '@jest/globals'
import { percentile, startLogger, type Logger } from '../testing/loggers.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until, untilCarried, type ServedSystem } from '../testing/server.ts'

/** GAUGEKEEPER_LONG=1: 50 kills over a million stored readings; else the short form that CI runs. */
const isLong = process.env.GAUGEKEEPER_LONG === '1'
const devices = 8
const kills = isLong ? 50 : 9
const readingsBefore = isLong ? 1_000_000 : 0
const startAt = Date.now() - 3_600_000

const acknowledgedBy = (loggers: readonly Logger[]): number => loggers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)

/** Fills the store: back-fill of `logger-9`, 2,000 readings a message. */
async function fill(system: ServedSystem, secret: string, port: number): Promise<void> {
  const begin = startAt - readingsBefore * 1000
  const message = (number: number): string =>
    JSON.stringify(
      Array.from({ length: 2_000 }, (_, i) => ({
        at: begin + ((number - 1) * 2_000 + i) * 1000,
        values: { water_level: 1 + (i % 50) / 100 },
      })),
    )
  const logger = startLogger({ port, name: 'logger-9', secret, payloadOf: message, total: readingsBefore / 2_000 })
  await logger.finished
  logger.stop()
  await untilCarried(system, 600_000)
}

test(`after ${kills} kills without warning, some during start-up, every acknowledged reading is there exactly once`, async () => {
  const network = writeNetworkFile(temporaryFolder(), riverNetwork(devices + 1))
  const names = Array.from({ length: devices + 1 }, (_, i) => `logger-${i + 1}`)
  const flags = ['--no-demo', '--network', network]
  let system: ServedSystem = await serve({ flags })
  const { data } = system
  const secrets = await secretsOf(system, names)
  const port = Number(new URL(system.mqtt).port)
  const again = [...flags, '--port', new URL(system.url).port, '--mqtt-port', String(port)]
  if (readingsBefore > 0) await fill(system, secrets.get('logger-9') ?? '', port)
  const loggers = names.slice(0, devices).map((name) =>
    startLogger({
      port,
      name,
      secret: secrets.get(name) ?? '',
      everyMs: 20,
      payloadOf: (seq) => JSON.stringify({ seq, at: startAt + seq * 1000, values: { water_level: 1 + (seq % 1000) / 1000 } }),
    }),
  )
  const recoveries: number[] = []
  for (let kill = 1; kill <= kills; kill += 1) {
    const before = acknowledgedBy(loggers)
    await until(() => acknowledgedBy(loggers) >= before + 5 + ((kill * 37) % 120), 60_000, 'acknowledgements')
    await system.kill()
    const killed = acknowledgedBy(loggers)
    // every third time it is killed again while it starts
    if (kill % 3 === 0)
      await expect(
        serve({ data, flags: again, killAfterMs: 100 + ((kill * 311) % 1400) }).then(
          (it) => (it.kill(), Promise.reject(new Error('SIGKILL came late'))),
        ),
      ).rejects.toThrow('SIGKILL')
    const from = performance.now()
    const starting = serve({ data, flags: again })
    await until(() => acknowledgedBy(loggers) > killed, 60_000, 'the first acknowledgement')
    recoveries.push(performance.now() - from)
    system = await starting
  }
  await until(() => loggers.every((logger) => logger.acknowledged.size >= 50), 60_000, 'the last acknowledgements')
  for (const logger of loggers) logger.stop()
  await untilCarried(system, 60_000)
  for (const [i, { acknowledged }] of loggers.entries()) {
    const range = `series=gauge-${i + 1}/water_level/1&from=${new Date(startAt).toISOString()}&to=${new Date(startAt + 90 * 86_400_000).toISOString()}&limit=20000`
    const { observations } = await system.get<{ observations: { seq: number | null }[] }>(`/api/v1/observations?${range}`)
    const seqs = new Set(observations.map(({ seq }) => seq))
    const lost = [...acknowledged].filter((seq) => !seqs.has(seq))
    expect({ lost, twice: observations.length - seqs.size }).toEqual({ lost: [], twice: 0 })
  }
  process.stderr.write(
    `${kills} kills, ${acknowledgedBy(loggers)} acknowledged, lost 0, twice 0; first PUBACK after a start p50 ${percentile(recoveries, 0.5).toFixed(0)} ms, p95 ${percentile(recoveries, 0.95).toFixed(0)} ms with ${readingsBefore} readings stored before\n`,
  )
  expect(await system.stop()).toBe(0)
}, 1_800_000)
