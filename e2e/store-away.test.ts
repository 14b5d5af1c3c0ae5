import { setTimeout as pause } from 'node:timers/promises'
import { expect } from '@jest/globals'
import { startInfluxd } from '../testing/influxd.ts'
import { percentile } from '../testing/loggers.ts'
import { influxd, needing } from '../testing/needing.ts'
import { riverNetwork, startRiverLoggers, writeNetworkFile } from '../testing/river-network.ts'
import { metric, residentBytes, serve, temporaryFolder, totalsOf, until, untilCarried } from '../testing/server.ts'

/** GAUGEKEEPER_LONG=1: 10 min away at 500 readings/s; else the short form that CI runs. */
const isLong = process.env.GAUGEKEEPER_LONG === '1'
const awayMs = isLong ? 600_000 : 5_000
/** Long enough to have filled what a running server keeps in memory: 20,000 recent rows, the journal's write buffer. */
const warmUpMs = isLong ? 240_000 : 2_000
const loggers = 20

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)

needing(
  [influxd()],
  `the only store is away for ${awayMs / 1000} s: devices are acknowledged, nothing is lost or doubled, and the backlog drains beside the live readings`,
  async (binary) => {
    const server = await startInfluxd(binary)
    const network = writeNetworkFile(temporaryFolder(), riverNetwork(loggers))
    const store = ['--set', 'store.engine=influxdb', '--set', `influx.url=${server.url}`, '--set', 'influx.api=v1']
    const system = await serve({ flags: ['--no-demo', '--network', network, ...store] })
    const begin = Date.now()
    const running = await startRiverLoggers(system, loggers, { begin, stepMs: 40, everyMs: 40 })
    const acknowledged = (): number => running.reduce((sum, logger) => sum + logger.acknowledged.size, 0)
    await until(() => Date.now() - begin > warmUpMs, warmUpMs + 60_000, 'warming up')
    const base = residentBytes(system.pid)
    await server.stop()
    const [away, before] = [Date.now(), acknowledged()]
    let [mostAway, mostDraining] = [base, base]
    await until(
      () => {
        mostAway = Math.max(mostAway, residentBytes(system.pid))
        return Date.now() - away >= awayMs && acknowledged() > before + 100
      },
      awayMs + 60_000,
      'the store being away',
    )
    const backlog = await metric(system, 'gaugekeeper_ingest_backlog')
    expect(backlog).toBeGreaterThan(0)
    const waitsBefore = running.map(({ waits }) => waits.length)
    await server.start()
    const back = Date.now()
    // as often as a monitoring system might ask: a question costs the server garbage of its own
    const isDrained = async (): Promise<boolean> => {
      await pause(200)
      mostDraining = Math.max(mostDraining, residentBytes(system.pid))
      return (await metric(system, 'gaugekeeper_ingest_backlog')) < 500
    }
    await until(isDrained, 600_000, 'the backlog draining')
    const drained = (Date.now() - back) / 1000
    const waits = running.flatMap(({ waits }, i) => waits.slice(waitsBefore[i]))
    for (const logger of running) logger.stop()
    await untilCarried(system, 120_000)
    const totals = await totalsOf(system)
    process.stderr.write(
      `away ${awayMs / 1000} s, backlog ${backlog}, drained in ${drained.toFixed(1)} s; PUBACK meanwhile p99 ${percentile(waits, 0.99).toFixed(0)} ms; RSS ${megabytes(base)} MB, away at most ${megabytes(mostAway - base)} MB more, draining ${megabytes(mostDraining - base)} MB more\n`,
    )
    // what was on its way when the loggers stopped may have come through unheard
    expect(totals.stored).toBeGreaterThanOrEqual(acknowledged())
    expect(totals.stored).toBeLessThanOrEqual(running.reduce((sum, logger) => sum + logger.sent(), 0))
    expect({ received: totals.received, versions: totals.versions, quarantined: totals.quarantined }).toEqual({
      received: totals.stored + totals.duplicate,
      versions: 0,
      quarantined: 0,
    })
    expect(totals.duplicate).toBeLessThanOrEqual(running.reduce((sum, logger) => sum + logger.repeats(), 0))
    expect(await system.stop()).toBe(0)
    await server.remove()
  },
  1_800_000,
)
