import type { Store } from '../ports/store.ts'
import { StoreUnavailable } from '../errors.ts'
import { isConflict } from './failures.ts'
import type { Live, Opened } from './live.ts'
import { joinBare } from './quarantine.ts'
import { findLastPart, rewriteTable } from './free-space.ts'
import { beginRewrite, dayName, findDirtyDays, keepThrough, rewriteDay } from './rewrite.ts'
import type { Session } from './session.ts'
import { passedByAll, trim } from './state.ts'

export interface Maintenance {
  maintain: Store['maintain']
  /** Runs `work` while no upkeep runs: that which runs ends first, the next one waits. */
  without(work: () => Promise<void>): Promise<void>
  /** Ends after the day in hand. */
  close(): Promise<void>
}

/** Moves to make the file shorter, in one run of the upkeep, and those of them in a row that may not help. */
const movesAtMost = 64
const vainMovesAtMost = 4

/** Upkeep of one file. One at a time: who asks while it runs waits for that one. */
export function createMaintenance(live: Live): Maintenance {
  let running: Promise<void> | null = null
  let closing = false

  async function maintainOnce(now: number): Promise<void> {
    const opened = await live.opened()
    if (opened.state.place === 'kept') await rewriteDays(opened, now, () => closing)
    await compact(opened)
    await checkpoint(opened)
  }

  function alone(work: () => Promise<void>): Promise<void> {
    running = work().finally(() => (running = null))
    return running
  }

  return {
    maintain: (now) => running ?? alone(() => maintainOnce(now)),
    without: async (work) => {
      while (running) await running.catch(() => undefined)
      await alone(work)
    },
    close: async () => {
      closing = true
      await running?.catch(() => undefined)
    },
  }
}

async function rewriteDays(opened: Opened, now: number, stopped: () => boolean): Promise<void> {
  const { engine } = opened
  const { days, through } = await engine.read('looking for days to rewrite', (session) => findDirtyDays(session, now))
  const session = await engine.connect()
  try {
    let all = true
    for (const day of days) {
      if (stopped()) return
      all = (await rewrite(opened, session, day)) && all
      // What the day left is free for the next one only after a checkpoint.
      await checkpoint(opened)
    }
    if (all) await engine.transact('keeping what is sorted', (writer) => keepThrough(writer, through))
    await reclaim(opened, session, stopped)
  } finally {
    session.close()
  }
}

/** Rewrites a day beside the commits. False when somebody else changed its rows meanwhile: then it is left for the next time. */
async function rewrite({ engine, state }: Opened, session: Session, day: number): Promise<boolean> {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  try {
    const newest = await engine.alone(`beginning to rewrite ${dayName(day)}`, async () => {
      await beginRewrite(session, state, day, ended)
      return state.newest
    })
    await rewriteDay(session, state, day, newest)
    return true
  } catch (error) {
    await session.again('ROLLBACK').catch(() => undefined)
    if (isConflict(error)) return false
    throw engine.explain(`rewriting ${dayName(day)}`, error)
  } finally {
    state.rewriting = null
    end()
  }
}

/** Moves what lies last in the file into free places before it, as long as a part of the file is free. */
async function reclaim(opened: Opened, session: Session, stopped: () => boolean): Promise<void> {
  const { engine } = opened
  let [shortest, vain] = [Infinity, 0]
  for (let move = 0; move < movesAtMost && !stopped(); move += 1) {
    const last = await engine.read('looking for free space', findLastPart)
    if (last === null) return
    vain = last.total < shortest ? 0 : vain + 1
    if (vain > vainMovesAtMost) return
    shortest = Math.min(shortest, last.total)
    const { part } = last
    if ('table' in part) await engine.transact(`moving ${part.table}`, (writer) => rewriteTable(writer, part.table))
    else for (const day of part.days) if (!(await rewrite(opened, session, day))) return
    await checkpoint(opened)
  }
}

/** Folds the counters, and trims what every reader has passed. */
async function compact({ engine, state }: Opened): Promise<void> {
  let passed = 0
  await engine.transact(
    'merging counters',
    async (session) => {
      passed = passedByAll(state)
      await state.totals.fold(session)
      await trim(session, state, passed)
      await joinBare(session)
    },
    () => {
      state.totals.folded()
      state.trimmed = passed
    },
  )
}

/** Works the log into the file and frees what was rewritten. Left for later when somebody reads an older state just now. */
async function checkpoint({ engine }: Opened): Promise<void> {
  try {
    await engine.alone('freeing space', (session) => session.run('CHECKPOINT'))
  } catch (error) {
    if (!(error instanceof StoreUnavailable) || engine.broken()) throw error
  }
}
