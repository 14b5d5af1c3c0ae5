import type { HealthCheck } from '../../api/parts.ts'
import type { Store } from '../../store/ports/store.ts'

interface Watched {
  store: Pick<Store, 'ping'>
  /** Why the journal takes nothing now; null while all is well. */
  journalTrouble: () => string | null
  /** Deliveries journalled and not yet carried. */
  behind: () => number
  /** The last fault of the pipeline while it is retrying; null while it carries. */
  pipelineTrouble: () => string | null
  brokerListening: () => boolean
  /** What follows the commits. */
  followers: readonly FollowerState[]
}

interface FollowerState {
  name: string
  isUp: () => boolean
  /** What keeps it from following; null while all is well. */
  trouble: () => string | null
  commitsBehind: () => number
}

/** What must be well for the system to be ready, each with a sentence. */
export function createHealth(watched: Watched): () => Promise<HealthCheck[]> {
  return async () => [
    await storeCheck(watched.store),
    journalCheck(watched),
    { name: 'broker', ok: watched.brokerListening(), detail: watched.brokerListening() ? 'listening' : 'not listening; see the log' },
    ...watched.followers.map(followerCheck),
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

/** Reading back is no fault: readings are taken and stored meanwhile. It is told, because warnings come late until then. */
function followerCheck({ name, isUp, trouble, commitsBehind }: FollowerState): HealthCheck {
  const [behind, why] = [`${commitsBehind()} commits to go`, trouble()]
  if (why !== null) return { name, ok: false, detail: `${why}; ${behind}` }
  return { name, ok: true, detail: isUp() ? `following, ${behind}` : `reading back, ${behind}` }
}

function journalCheck(watched: Watched): HealthCheck {
  const trouble = watched.journalTrouble() ?? watched.pipelineTrouble()
  const behind = `${watched.behind()} deliveries wait to be stored`
  return { name: 'journal', ok: trouble === null, detail: trouble === null ? behind : `${trouble}; ${behind}` }
}
