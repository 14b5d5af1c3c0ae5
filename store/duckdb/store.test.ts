import { describeStore } from '../contract.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { openDuckdbStore } from './store.ts'

const newFolder = temporaryFolders()

describeStore('duckdb', async () => openDuckdbStore({ folder: await newFolder(), config: duckdbConfig() }), {
  versions: true,
  parquet: false,
})
