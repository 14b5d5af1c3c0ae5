import { describeStore } from '../contract.ts'
import { describeLedger } from '../contract/ledger.ts'
import { describeTelemetry } from '../contract/telemetry.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { commitOf, day, start } from '../testing/rows.ts'
import { openDuckdbStore } from './store.ts'

const newFolder = temporaryFolders()
const capabilities = { versions: true, parquet: false }

describeStore('duckdb', async () => openDuckdbStore({ folder: await newFolder(), config: duckdbConfig() }), capabilities)

describeLedger('duckdb, read from the disk', async () =>
  openDuckdbStore({ folder: await newFolder(), config: duckdbConfig({ recentRows: 0 }) }),
)

describeTelemetry(
  'duckdb, rewritten after every batch',
  async () => {
    const { telemetry, ledger, maintain, close } = await openDuckdbStore({
      folder: await newFolder(),
      config: duckdbConfig({ threads: 2 }),
    })
    const write = async (rows: Parameters<typeof commitOf>[0]): Promise<void> => {
      await ledger.commit(commitOf(rows))
      await maintain(start + 1_000 * day)
    }
    return { telemetry, write, close }
  },
  capabilities,
)
