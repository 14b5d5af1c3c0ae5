import { marked } from './rows.ts'
import type { Session } from './session.ts'
import { passedByAll, type State } from './state.ts'
import { dayMinutes, minuteMs, minuteOf } from './times.ts'

/** Rows that get one commit number when a closed day is rewritten. */
const groupRows = 5_000

/** A day counts as closed this long after its end. */
const closedAfterMs = 3_600_000

/** Closed days with rows out of order, oldest first, and the commit behind which the next search may begin when they are done. */
export interface DirtyDays {
  days: readonly number[]
  through: number
}

/**
 * Looks for closed days with rows that came after the day was last rewritten: all of a new day, or two in a hundred of an old one.
 * Rows behind `sorted_through` are not looked at.
 */
export async function findDirtyDays(session: Session, now: number): Promise<DirtyDays> {
  const closed = minuteOf(now - closedAfterMs)
  const before = closed - (((closed % dayMinutes) + dayMinutes) % dayMinutes)
  const rows = await session.rows(
    `WITH unsorted AS (
       SELECT o.minute // ${dayMinutes} AS day, count(*) AS late, min(o."commit") AS oldest, bool_or(s.day IS NULL) AS fresh
       FROM observation o LEFT JOIN sorted_day s ON s.day = o.minute // ${dayMinutes}
       WHERE o."commit" > (SELECT coalesce(max("commit"), -1) FROM sorted_through) AND o."commit" > coalesce(s."commit", -1) GROUP BY ALL),
     whole AS (SELECT minute // ${dayMinutes} AS day, count(*) AS total FROM observation GROUP BY ALL)
     SELECT day, oldest, day * ${dayMinutes} < $1 AND (fresh OR late * 50 >= total) FROM unsorted JOIN whole USING (day) ORDER BY day`,
    [before],
  )
  const waiting = rows.filter(([, , dirty]) => dirty !== true)
  const [[newest = 0] = []] = await session.rows('SELECT max("commit") FROM commit_log')
  return {
    days: rows.filter(([, , dirty]) => dirty === true).map(([day]) => Number(day)),
    through: Math.min(Number(newest), ...waiting.map(([, oldest]) => Number(oldest) - 1)),
  }
}

/** Begins the transaction that rewrites a day: nothing else may be writing at this moment, later commits may. */
export async function beginRewrite(session: Session, state: State, day: number, ended: Promise<unknown>): Promise<void> {
  await session.again('BEGIN')
  // The first look at the file fixes what the transaction sees.
  await session.run('SELECT 1 FROM observation LIMIT 1')
  state.rewriting = { from: day * dayMinutes, to: (day + 1) * dayMinutes, ended }
}

/**
 * Rewrites one day in (series, time) order and commits. Rows that came for the first time and that every reader has passed get new commit
 * numbers, which rise with their place: the old ones would cost a byte a row.
 */
export async function rewriteDay(session: Session, state: State, day: number, newest: number): Promise<void> {
  const minutes = [day * dayMinutes, (day + 1) * dayMinutes]
  const ofDay = 'minute >= $1 AND minute < $2'
  const passed = `${marked.first} AND "commit" <= ${passedByAll(state)}`
  await session.run('DROP TABLE IF EXISTS temp.day_rows')
  await session.run(
    `CREATE TEMP TABLE day_rows AS SELECT *, row_number() OVER () - 1 AS place
     FROM (SELECT * FROM observation WHERE ${ofDay} ORDER BY series, minute, ms)`,
    minutes,
  )
  await session.run(`DELETE FROM observation WHERE ${ofDay}`, minutes)
  const [[count = 0, low = 0, high = 0] = []] = await session.rows(
    `SELECT count(*), min("commit") FILTER (${passed}), max("commit") FILTER (${passed}) FROM day_rows`,
  )
  const span = Number(high) - Number(low) + 1
  const groups = Math.max(1, Math.min(span, Math.ceil(Number(count) / groupRows)))
  await session.run(
    `INSERT INTO observation SELECT * EXCLUDE (place) REPLACE (CASE WHEN ${passed}
       THEN (${Number(low)} + ((place * ${groups}) // ${Number(count)}) * ${span} // ${groups})::INTEGER ELSE "commit" END AS "commit")
     FROM day_rows`,
  )
  await session.run('DELETE FROM sorted_day WHERE day = $1', [day])
  await session.again('INSERT INTO sorted_day VALUES ($1, $2)', [day, newest])
  await session.run('DROP TABLE temp.day_rows')
  await session.again('COMMIT')
}

/** Where the next search for dirty days begins. */
export async function keepThrough(session: Session, through: number): Promise<void> {
  await session.run('DELETE FROM sorted_through')
  await session.again('INSERT INTO sorted_through VALUES ($1)', [through])
}

/** The start of a day in words, for messages. */
export const dayName = (day: number): string => new Date(day * dayMinutes * minuteMs).toISOString().slice(0, 10)
