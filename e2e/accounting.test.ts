import { expect, test } from '@jest/globals'
import { startInfluxd } from '../testing/influxd.ts'
import { startLogger, type Logger } from '../testing/loggers.ts'
import { influxd, needing } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, totalsOf, untilCarried } from '../testing/server.ts'

/** GAUGEKEEPER_LONG=1: a million readings; else the short form that CI runs. */
const readings = process.env.GAUGEKEEPER_LONG === '1' ? 1_000_000 : 20_000
const gauges = 20
const each = readings / gauges
/** A reading of each gauge a minute: denser ones would be read back by the hundred thousand when each batch of back-fill is judged. */
const spanMs = each * 60_000

const faults = ['lost line', 'duplicate', 'reordered', 'wrong clock', 'bad unit', 'broken JSON'] as const
type Fault = (typeof faults)[number]

/** One reading of twenty has a fault, each kind as often; the same in every run. */
function faultOf(gauge: number, number: number): Fault | null {
  const drawn = Math.imul(gauge * 7919 + number, 0x9e3779b1) >>> 8
  return drawn % 20 === 0 ? (faults[Math.floor(drawn / 20) % faults.length] ?? null) : null
}

/** All but the readings of the last ten minutes are back-fill; a reordered one changes places with the one after it. */
function payloadOf(gauge: number, number: number, begin: number): string {
  const isMoved = faultOf(gauge, number) === 'reordered' && number < each && faultOf(gauge, number + 1) === null
  const isOther = number > 1 && faultOf(gauge, number - 1) === 'reordered' && faultOf(gauge, number) === null
  const place = isMoved ? number + 1 : isOther ? number - 1 : number
  const at = begin + Math.floor((place * spanMs) / each)
  const level = 1 + (place % 100) / 1000
  switch (faultOf(gauge, number)) {
    case 'wrong clock':
      return JSON.stringify({ at: number % 2 ? at + spanMs + 86_400_000 : 1000 + number, values: { water_level: level } })
    case 'bad unit':
      return JSON.stringify({ at, values: { water_level: { v: level, u: 'kg' } } })
    case 'broken JSON':
      return JSON.stringify({ at, values: { water_level: level } }).slice(0, -3)
    default:
      return JSON.stringify({ at, values: { water_level: level } })
  }
}

/** Sends them all, the duplicates by a second message of the same bytes; the loggers, all done. */
async function send(port: number, secrets: ReadonlyMap<string, string>): Promise<{ acknowledged: number; repeats: number; cuts: number }> {
  const begin = Date.now() - spanMs
  let cuts = 0
  const loggers = Array.from({ length: gauges }, (_, i): Logger => {
    const gauge = i + 1
    const order = Array.from({ length: each }, (_, k) => k + 1).flatMap((number) =>
      faultOf(gauge, number) === 'duplicate' ? [number, number] : [number],
    )
    const name = `logger-${gauge}`
    return startLogger({
      port,
      name,
      secret: secrets.get(name) ?? '',
      total: order.length,
      payloadOf: (k) => payloadOf(gauge, order[k - 1] ?? 0, begin),
      onAcknowledged: (k, logger) => {
        // one line of a hundred lost ones is cut in earnest: a connection costs more than a reading
        if (faultOf(gauge, order[k - 1] ?? 0) !== 'lost line' || k % 20 !== 0) return
        cuts += 1
        logger.cut()
      },
    })
  })
  await Promise.all(loggers.map(({ finished }) => finished))
  for (const logger of loggers) logger.stop()
  const sum = (of: (logger: Logger) => number): number => loggers.reduce((total, logger) => total + of(logger), 0)
  return { acknowledged: sum(({ acknowledged }) => acknowledged.size), repeats: sum((logger) => logger.repeats()), cuts }
}

const howMany = (...wanted: readonly Fault[]): number => {
  let count = 0
  for (let gauge = 1; gauge <= gauges; gauge += 1)
    for (let number = 1; number <= each; number += 1) {
      const fault = faultOf(gauge, number)
      if (fault !== null && wanted.includes(fault)) count += 1
    }
  return count
}

async function account(flags: readonly string[]): Promise<void> {
  const network = writeNetworkFile(temporaryFolder(), riverNetwork(gauges))
  const system = await serve({ flags: ['--no-demo', '--network', network, ...flags] })
  const secrets = await secretsOf(
    system,
    Array.from({ length: gauges }, (_, i) => `logger-${i + 1}`),
  )
  const sent = await send(Number(new URL(system.mqtt).port), secrets)
  await untilCarried(system, 900_000)
  const totals = await totalsOf(system)
  const kept = await metric(system, 'gaugekeeper_broker_deliveries_total')
  const bad = howMany('wrong clock', 'bad unit', 'broken JSON')
  process.stderr.write(`${JSON.stringify({ ...sent, kept, ...totals, bad, twice: howMany('duplicate') })}\n`)
  // everything that was acknowledged, and of what was sent again after a cut, what had come through before it
  expect(sent.acknowledged).toBe(readings + howMany('duplicate'))
  expect(sent.cuts).toBeGreaterThan(0)
  expect(kept).toBeGreaterThanOrEqual(sent.acknowledged)
  expect(kept).toBeLessThanOrEqual(sent.acknowledged + sent.repeats)
  expect(totals.received).toBe(kept)
  expect(totals.stored + totals.versions + totals.duplicate + totals.quarantined).toBe(kept)
  expect({ stored: totals.stored, versions: totals.versions }).toEqual({ stored: readings - bad, versions: 0 })
  expect(totals.quarantined).toBeGreaterThanOrEqual(bad)
  expect(totals.duplicate).toBeGreaterThanOrEqual(howMany('duplicate'))
  expect(await system.stop()).toBe(0)
}

test(
  `${readings} readings with 5 % faults add up to the unit: sent = stored + duplicate + quarantined, on DuckDB`,
  () => account([]),
  1_800_000,
)

needing(
  [influxd()],
  `${readings} readings with 5 % faults add up to the unit, on influxd`,
  async (binary) => {
    const server = await startInfluxd(binary)
    await account(['--set', `influx.url=${server.url}`, '--set', 'influx.api=v1', '--set', 'store.engine=influxdb'])
    await server.remove()
  },
  1_800_000,
)
