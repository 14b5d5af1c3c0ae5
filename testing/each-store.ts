import { afterAll, beforeAll, test } from '@jest/globals'
import Value from 'typebox/value'
import { openDuckdbStore } from '../store/duckdb/store.ts'
import { InfluxConfig } from '../store/influx/config.ts'
import { openInfluxStore } from '../store/influx/open.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { Store } from '../store/ports/store.ts'
import { duckdbConfig, temporaryFolders } from '../store/testing/duckdb.ts'
import { startInfluxd, type Influxd } from './influxd.ts'
import { influxd } from './needing.ts'

/** Opens the same store again after it was closed. */
export type OpenAgain = () => Promise<Store>

/**
 * One test for each store: memory, the embedded one, and InfluxDB as the only one, skipped by name without influxd. Call once in a file.
 * @param work is given what makes a new, empty store
 */
export function onEachStore(name: string, work: (make: () => Promise<OpenAgain>) => Promise<void>): void {
  const newFolder = temporaryFolders()
  test(`${name}, in memory`, () =>
    work(async () => {
      const store = { ...createMemoryStore(), close: async () => undefined }
      return async () => store
    }))
  test(`${name}, in the embedded store`, () =>
    work(async () => {
      const folder = await newFolder()
      return () => openDuckdbStore({ folder, config: duckdbConfig() })
    }))
  const part = influxd()
  if (part.found === null) return void test['skip'](`${name}, in InfluxDB (${part.missing})`, () => undefined)
  onInfluxd(name, part.found, newFolder, work)
}

function onInfluxd(
  name: string,
  binary: string,
  newFolder: () => Promise<string>,
  work: (make: () => Promise<OpenAgain>) => Promise<void>,
): void {
  let server: Influxd
  beforeAll(async () => {
    server = await startInfluxd(binary)
  })
  afterAll(() => server.remove())
  test(`${name}, in InfluxDB`, async () => {
    let made = 0
    await work(async () => {
      const folder = await newFolder()
      const place = { url: server.url, api: 'v1', database: `test_${++made}` } as const
      const influx = { ...(Value.Default(InfluxConfig, {}) as InfluxConfig), ...place }
      return () => openInfluxStore({ influx, folder, duckdb: duckdbConfig() })
    })
  }, 60_000)
}
