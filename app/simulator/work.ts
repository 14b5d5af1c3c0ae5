import type { ApiClient } from '../commands/client.ts'
import type { ProcessOrder, ProcessTells } from './channel.ts'

/** What each kind of work has in its process. */
export interface WorkParts extends Omit<ProcessOrder, 'work'> {
  client: ApiClient
  tell: (what: ProcessTells) => void
  /** Ends it early: what is under way is finished. */
  stop: AbortSignal
}
