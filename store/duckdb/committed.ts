import type { Committed, StoredRow, Watermark } from '../ports/ledger.ts'
import { fillJudgements } from './judgements.ts'
import { fillPositions } from './positions.ts'
import { readRows, rowFields } from './rows.ts'
import type { Session } from './session.ts'
import { parseWatermarks, type State } from './state.ts'

/** One line of the log: what a commit held. */
interface Logged {
  commit: number
  rowCount: number
  watermarks: readonly Watermark[]
}

/** Commits looked at in one go; more come with the next question. */
const window = 4_096

/** Commits after `after` from the file, at most about `limitRows` rows, as of one moment. */
export async function readCommitted(session: Session, state: State, after: number, limitRows: number): Promise<Committed[]> {
  await session.again('BEGIN TRANSACTION READ ONLY')
  try {
    const logged = within(await readLog(session, state, after), limitRows)
    const rows = await readRowsOf(session, state, after, logged)
    return logged.map(({ commit, watermarks }) => ({ commit, rows: rows.get(commit) ?? [], watermarks }))
  } finally {
    await session.again('COMMIT')
  }
}

async function readLog(session: Session, state: State, after: number): Promise<Logged[]> {
  const [[first = 0] = []] = await session.rows('SELECT min("commit") FROM commit_log')
  const trimmed = Number(first) - 1
  const old = after < trimmed && state.place === 'kept' ? await readTrimmed(session, after, trimmed) : []
  if (old.length > 0) return old
  const sql = 'SELECT "commit", row_count, watermarks FROM commit_log WHERE "commit" > $1 ORDER BY "commit" LIMIT $2'
  return (await session.rows(sql, [after, window])).map(([commit, rowCount, text]) => ({
    commit: Number(commit),
    rowCount: Number(rowCount),
    watermarks: text === null ? [] : parseWatermarks(String(text)),
  }))
}

/**
 * A reader that is new, or begins anew, reads commits whose log is gone: their rows are still in the file, their watermarks are not,
 * and rows of closed days may stand under another commit of the same days (see rewrite.ts).
 */
async function readTrimmed(session: Session, after: number, trimmed: number): Promise<Logged[]> {
  const sql = `SELECT "commit", count(*) FROM (${both('"commit"', '"commit"')}) GROUP BY ALL ORDER BY ALL LIMIT $3`
  const near = await session.rows(sql, [after, Math.min(trimmed, after + window), window])
  const found = near.length > 0 ? near : await session.rows(sql, [after, trimmed, window])
  return found.map(([commit, rowCount]) => ({ commit: Number(commit), rowCount: Number(rowCount), watermarks: [] }))
}

function within(logged: readonly Logged[], limitRows: number): Logged[] {
  let rows = 0
  const taken: Logged[] = []
  for (const one of logged) {
    rows += one.rowCount
    if (taken.length > 0 && rows > limitRows) break
    taken.push(one)
  }
  return taken
}

async function readRowsOf(session: Session, state: State, after: number, logged: readonly Logged[]): Promise<Map<number, StoredRow[]>> {
  const byCommit = new Map<number, StoredRow[]>()
  const last = logged.at(-1)?.commit
  if (last === undefined || logged.every((one) => one.rowCount === 0)) return byCommit
  const from = state.place === 'outbox' ? outbox : both('*, 2147483647 AS state', '*')
  const result = await session.run(`SELECT ${rowFields} FROM (${from}) ORDER BY "commit", series, minute, ms, state`, [after, last])
  const read = readRows(result, state.words)
  await fillPositions(session, read)
  await fillJudgements(session, read)
  for (const { observation, arrival, commit } of read) {
    const row = { ...observation, arrival }
    const rows = byCommit.get(commit)
    if (rows === undefined) byCommit.set(commit, [row])
    else rows.push(row)
  }
  return byCommit
}

/** Current and superseded rows of the commits above `$1`, up to `$2`; superseded states of a key come before its current one. */
const both = (current: string, superseded: string): string =>
  `SELECT ${current} FROM observation WHERE "commit" > $1 AND "commit" <= $2
   UNION ALL SELECT ${superseded} FROM observation_history WHERE "commit" > $1 AND "commit" <= $2`

const outbox = 'SELECT *, rowid AS state FROM outbox WHERE "commit" > $1 AND "commit" <= $2'
