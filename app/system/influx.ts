import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseDuration } from '../../domain/time.ts'
import { influxSettings } from '../../store/influx/config.ts'
import { connectInflux } from '../../store/influx/connection.ts'
import { createInfluxSideFeed, createInfluxSink, type InfluxFeeding } from '../../store/influx/sink.ts'
import type { SystemFigures } from '../../store/influx/system-points.ts'
import type { Broker } from '../../broker/port.ts'
import type { Foundation } from './foundation.ts'

/**
 * What Grafana reads from InfluxDB: beside the embedded store everything that is committed, with InfluxDB as the only telemetry store the
 * warnings and the system's figures. Null when the configuration names no InfluxDB.
 */
export function startInfluxFeeding(foundation: Foundation, broker: Broker): InfluxFeeding | null {
  const { settings, world, log, store, live, life } = foundation
  const connectionSettings = influxSettings(settings.influx)
  if (!connectionSettings) return null
  const connection = connectInflux(connectionSettings)
  const parts = {
    connection,
    warnings: store.warnings,
    system: () => systemFigures(foundation, broker, feeding.figures().behind),
    longestWaitMs: parseDuration(settings.influx.longestWait) ?? 15_000,
    systemEveryMs: parseDuration(settings.influx.systemEvery) ?? 60_000,
    log,
    now: world.now,
    random: world.random,
    timers: world.timers,
  }
  const feeding: InfluxFeeding =
    settings.store.engine === 'influxdb'
      ? createInfluxSideFeed(parts)
      : createInfluxSink({ ...parts, ledger: store.ledger, batchRows: settings.influx.batchRows })
  const unlisten = live.on((event) => {
    if (event.name === 'warnings') feeding.offerWarnings(event.versions)
  })
  feeding.start()
  life.onStop('influx', async () => {
    unlisten()
    await feeding.stop()
    connection.close()
  })
  return feeding
}

const loopDelay = monitorEventLoopDelay({ resolution: 20 })
loopDelay.enable()

async function systemFigures(foundation: Foundation, broker: Broker, sinkBehind: number): Promise<SystemFigures> {
  const { store, journal, networks } = foundation
  const counts = await store.ledger.counts()
  const sum = (pick: (one: (typeof counts)[number]) => number): number => counts.reduce((total, one) => total + pick(one), 0)
  const [open, size] = await Promise.all([store.warnings.warnings({ states: ['pending', 'active'] }), store.telemetry.size()])
  const kept = journal.figures()
  const loopDelayP99Ms = loopDelay.percentile(99) / 1e6
  loopDelay.reset()
  return {
    received: sum((one) => one.received),
    stored: sum((one) => one.stored),
    versions: sum((one) => one.versions),
    duplicate: sum((one) => one.duplicate),
    quarantined: sum((one) => one.quarantined),
    refused: kept.refused,
    late: sum((one) => one.late),
    journalBytes: kept.bytes,
    journalBacklog: kept.newest - store.ledger.cursor() + store.ledger.deferred().waiting,
    sinkBehind,
    devices: networks.fleet().devices.size,
    devicesOnline: broker.figures().clients,
    openWarnings: open.length,
    storeRows: size.rows,
    storeBytes: size.bytes,
    rssBytes: process.memoryUsage.rss(),
    loopDelayP99Ms,
  }
}
