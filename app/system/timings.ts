import { Histogram } from 'prom-client'
import type { Warning } from '../../domain/warning.ts'
import type { Committed } from '../../store/ports/ledger.ts'

/** How long things take, as histograms for /metrics; each is filled once a commit, so a reading costs nothing. */
export interface Timings {
  /** Time from having a reading to having it stored, of the oldest reading of each commit. */
  lag: Histogram
  /** Time that a commit takes in the store. */
  write: Histogram
  /** Time from having the reading that decided to having the warning of it kept and told. */
  warning: Histogram
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600]

export function createTimings(): Timings {
  return {
    lag: new Histogram({
      name: 'gaugekeeper_ingest_lag_seconds',
      help: 'From having a reading to having it stored: the oldest reading of each commit',
      buckets: seconds,
      registers: [],
    }),
    write: new Histogram({
      name: 'gaugekeeper_store_write_seconds',
      help: 'Time that a commit takes in the store',
      buckets: seconds,
      registers: [],
    }),
    warning: new Histogram({
      name: 'gaugekeeper_warning_delay_seconds',
      help: 'From having the reading that decided to having the warning of it kept and told',
      buckets: seconds,
      registers: [],
    }),
  }
}

/** Seconds that each of some versions of warnings took that raised it, where that is known. */
export function warningDelays(versions: readonly Warning[]): number[] {
  return versions.flatMap(({ version, decided }) => {
    const { arrivedAt, keptAt } = decided ?? { arrivedAt: null, keptAt: null }
    return version !== 1 || arrivedAt === null || keptAt === null ? [] : [Math.max(0, keptAt - arrivedAt) / 1000]
  })
}

/** Seconds that the oldest reading of a commit has waited at `now`; null when it holds none. */
export function lagOf({ rows }: Committed, now: number): number | null {
  let oldest = Infinity
  for (const { receivedAt, arrival } of rows) if (arrival !== 'judged' && receivedAt < oldest) oldest = receivedAt
  return oldest === Infinity ? null : Math.max(0, now - oldest) / 1000
}
