import type { Store } from './ports/store.ts'
import type { TelemetryCapabilities } from './ports/telemetry.ts'
import { describeDocuments } from './contract/documents.ts'
import { describeLedger } from './contract/ledger.ts'
import { describeTelemetry } from './contract/telemetry.ts'
import { describeWarnings } from './contract/warnings.ts'
import { commitOf } from './testing/rows.ts'

/**
 * The tests that every adapter passes, called from the adapter's own test file. `open` gives a new, empty store each time; the
 * suite closes it. A store of telemetry only calls `describeTelemetry` from contract/telemetry.ts, and so on for the other parts.
 */
export function describeStore(name: string, open: () => Promise<Store>, capabilities: TelemetryCapabilities): void {
  describeTelemetry(
    name,
    async () => {
      const store = await open()
      const write = async (rows: Parameters<typeof commitOf>[0]): Promise<void> => void (await store.ledger.commit(commitOf(rows)))
      return { telemetry: store.telemetry, write, close: store.close }
    },
    capabilities,
  )
  describeLedger(name, open)
  describeWarnings(name, open)
  describeDocuments(name, open)
}
