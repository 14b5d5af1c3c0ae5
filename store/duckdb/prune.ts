import type { RunId } from '../../domain/ids.ts'
import type { TelemetryStore } from '../ports/telemetry.ts'
import type { Live, Opened } from './live.ts'
import { createParameters } from './parameters.ts'
import type { Session } from './session.ts'
import { loadLatest } from './state.ts'
import { between, dayMinutes, minuteMs } from './times.ts'

const tables = ['observation', 'observation_history', 'position', 'judgement'] as const

/** Taking rows away: by age, a day at a time so that commits wait for none long, and by run. */
export function createPruning(live: Live): Pick<TelemetryStore, 'dropBefore' | 'dropRun'> {
  return {
    dropBefore: async (at) => {
      const opened = await live.opened()
      const days = await opened.engine.read('looking for old days', (session) => daysBefore(session, at))
      let dropped = 0
      for (const day of days) dropped += await dropDay(opened, day, at)
      return dropped
    },
    dropRun: async (run) => {
      const opened = await live.opened()
      return dropFrom(opened, `dropping run ${run}`, (session) => dropRun(session, opened, run))
    },
  }
}

async function daysBefore(session: Session, at: number): Promise<number[]> {
  const parameters = createParameters()
  const old = between(-Infinity, at, parameters)
  const daysIn = (table: string): string => `SELECT DISTINCT minute // ${dayMinutes} AS day FROM ${table} WHERE ${old}`
  const rows = await session.rows(`${daysIn('observation')} UNION ${daysIn('observation_history')} ORDER BY day`, parameters.values)
  return rows.map(([day]) => Number(day))
}

function dropDay(opened: Opened, day: number, at: number): Promise<number> {
  const dayMs = dayMinutes * minuteMs
  const parameters = createParameters()
  const sql = between(day * dayMs, Math.min(at, (day + 1) * dayMs), parameters)
  return dropFrom(opened, `dropping rows before ${new Date(at).toISOString()}`, async (session) => {
    let dropped = 0
    for (const table of tables) {
      const { rowsChanged } = await session.run(`DELETE FROM ${table} WHERE ${sql}`, parameters.values)
      if (table === 'observation') dropped = rowsChanged
    }
    return dropped
  })
}

/** Deletes in one transaction, when no day is being rewritten, and brings memory in line. */
function dropFrom({ engine, state }: Opened, what: string, work: (session: Session) => Promise<number>): Promise<number> {
  return engine.transact(
    what,
    async (session) => {
      await state.rewriting?.ended
      const dropped = await work(session)
      if (dropped > 0) await loadLatest(session, state)
      return dropped
    },
    () => state.recent.forget(),
  )
}

async function dropRun(session: Session, { state }: Opened, run: RunId): Promise<number> {
  const sources = state.words.sources.ofRun(run)
  if (sources.length === 0) return 0
  const ofRun = 'source IN (SELECT unnest($1::INTEGER[]))'
  const emptied = await session.rows(
    `SELECT DISTINCT series FROM observation WHERE ${ofRun}
     EXCEPT SELECT series FROM observation WHERE NOT (${ofRun})`,
    [sources],
  )
  const series = emptied.map(([id]) => Number(id))
  const { rowsChanged } = await session.run(`DELETE FROM observation WHERE ${ofRun}`, [sources])
  await session.run(`DELETE FROM observation_history WHERE ${ofRun}`, [sources])
  for (const table of ['position', 'judgement', 'rollup'])
    await session.run(`DELETE FROM ${table} WHERE series IN (SELECT unnest($1::INTEGER[]))`, [series])
  return rowsChanged
}
