import type { StoredRow } from '../ports/ledger.ts'
import type { Dictionary } from './dictionary.ts'
import type { ReadRow } from './rows.ts'
import { shapes } from './schema.ts'
import type { Session } from './session.ts'
import { minuteMs, minuteOf } from './times.ts'

/** Keeps what changed the flags of a commit's `judged` rows. Beside the rows, because two more columns would cost all others. */
export async function appendJudgements(session: Session, words: Dictionary, rows: readonly StoredRow[], commit: number): Promise<void> {
  const judged = rows.filter((row) => row.arrival === 'judged' && row.judged !== undefined)
  if (judged.length === 0) return
  const minutes = judged.map((row) => minuteOf(row.observedAt))
  await session.append(shapes.judgement, [
    judged.map((row) => words.series.of(row.series).id),
    minutes,
    judged.map((row, i) => row.observedAt - (minutes[i] ?? 0) * minuteMs),
    judged.map(() => commit),
    judged.map((row) => row.judged?.at ?? null),
    judged.map((row) => row.judged?.delivery ?? null),
  ])
}

/** Gives judged rows what changed their flags. Most reads have few; those of before format 5 have none kept. */
export async function fillJudgements(session: Session, read: readonly ReadRow[]): Promise<void> {
  const judged = read.filter((row) => row.arrival === 'judged')
  if (judged.length === 0) return
  let [first, last] = [Infinity, -Infinity]
  for (const { observation } of judged) {
    first = Math.min(first, minuteOf(observation.observedAt))
    last = Math.max(last, minuteOf(observation.observedAt))
  }
  const known = new Map<string, { at: number; delivery: number }>()
  const sql = `SELECT series, minute, ms, "commit", judged_at, delivery FROM judgement
    WHERE series IN (SELECT unnest($1::INTEGER[])) AND minute >= $2 AND minute <= $3`
  const series = [...new Set(judged.map((row) => row.entry.id))]
  for (const [id, minute, ms, commit, at, delivery] of await session.rows(sql, [series, first, last]))
    known.set(`${id} ${Number(minute) * minuteMs + Number(ms)} ${commit}`, { at: Number(at), delivery: Number(delivery) })
  for (const { entry, observation, commit } of judged) {
    const found = known.get(`${entry.id} ${observation.observedAt} ${commit}`)
    if (found !== undefined) observation.judged = found
  }
}
