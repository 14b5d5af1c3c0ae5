import type { RunId } from '../domain/ids.ts'
import type { ApiParts } from './parts.ts'
import type { Board } from './board.ts'

/** The clock by which ages are told: ours, or that of a run with its own or still in its past: its newest tick or reading. */
export type ClockOf = (run: RunId | null) => number

export async function readClocks(parts: Pick<ApiParts, 'runs' | 'catchingUp' | 'store' | 'now'>, board: Board): Promise<ClockOf> {
  const { runs, catchingUp, store, now } = parts
  const own = new Set((await runs.list()).filter((run) => run.clock === 'run').map((run) => run.run))
  for (const run of catchingUp()) own.add(run)
  const ticks = new Map((await store.ledger.watermarks()).map(({ run, at }) => [run, at]))
  const wall = now()
  return (run) => {
    if (run === null || !own.has(run)) return wall
    const at = Math.max(ticks.get(run) ?? -Infinity, board.newestOf(run) ?? -Infinity)
    return Number.isFinite(at) ? at : wall
  }
}
