import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { Value } from 'typebox/value'
import { StoreConfig } from './config.ts'
import { InfluxConfig } from './influx/config.ts'
import { openStore, storeEngines } from './registry.ts'
import { commitOf, rowsOf, seriesOf } from './testing/rows.ts'
import { temporaryFolders } from './testing/duckdb.ts'

const newFolder = temporaryFolders()
const config = (engine: StoreConfig['engine']): StoreConfig => ({ ...(Value.Default(StoreConfig, {}) as StoreConfig), engine })

test('the store that the configuration names is opened', async () => {
  for (const engine of ['duckdb', 'memory'] as const) {
    const folder = await newFolder()
    const store = await openStore(config(engine), { folder })
    await store.ledger.commit(commitOf(rowsOf(seriesOf('a'), 3)))
    await store.ping()
    expect((await store.telemetry.size()).rows).toBe(3)
    await store.close()
    expect((await readdir(folder)).includes('gauge.duckdb')).toBe(engine === 'duckdb')
  }
})

test('without a file the embedded store is taken, with bounds on memory and threads', () => {
  expect(Value.Default(StoreConfig, {})).toMatchObject({ engine: 'duckdb', duckdb: { memoryLimit: '1GB', threads: 1 } })
})

test('InfluxDB is opened where its address is set, also while nobody answers there', async () => {
  const folder = await newFolder()
  await expect(openStore(config('influxdb'), { folder })).rejects.toThrow('influx.url is empty')
  const influx = { ...(Value.Default(InfluxConfig, {}) as InfluxConfig), url: 'http://127.0.0.1:9', timeout: '1s' }
  const store = await openStore(config('influxdb'), { folder, influx })
  await expect(store.ping()).rejects.toThrow('no answer')
  expect(store.ledger.cursor()).toBe(0)
  await store.close()
})

test('every engine of the folder is registered', async () => {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const entries = await readdir(folder, { withFileTypes: true })
  const notEngines = ['contract', 'ports', 'testing']
  const folders = entries.filter((entry) => entry.isDirectory() && !notEngines.includes(entry.name)).map((entry) => entry.name)
  const engineOf = (name: string): string => (name === 'influx' ? 'influxdb' : name)
  expect(
    storeEngines
      .map(({ name }) => name)
      .filter((name) => folders.map(engineOf).includes(name))
      .sort(),
  ).toEqual(folders.map(engineOf).sort())
})
