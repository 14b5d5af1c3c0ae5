import { StoreUnavailable } from '../errors.ts'
import { inSeriesOrder } from '../committed.ts'
import type { Commit, StoredRow } from '../ports/ledger.ts'
import { keepAmendments } from './amendments.ts'
import { keepDeferred } from './deferred.ts'
import { CommitUnknown } from './engine.ts'
import { appendJudgements } from './judgements.ts'
import type { Live, Opened } from './live.ts'
import { appendPositions } from './positions.ts'
import { keepQuarantined, markRepaired } from './quarantine.ts'
import { rowsFeed } from './rows.ts'
import { shapes } from './schema.ts'
import type { Session } from './session.ts'
import { watermarkText, type State } from './state.ts'
import { moveSuperseded, onlyNewKeys, rounds } from './superseded.ts'
import { minuteOf } from './times.ts'

/** Makes commits, and settles those of which nobody knew whether they were made. */
export function createCommit(live: Live): (batch: Commit) => Promise<number> {
  let unknown: { commit: number; batch: Commit } | null = null

  /** A commit that did not end may have been made: the file tells when it is open again. Its number, or null when it was not made. */
  async function settle(batch: Commit): Promise<number | null> {
    const { state } = await live.opened()
    if (unknown === null) return null
    const { commit, batch: asked } = unknown
    unknown = null
    if (state.newest < commit) return null
    if (batch.cursor === asked.cursor && batch.deferredCursor === asked.deferredCursor) return commit
    throw new StoreUnavailable(`committing up to delivery ${batch.cursor}: the batch before was kept after all; begin behind its cursor`)
  }

  return async (batch) => {
    const settled = await settle(batch)
    if (settled !== null) return settled
    const opened = await live.opened()
    let number = 0
    try {
      return await commitTo(opened, batch, (commit) => (number = commit))
    } catch (error) {
      if (!(error instanceof CommitUnknown)) throw error
      unknown = { commit: number, batch }
      const made = await settle(batch)
      if (made === null) throw error
      return made
    }
  }
}

async function commitTo({ engine, state }: Opened, batch: Commit, numbered: (commit: number) => void): Promise<number> {
  const { commit } = await engine.transact(
    `committing ${batch.rows.length} rows up to delivery ${batch.cursor}`,
    async (session) => {
      const commit = state.newest + 1
      numbered(commit)
      await keepRows(session, state, batch.rows, commit)
      await keepQuarantined(session, state.quarantined, batch.quarantined)
      await markRepaired(session, batch.repaired ?? [])
      await keepAmendments(session, batch.amendments ?? [])
      await state.totals.write(session, commit, batch.counts)
      const log = [commit, batch.cursor, batch.rows.length, watermarkText(batch.watermarks), batch.deferredCursor]
      await session.again('INSERT INTO commit_log VALUES ($1, $2, $3, $4, $5)', log)
      const waiting = await keepDeferred(session, state.deferred, batch)
      await state.words.write(session)
      return { commit, waiting }
    },
    (made) => committed(state, batch, made),
  )
  return commit
}

async function keepRows(session: Session, state: State, rows: readonly StoredRow[], commit: number): Promise<void> {
  if (rows.length === 0) return
  const { words } = state
  if (state.place === 'outbox') await session.insert(rowsFeed(shapes.outbox, words, rows, commit))
  else if (onlyNewKeys(rows)) await session.insert(rowsFeed(shapes.observation, words, rows, commit))
  else {
    await rewritingEnded(state, rows)
    for (const round of rounds(rows)) {
      await moveSuperseded(session, words, round)
      await session.insert(rowsFeed(shapes.observation, words, round, commit))
    }
  }
  await appendPositions(session, words, rows)
  await appendJudgements(session, words, rows, commit)
}

/** A day that is being rewritten must not lose rows meanwhile: one of the two transactions would have to be given up. */
async function rewritingEnded(state: State, rows: readonly StoredRow[]): Promise<void> {
  const { rewriting } = state
  if (rewriting === null) return
  const touches = rows.some((row) => minuteOf(row.observedAt) >= rewriting.from && minuteOf(row.observedAt) < rewriting.to)
  if (touches) await rewriting.ended
}

/** The transaction was made: memory follows the file. */
function committed(state: State, batch: Commit, { commit, waiting }: { commit: number; waiting: number }): void {
  state.newest = commit
  state.cursor = batch.cursor
  state.deferred = { cursor: batch.deferredCursor, waiting }
  state.quarantined += batch.quarantined.length
  state.totals.written(batch.counts)
  state.words.written()
  for (const { run, at } of batch.watermarks) state.watermarks.set(run, at)
  state.recent.add({ commit, rows: inSeriesOrder(batch.rows), watermarks: batch.watermarks.slice() })
  if (state.place === 'outbox') return
  for (const row of batch.rows) {
    const entry = state.words.series.of(row.series)
    if (entry.latest === null || row.observedAt >= entry.latest.observedAt) entry.latest = row
  }
}
