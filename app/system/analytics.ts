import type { WarningDesk } from '../../api/parts.ts'
import { createWatch, type Watch, type WatchFigures } from '../../analytics/watch.ts'
import { StoreUnavailable } from '../../store/errors.ts'
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
  const made = (): Watch =>
    createWatch({
      store: withRollupsTold(store, influx),
      fleet: networks.fleet,
      config: settings.analytics,
      now: world.now,
      onWarnings: (versions) => live.emit({ name: 'warnings', versions }),
    })
  let watch = made()
  /** Until then it takes no commits: it reads them from the store when it comes up. */
  let isUp = false
  let retry: unknown = null
  const later = (error: unknown, again: () => Promise<void>): void => {
    log.warn({ err: error }, 'running the rules; they go on from where they stopped')
    retry ??= world.timers.setTimeout(() => {
      retry = null
      again().catch((err: unknown) => later(err, again))
    }, retryMs)
  }
  const catchUp = (): Promise<void> => watch.catchUp()
  const bringUp = async (): Promise<void> => {
    watch = made()
    await watch.start()
    isUp = true
    await catchUp()
  }
  // Devices are acknowledged also while a store on another machine is away.
  await bringUp().catch((error: unknown) => {
    if (!(error instanceof StoreUnavailable)) throw error
    later(error, isUp ? catchUp : bringUp)
  })
  life.onStop('analytics', () => (isUp ? watch.stop() : undefined))
  life.onStop('analytics retry', () => (retry === null ? undefined : world.timers.clearTimeout(retry)))
  return {
    consume: (committed) => {
      if (isUp) watch.consume(committed).catch((error: unknown) => later(error, catchUp))
    },
    desk: {
      acknowledge: async (id, by, note, at) => {
        if (!isUp) throw new StoreUnavailable(`acknowledging ${id}: the rules wait for the store, which is away`)
        return watch.acknowledge(id, by, note, at)
      },
    },
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
