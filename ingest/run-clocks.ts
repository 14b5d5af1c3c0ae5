import type { RunId } from '../domain/ids.ts'
import type { ClockStep, Watermark } from '../store/ports/ledger.ts'
import type { RunClocks } from './validate.ts'

const hourMs = 3_600_000

/**
 * The clocks by which readings are late and stations silent: one for each run and one for the real fleet (run null), moved by ticks alone: a
 * device whose clock is ahead makes nobody late. Only the clock of a run that was never ticked follows its newest reading (behind a start of
 * the program: not ticked since). They never go back. What a batch moved counts once it is committed; `reset` goes back to
 * there. At most one clock per run.
 */
export interface BatchClocks extends RunClocks {
  /** @param delivery number of the delivery that says so */
  tick(run: RunId | null, at: number, delivery: number): void
  /** A clock has come to where the jobs of a full hour are due since clocks were last kept: what follows is for another commit. */
  isHourDone(): boolean
  /** The clocks that moved since they were last kept. */
  moved(): Watermark[]
  /** The batch is committed. */
  keep(): void
  /** The batch comes again. */
  reset(): void
  /** Forgets the clocks of runs that are no more: one that is made again under the same name begins anew. */
  retain(runs: ReadonlySet<RunId>): void
}

/** @param graceMs how long after a full hour its jobs are due; who only reads needs none */
export function createRunClocks(committed: readonly Watermark[], graceMs = 0): BatchClocks {
  const kept = new Map<RunId | null, number>(committed.map(({ run, at }) => [run, at]))
  const moved = new Map<RunId | null, number>()
  const ticked = new Set<RunId>()
  const steps = new Map<RunId | null, ClockStep[]>()
  let isHourDone = false
  const hourDone = (at: number): number => Math.floor((at - graceMs) / hourMs)
  const read = (run: RunId | null): number | undefined => moved.get(run) ?? kept.get(run)
  const move = (run: RunId | null, at: number): boolean => {
    const before = read(run)
    if (before !== undefined && at <= before) return false
    if (before !== undefined && hourDone(at) > hourDone(before)) isHourDone = true
    moved.set(run, at)
    return true
  }
  const forget = (): void => {
    moved.clear()
    steps.clear()
    isHourDone = false
  }
  return {
    get: read,
    advance: (run, at) => {
      if (!ticked.has(run)) move(run, at)
    },
    tick: (run, at, delivery) => {
      if (run !== null) ticked.add(run)
      if (!move(run, at)) return
      const own = steps.get(run)
      if (own === undefined) steps.set(run, [[delivery, at]])
      else own.push([delivery, at])
    },
    isHourDone: () => isHourDone,
    moved: () =>
      [...moved].map(([run, at]) => {
        const own = steps.get(run)
        return own === undefined ? { run, at } : { run, at, steps: own.slice() }
      }),
    keep: () => {
      for (const [run, at] of moved) kept.set(run, at)
      forget()
    },
    reset: forget,
    retain: (runs) => {
      for (const run of kept.keys()) if (run !== null && !runs.has(run)) kept.delete(run)
      for (const run of ticked) if (!runs.has(run)) ticked.delete(run)
    },
  }
}
