import { deviceId, runId, type SensorId } from '../../domain/ids.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import { flag as flags, type Flag } from '../../domain/flag.ts'
import type { Warning } from '../../domain/warning.ts'
import { createMemoryStore } from '../../store/memory.ts'
import type { Committed, StoredRow, Watermark } from '../../store/ports/ledger.ts'
import type { Store } from '../../store/ports/store.ts'
import { commitOf } from '../../store/testing/rows.ts'
import type { AnalyticsConfig } from '../config.ts'
import { createWatch, type Watch } from '../watch.ts'

/** A reading on its way: `[series, observedAt, value, flag, receivedAt]`; flag 1 and received when observed unless said. */
export interface Sent {
  series: SensorId
  at: number
  value: number | null
  flag?: Flag
  tests?: number
  late?: boolean
  /** Number of its delivery; that of the batch when left out. */
  delivery?: number
  receivedAt?: number
}

export const testConfig: AnalyticsConfig = {
  retrospectiveAfter: '1h',
  jobGrace: '5m',
  samplesPerSeries: 2048,
  checkpointEvery: 4,
  queueCommits: 8,
  dirtyWindows: 1000,
}

/** Finds each reading its arrival as the pipeline does, and commits batches to a memory store. */
export class SmallPipeline {
  readonly store: Store
  private readonly known = new Map<SensorId, Map<number, { value: number | null; flag: Flag; tests: number }>>()
  private delivery = 0

  constructor(store: Store = createMemoryStore()) {
    this.store = store
  }

  /** Commits a batch; the commit as its makers have it. Null when it held nothing new. */
  async commit(batch: readonly Sent[], watermarks: readonly Watermark[] = [], run: string | null = null): Promise<Committed | null> {
    const rows = batch.flatMap((sent) => this.rowOf(sent, run) ?? [])
    if (rows.length === 0 && watermarks.length === 0) return null
    this.delivery += 1
    const commit = await this.store.ledger.commit(commitOf(rows, { cursor: this.delivery, watermarks }))
    return { commit, rows, watermarks }
  }

  private rowOf(
    { series, at, value, flag = value === null ? flags.missing : flags.good, tests = 0, late = false, ...sent }: Sent,
    run: string | null,
  ): StoredRow | null {
    const times = this.known.get(series) ?? new Map<number, { value: number | null; flag: Flag; tests: number }>()
    const before = times.get(at)
    const newest = Math.max(-Infinity, ...times.keys())
    this.known.set(series, times)
    if (before && before.value === value && before.flag === flag && before.tests === tests) return null
    const arrival = late ? 'late' : at > newest ? 'next' : !before ? 'inserted' : before.value === value ? 'judged' : 'revised'
    times.set(at, { value, flag, tests })
    const run_ = run === null ? null : runId(run)
    return {
      ...{ series, observedAt: at, receivedAt: sent.receivedAt ?? at, value, flag, tests, device: deviceId('logger') },
      delivery: sent.delivery ?? this.delivery + 1,
      ...{ seq: null, run: run_, position: null, arrival },
    }
  }
}

/** A watch over a pipeline's store, and everything it says. */
export function watchOver(store: Store, fleet: CurrentFleet, config: Partial<AnalyticsConfig> = {}): { watch: Watch; heard: Warning[] } {
  const heard: Warning[] = []
  const watch = createWatch({
    store,
    fleet,
    config: { ...testConfig, ...config },
    now: () => 9_000,
    begunAt: async (run) => (run === 'r1' ? 5_000 : null),
    onWarnings: (versions) => heard.push(...versions),
  })
  return { watch, heard }
}

/** All warnings as they are kept, every version of each, by id. */
export async function keptVersions(store: Store): Promise<Warning[][]> {
  const all = await store.warnings.warnings({})
  const versions = await Promise.all(all.map((warning) => store.warnings.warningVersions(warning.id)))
  return versions.sort((a, b) => ((a[0]?.id ?? '') < (b[0]?.id ?? '') ? -1 : 1))
}
