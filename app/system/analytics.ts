import type { RunSummary, WarningDesk } from '../../api/parts.ts'
import { createWatch, type Watch, type WatchFigures } from '../../analytics/watch.ts'
import { StoreUnavailable } from '../../store/errors.ts'
import type { InfluxFeeding } from '../../store/influx/sink.ts'
import { followCommits, type Following } from './following.ts'
import type { Foundation } from './foundation.ts'
import { warningDelays, type Timings } from './timings.ts'

/** The rules, following the commits of the pipeline. */
export interface Analytics extends Pick<Following<Watch>, 'consume' | 'isUp' | 'settled' | 'trouble'> {
  desk: WarningDesk
  figures: () => WatchFigures
  /** Newest commit whose rules have run. */
  commit: () => number
}

/** Catches up with the store, then follows. While the store is away, it tries again every 5 s; its cursor stays where it was. */
export function startAnalytics(foundation: Foundation, influx: InfluxFeeding | null, timings: Pick<Timings, 'warning'>): Analytics {
  const { settings, store, networks, world, live } = foundation
  const made = (): Watch =>
    createWatch({
      store: withRollupsTold(store, influx),
      fleet: networks.fleet,
      config: settings.analytics,
      now: world.now,
      begunAt: async (run) => (await store.documents.get<RunSummary>('run', run))?.body.createdAt ?? null,
      onWarnings: (versions) => {
        live.emit({ name: 'warnings', versions })
        for (const seconds of warningDelays(versions)) timings.warning.observe(seconds)
      },
    })
  const { current, ...following } = followCommits('running the rules', made, foundation)
  return {
    ...following,
    desk: {
      acknowledge: async (id, by, note, at) => {
        if (!following.isUp()) throw new StoreUnavailable(`acknowledging ${id}: the rules are still reading back what is stored`)
        return current().acknowledge(id, by, note, at)
      },
    },
    figures: () => current().figures(),
    commit: () => current().figures().commit,
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
