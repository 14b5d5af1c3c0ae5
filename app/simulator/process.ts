import type { ProcessOrder, ProcessTells, ProcessTold, Outcome } from './channel.ts'
import { clientOf } from '../commands/client.ts'
import { makeLoad } from './load-work.ts'
import { replayAgain } from './replay-work.ts'
import { playScenario } from './scenario-work.ts'
import type { WorkParts } from './work.ts'

/** Does what the process that forked this one orders; ends when it is done, and when that one is gone. */
export function simulationProcess(): Promise<void> {
  process.once('disconnect', () => process.exit())
  // Ctrl-C goes to the whole group: the server says when to stop
  process.on('SIGINT', () => undefined)
  const tell = (what: ProcessTells): void => void (process.connected && process.send?.(what))
  const stop = new AbortController()
  return new Promise((resolve) =>
    process.on('message', (told: ProcessTold) => {
      if ('stop' in told) return stop.abort()
      doneAs(told.order, { tell, stop: stop.signal })
        .then((outcome) => tell({ outcome }))
        .catch((error: unknown) => tell({ failed: error instanceof Error ? error.message : String(error) }))
        .finally(() => {
          resolve()
          process.disconnect()
        })
    }),
  )
}

function doneAs({ work, ...order }: ProcessOrder, told: Pick<WorkParts, 'tell' | 'stop'>): Promise<Outcome> {
  told.tell({ phase: 'starting' })
  const parts: WorkParts = { ...order, ...told, client: clientOf(order.server) }
  if (work.kind === 'scenario') return playScenario(work.request, parts)
  return work.kind === 'load' ? makeLoad(work.request, parts) : replayAgain(work.request, parts)
}
