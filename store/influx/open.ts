import type { DuckdbConfig, QuarantineConfig } from '../config.ts'
import { openDuckdbStore } from '../duckdb/store.ts'
import { StoreRefused } from '../errors.ts'
import type { Store } from '../ports/store.ts'
import { influxSettings, type InfluxConfig } from './config.ts'
import { connectInflux } from './connection.ts'
import { createInfluxStore } from './store.ts'

export interface OpenInfluxOptions {
  /** Section `influx`; its address must be set. */
  influx?: InfluxConfig
  /** The data folder, for the file with everything that is no telemetry. */
  folder: string
  duckdb: DuckdbConfig
  quarantine?: QuarantineConfig
}

/**
 * `store.engine: influxdb`: telemetry in InfluxDB, everything else in the DuckDB file. Opens also while InfluxDB is away: devices are
 * acknowledged all the same, and the journal waits. Rejects as the DuckDB file does, and with `store-refused` when no address is set.
 */
export async function openInfluxStore({ influx, folder, duckdb, quarantine }: OpenInfluxOptions): Promise<Store> {
  const settings = influx === undefined ? null : influxSettings(influx)
  if (settings === null) throw new StoreRefused('opening store.engine influxdb: influx.url is empty; set it to the address of an InfluxDB')
  const control = await openDuckdbStore({ folder, config: duckdb, place: 'outbox', ...(quarantine && { quarantine }) })
  return createInfluxStore({ connection: connectInflux(settings), control })
}
