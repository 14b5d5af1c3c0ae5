import type { TelemetryStore } from './telemetry.ts'
import type { Ledger } from './ledger.ts'
import type { DocumentStore } from './documents.ts'
import type { WarningStore } from './warnings.ts'

/** Everything a serving process keeps. DuckDB gives all of it from one file; with `store: influxdb` the telemetry comes from there. */
export interface Store {
  telemetry: TelemetryStore
  ledger: Ledger
  warnings: WarningStore
  documents: DocumentStore
  /** Rewrites closed days in series order, merges counters, reclaims space; safe at any time. */
  maintain(now: number): Promise<void>
  /**
   * Copies the store's files into `folder` as of one commit: nothing is committed meanwhile, reading goes on. Null for a store without
   * files. What was copied is then read whole. Rejects with `store-corrupt` where that cannot be done, and with StoreUnavailable.
   */
  copyTo: ((folder: string) => Promise<void>) | null
  /** Gives what the process has freed, here and elsewhere, back to the system; rejects with StoreUnavailable. */
  releaseMemory(): Promise<void>
  /** Reads all that lies in files of its own, from end to end. Rejects with `store-corrupt` where it is damaged, and with StoreUnavailable. */
  verify(): Promise<void>
  /** What the engine said when it first met damage of its files, by whatever it was asked; null while it has met none. */
  damage(): string | null
  /** Resolves when the engine answers; rejects with StoreUnavailable, and with `store-corrupt` once it has met damage. For /readyz. */
  ping(): Promise<void>
  close(): Promise<void>
}
