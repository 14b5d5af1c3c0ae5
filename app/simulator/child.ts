import type { ChildProcess } from 'node:child_process'
import os from 'node:os'
import type { Outcome, ProcessOrder, ProcessTells, ProcessTold } from './channel.ts'

/** A simulation in a process of its own. */
export interface SimulationChild {
  /** Ends it after the step in hand, and for good when it has not ended so many ms later. */
  stop(patienceMs: number): void
  kill(): void
  /** Resolves when the process is gone: with what came out of it, or why nothing did. */
  ended: Promise<{ outcome: Outcome } | { failed: string }>
}

/** Below everything that the server does: its readings are acknowledged first. */
const niceness = 5

/** Gives an order to a fresh process. */
export function startChild(
  child: ChildProcess,
  order: ProcessOrder,
  onTold: (told: Exclude<ProcessTells, { outcome: Outcome } | { failed: string }>) => void,
): SimulationChild {
  let end: { outcome: Outcome } | { failed: string } | null = null
  const tell = (told: ProcessTold): void => void (child.connected && child.send(told))
  child.on('message', (told: ProcessTells) => {
    if ('outcome' in told || 'failed' in told) end = told
    else onTold(told)
  })
  const ended = new Promise<{ outcome: Outcome } | { failed: string }>((resolve) => {
    child.once('error', (error) => resolve({ failed: `starting its process: ${error.message}` }))
    child.once('exit', (code, signal) => resolve(end ?? { failed: `its process ended with ${code ?? signal}` }))
  })
  if (child.pid !== undefined) lower(child.pid)
  tell({ order })
  return {
    stop(patienceMs) {
      tell({ stop: true })
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      void ended.then(() => clearTimeout(timer))
    },
    kill: () => void child.kill('SIGKILL'),
    ended,
  }
}

function lower(pid: number): void {
  try {
    os.setPriority(pid, niceness)
  } catch {
    // gone already, or not allowed here: it works without
  }
}
