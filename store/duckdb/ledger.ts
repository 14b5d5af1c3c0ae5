import type { Ledger } from '../ports/ledger.ts'
import { createAmendments } from './amendments.ts'
import { createCommit } from './commit.ts'
import { readCommitted } from './committed.ts'
import { readDeferred } from './deferred.ts'
import type { Live } from './live.ts'
import { createQuarantine } from './quarantine.ts'
import { writeReader } from './readers.ts'

/** The ledger of one file: every commit is one transaction. */
export function createLedger(live: Live): Ledger {
  async function moveReader(reader: string, commit: number): Promise<void> {
    const { engine, state } = await live.opened()
    const what = `moving reader ${reader} to commit ${commit}`
    await engine.transact(
      what,
      (session) => writeReader(session, state, reader, commit),
      (moved) => moved(),
    )
  }

  return {
    cursor: () => live.last().state.cursor,
    deferred: () => ({ ...live.last().state.deferred }),
    nextDeferred: async (limit) => {
      const { engine, state } = await live.opened()
      const { cursor } = state.deferred
      return engine.read(`reading what is deferred behind delivery ${cursor}`, (session) => readDeferred(session, cursor, limit))
    },
    newest: () => live.last().state.newest,
    commit: createCommit(live),
    committedSince: async (after, limitRows) => {
      const { engine, state } = await live.opened()
      const recent = after >= state.newest ? [] : state.recent.since(after, limitRows)
      return recent ?? engine.read(`reading commits after ${after}`, (session) => readCommitted(session, state, after, limitRows))
    },
    readerCursor: async (reader) => {
      const known = (await live.opened()).state.readers.get(reader)
      if (known === undefined) await moveReader(reader, 0)
      return known ?? 0
    },
    moveReader,
    counts: async () => (await live.opened()).state.totals.list(),
    ...createQuarantine(live),
    ...createAmendments(live),
    watermarks: async () => [...(await live.opened()).state.watermarks].map(([run, at]) => ({ run, at })),
  }
}
