import { boundQuarantine } from './bounded-quarantine.ts'
import type { QuarantineConfig } from './config.ts'
import type { Store } from './ports/store.ts'
import { createMemoryDocuments } from './memory/documents.ts'
import { createMemoryLedger } from './memory/ledger.ts'
import { createMemoryTelemetry } from './memory/telemetry.ts'
import { createMemoryWarnings } from './memory/warnings.ts'

export interface MemoryStoreOptions {
  /** Current rows it holds at most; a commit beyond is refused with StoreUnavailable. Default 2 million. */
  maxRows?: number
  /** Without it, everything put aside keeps its bytes. */
  quarantine?: QuarantineConfig
}

/** A store that forgets at the end of the process: for tests and short trials. Same contract as the others. */
export function createMemoryStore({ maxRows = 2_000_000, quarantine }: MemoryStoreOptions = {}): Store {
  const telemetry = createMemoryTelemetry()
  const made = createMemoryLedger(telemetry, maxRows)
  const ledger = quarantine === undefined ? made : boundQuarantine(made, quarantine)
  return {
    telemetry,
    ledger,
    warnings: createMemoryWarnings(ledger),
    documents: createMemoryDocuments(),
    maintain: async () => undefined,
    copyTo: null,
    releaseMemory: async () => undefined,
    verify: async () => undefined,
    damage: () => null,
    ping: async () => undefined,
    close: async () => undefined,
  }
}
