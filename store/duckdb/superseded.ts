import type { StoredRow } from '../ports/ledger.ts'
import { askedRows, askKeys } from './asked.ts'
import type { Dictionary } from './dictionary.ts'
import type { Session } from './session.ts'

const replaces = (row: StoredRow): boolean => row.arrival === 'revised' || row.arrival === 'judged'

/** True when a batch holds new keys only: then nothing in the file has to be looked up. */
export const onlyNewKeys = (rows: readonly StoredRow[]): boolean => !rows.some(replaces)

/**
 * A batch in rounds: the first states of all keys, then the second states, and so on, so that each round finds in the file what it
 * supersedes. Most batches are one round.
 */
export function rounds(rows: readonly StoredRow[]): (readonly StoredRow[])[] {
  const states = new Map<string, number>()
  const made: StoredRow[][] = []
  for (const row of rows) {
    const key = `${row.observedAt} ${row.series}`
    const before = states.get(key) ?? 0
    states.set(key, before + 1)
    const round = made[before]
    if (round === undefined) made.push([row])
    else round.push(row)
  }
  return made
}

/** Moves what the rows of one round supersede from `observation` to `observation_history`, inside the running transaction. */
export async function moveSuperseded(session: Session, words: Dictionary, round: readonly StoredRow[]): Promise<void> {
  const asked = askKeys(words, round.filter(replaces))
  if (asked === null) return
  const { feed, minutes } = asked
  await session.insert(feed)
  await session.run(
    `INSERT INTO observation_history
       SELECT o.*, 1 + coalesce((SELECT max(h.version) FROM observation_history h
         WHERE h.series = o.series AND h.minute = o.minute AND h.ms = o.ms AND h.minute >= $1 AND h.minute <= $2), 0)
       FROM observation o JOIN asked a ON ${askedRows}`,
    minutes,
  )
  await session.run(`DELETE FROM observation o USING asked a WHERE ${askedRows}`, minutes)
  await session.run('DELETE FROM asked')
}
