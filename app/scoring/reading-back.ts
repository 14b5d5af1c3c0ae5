import { setTimeout as sleep } from 'node:timers/promises'
import type { GapList } from '../../api/schemas/continuity.ts'
import type { ApiClient } from '../commands/client.ts'

const pauseMs = 500
/** Five minutes. */
const mostTries = 600

export interface Patience {
  /** Told once when there is something to wait for, and once when it was given up. */
  say: (line: string) => void
  pause?: () => Promise<unknown>
}

/**
 * Waits until the server has read its gaps back, which it does beside everything else after a start: until then it names only some of them.
 * Goes on after five minutes and says what that means. Rejects as the client does.
 */
export async function whenReadBack(client: Pick<ApiClient, 'get'>, { say, pause = () => sleep(pauseMs) }: Patience): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    if (!(await client.get<GapList>('/api/v1/gaps?limit=1')).readingBack) return
    if (tries === 0) say('the server was just started and reads back what is stored; waiting for its gaps, five minutes at most')
    await pause()
  }
  say('the server still reads back what is stored; gaps that it has not read yet are scored as not found: score again later')
}
