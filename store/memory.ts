import type { Store } from './ports/store.ts'
import { createMemoryDocuments } from './memory/documents.ts'
import { createMemoryLedger } from './memory/ledger.ts'
import { createMemoryTelemetry } from './memory/telemetry.ts'
import { createMemoryWarnings } from './memory/warnings.ts'

export interface MemoryStoreOptions {
  /** Current rows it holds at most; a commit beyond is refused with StoreUnavailable. Default 2 million. */
  maxRows?: number
}

/** A store that forgets at the end of the process: for tests and short trials. Same contract as the others. */
export function createMemoryStore({ maxRows = 2_000_000 }: MemoryStoreOptions = {}): Store {
  const telemetry = createMemoryTelemetry()
  const ledger = createMemoryLedger(telemetry, maxRows)
  return {
    telemetry,
    ledger,
    warnings: createMemoryWarnings(ledger),
    documents: createMemoryDocuments(),
    maintain: async () => undefined,
    copyTo: null,
    releaseMemory: async () => undefined,
    ping: async () => undefined,
    close: async () => undefined,
  }
}
