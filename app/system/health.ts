import type { HealthCheck } from '../../api/parts.ts'

interface Watched {
  store: { ping(): Promise<void> }
  /** Why the journal takes nothing now; null while all is well. */
  journalTrouble: () => string | null
  /** Deliveries journalled and not yet carried. */
  behind: () => number
  /** The last fault of the pipeline while it is retrying; null while it carries. */
  pipelineTrouble: () => string | null
  brokerListening: () => boolean
}

/** What must be well for the system to be ready, each with a sentence. */
export function createHealth(watched: Watched): () => Promise<HealthCheck[]> {
  return async () => [
    await storeCheck(watched.store),
    journalCheck(watched),
    { name: 'broker', ok: watched.brokerListening(), detail: watched.brokerListening() ? 'listening' : 'not listening; see the log' },
  ]
}

async function storeCheck(store: Watched['store']): Promise<HealthCheck> {
  try {
    await store.ping()
    return { name: 'store', ok: true, detail: 'answers' }
  } catch (error) {
    return { name: 'store', ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

function journalCheck(watched: Watched): HealthCheck {
  const trouble = watched.journalTrouble() ?? watched.pipelineTrouble()
  const behind = `${watched.behind()} deliveries wait to be stored`
  return { name: 'journal', ok: trouble === null, detail: trouble === null ? behind : `${trouble}; ${behind}` }
}
