import type { StoreConfig } from './config.ts'
import { openDuckdbStore } from './duckdb/store.ts'
import type { InfluxConfig } from './influx/config.ts'
import { openInfluxStore } from './influx/open.ts'
import { createMemoryStore } from './memory.ts'
import type { Store } from './ports/store.ts'

/** What a store is opened with, beside its configuration. */
export interface StorePlace {
  /** The data folder. */
  folder: string
  /** Section `influx`, for the engine of that name. */
  influx?: InfluxConfig
}

/** A kind of store: its name in the configuration, and how it is opened. */
export interface StoreEngine {
  name: StoreConfig['engine']
  open(config: StoreConfig, place: StorePlace): Promise<Store>
}

/** All stores there are; each passes contract.ts. */
export const storeEngines = [
  { name: 'duckdb', open: ({ duckdb, quarantine }, { folder }) => openDuckdbStore({ folder, config: duckdb, quarantine }) },
  {
    name: 'influxdb',
    open: ({ duckdb, quarantine }, { folder, influx }) => openInfluxStore({ folder, duckdb, quarantine, ...(influx ? { influx } : {}) }),
  },
  { name: 'memory', open: async ({ memory, quarantine }) => createMemoryStore({ ...memory, quarantine }) },
] as const satisfies readonly StoreEngine[]

/**
 * Opens the store that the configuration names. Rejects with `store-locked`, `store-format`, `store-corrupt` or StoreUnavailable when it
 * cannot be opened.
 */
export function openStore(config: StoreConfig, place: StorePlace): Promise<Store> {
  const engine = storeEngines.find(({ name }) => name === config.engine)
  if (!engine) throw new Error(`opening the store: no engine is called ${config.engine}`)
  return engine.open(config, place)
}
