import type { WarningDesk } from '../../api/parts.ts'
import { createWatch, type WatchFigures } from '../../analytics/watch.ts'
import type { Committed } from '../../store/ports/ledger.ts'
import type { InfluxFeeding } from '../../store/influx/sink.ts'
import type { Foundation } from './foundation.ts'

/** The rules, following the commits of the pipeline. */
export interface Analytics {
  /** Takes a commit, or notes that there is one; returns at once. */
  consume: (committed: Committed) => void
  desk: WarningDesk
  figures: () => WatchFigures
  /** Newest commit whose rules have run. */
  commit: () => number
}

const retryMs = 5_000

/** Catches up with the store, then follows. While the store is away, it tries again every 5 s; its cursor stays where it was. */
export async function startAnalytics(foundation: Foundation, influx: InfluxFeeding | null): Promise<Analytics> {
  const { settings, store, networks, world, live, log, life } = foundation
  const watch = createWatch({
    store: withRollupsTold(store, influx),
    fleet: networks.fleet,
    config: settings.analytics,
    now: world.now,
    onWarnings: (versions) => live.emit({ name: 'warnings', versions }),
  })
  await watch.start()
  life.onStop('analytics', () => watch.stop())
  let retry: unknown = null
  const orLater = (error: unknown): void => {
    log.warn({ err: error }, 'running the rules; they go on from where they stopped')
    retry ??= world.timers.setTimeout(() => {
      retry = null
      watch.catchUp().catch(orLater)
    }, retryMs)
  }
  life.onStop('analytics retry', () => (retry === null ? undefined : world.timers.clearTimeout(retry)))
  return {
    consume: (committed) => void watch.consume(committed).catch(orLater),
    desk: { acknowledge: (id, by, note, at) => watch.acknowledge(id, by, note, at) },
    figures: () => watch.figures(),
    commit: () => watch.figures().commit,
  }
}

/** The store, with the roll-ups that are kept also offered to the second sink. */
function withRollupsTold(store: Foundation['store'], influx: InfluxFeeding | null): Foundation['store'] {
  if (influx === null) return store
  const { telemetry } = store
  const putRollups: typeof telemetry.putRollups = async (rollups) => {
    await telemetry.putRollups(rollups)
    influx.offerRollups(rollups)
  }
  // the adapters' methods are closures, so that a copy with one of them exchanged works as the original
  return { ...store, telemetry: { ...telemetry, putRollups } }
}
