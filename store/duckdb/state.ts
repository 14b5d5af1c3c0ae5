import { runId, type RunId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import type { ClockStep, Deferred, Watermark } from '../ports/ledger.ts'
import { countDeferred } from './deferred.ts'
import { loadDictionary, type Dictionary } from './dictionary.ts'
import { fillJudgements } from './judgements.ts'
import { fillPositions } from './positions.ts'
import { createRecentCommits, type RecentCommits } from './recent.ts'
import { readRows, rowFields } from './rows.ts'
import { shapes } from './schema.ts'
import type { Session } from './session.ts'
import { at } from './times.ts'
import { loadTotals, type Totals } from './totals.ts'

/** `kept`: observations live in the file. `outbox`: they live elsewhere, and stay here only until every reader has passed them. */
export type RowPlace = 'kept' | 'outbox'

/** What of the file is held in memory, as of the last transaction made. */
export interface State {
  place: RowPlace
  words: Dictionary
  newest: number
  cursor: number
  deferred: Deferred
  readers: Map<string, number>
  watermarks: Map<RunId | null, number>
  totals: Totals
  /** Highest id given in quarantine. */
  quarantined: number
  recent: RecentCommits
  /** Behind this commit the log is trimmed. */
  trimmed: number
  /** Days being rewritten, as minutes, and when that ends: who changes rows in them waits. */
  rewriting: { from: number; to: number; ended: Promise<unknown> } | null
}

export async function loadState(session: Session, place: RowPlace, recentRows: number): Promise<State> {
  const words = await loadDictionary(session)
  const log = await session.rows('SELECT "commit", cursor, watermarks, deferred_cursor FROM commit_log ORDER BY "commit"')
  const watermarks = new Map<RunId | null, number>()
  for (const [run, time] of await session.rows('SELECT run, stands_at FROM watermark'))
    watermarks.set(run === null ? null : runId(String(run)), Number(time))
  for (const [, , text] of log) if (text !== null) for (const { run, at: time } of parseWatermarks(String(text))) watermarks.set(run, time)
  const [newest = 0, cursor = 0, , deferredCursor = 0] = log.at(-1) ?? []
  const [[quarantined = 0] = []] = await session.rows('SELECT coalesce(max(id), 0) FROM quarantine')
  const state: State = {
    place,
    words,
    newest: Number(newest),
    cursor: Number(cursor),
    deferred: { cursor: Number(deferredCursor), waiting: await countDeferred(session, Number(deferredCursor)) },
    readers: new Map((await session.rows('SELECT name, "commit" FROM reader')).map(([name, commit]) => [String(name), Number(commit)])),
    watermarks,
    totals: await loadTotals(session, words),
    quarantined: Number(quarantined),
    recent: createRecentCommits(recentRows),
    trimmed: Number(log[0]?.[0] ?? 1) - 1,
    rewriting: null,
  }
  if (place === 'kept') await loadLatest(session, state)
  return state
}

/** Reads the newest observation of each series anew. */
export async function loadLatest(session: Session, state: State): Promise<void> {
  for (const entry of state.words.series.all()) entry.latest = null
  const read = readRows(
    await session.run(
      `SELECT ${rowFields} FROM observation JOIN (SELECT series, max(${at}) AS newest FROM observation GROUP BY series) USING (series)
       WHERE ${at} = newest`,
    ),
    state.words,
  )
  await fillPositions(session, read)
  await fillJudgements(session, read)
  for (const { entry, observation } of read) entry.latest = observation
}

/** Where the slowest reader is; without readers, the newest commit: then nobody needs what is behind. */
export function passedByAll(state: State, readers: ReadonlyMap<string, number> = state.readers): number {
  return Math.min(state.newest, ...readers.values())
}

/** Lets go what every reader has passed and what the deferred lane has carried, inside a transaction. The newest commit stays: it carries the cursors. */
export async function trim(session: Session, state: State, passed: number): Promise<void> {
  const marks = [...state.watermarks]
  await session.run('DELETE FROM watermark')
  await session.append(shapes.watermark, [marks.map(([run]) => run), marks.map(([, time]) => time)])
  await session.run('DELETE FROM commit_log WHERE "commit" <= $1 AND "commit" < $2', [passed, state.newest])
  await session.run('DELETE FROM deferred WHERE delivery <= $1', [state.deferred.cursor])
  if (state.place === 'kept') return
  for (const table of ['outbox', 'judgement']) await session.run(`DELETE FROM ${table} WHERE "commit" <= $1`, [passed])
  await session.run(
    `DELETE FROM position p WHERE NOT EXISTS
       (SELECT 1 FROM outbox o WHERE o.series = p.series AND o.minute = p.minute AND o.ms = p.ms)`,
  )
}

/** `[run, at]`, behind it the steps where there are any. */
type MarkText = [run: RunId | null, at: number, steps?: readonly ClockStep[]]

export const watermarkText = (marks: readonly Watermark[]): string | null =>
  marks.length === 0 ? null : JSON.stringify(marks.map(({ run, at: time, steps }): MarkText => (steps ? [run, time, steps] : [run, time])))

export const parseWatermarks = (text: string): Watermark[] =>
  (JSON.parse(text) as MarkText[]).map(([run, at, steps]) => (steps ? { run, at, steps } : { run, at }))

/** The observation without what belongs to its commit. */
export function plain(row: Observation): Observation {
  const { series, observedAt, receivedAt, value, flag, tests, device, delivery, seq, run, position, judged } = row
  const seen = { series, observedAt, receivedAt, value, flag, tests, device, delivery, seq, run, position }
  return judged === undefined ? seen : { ...seen, judged }
}
