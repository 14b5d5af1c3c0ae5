import { runId, type RunId } from '../../domain/ids.ts'

export const demoRun = runId('demo')

/** Where the demo stands in time: first in its past, which is sent as fast as can be, then at our time. */
export interface DemoClock {
  /** Runs that live at our time: the clock ticks them on. */
  wallRuns: readonly RunId[]
  /** Runs that will live at our time and are still in their past. */
  catchingUp: () => readonly RunId[]
  /** The past is in. */
  live(): void
  /** Nothing more of it comes, whether it is in or not. */
  ended(): void
}

export function createDemoClock(isOn: boolean): DemoClock {
  const wallRuns: RunId[] = []
  let past: readonly RunId[] = isOn ? [demoRun] : []
  return { wallRuns, catchingUp: () => past, live: () => void wallRuns.push(demoRun), ended: () => void (past = []) }
}
