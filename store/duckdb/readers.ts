import type { Session } from './session.ts'
import { passedByAll, trim, type State } from './state.ts'

/** Commits between two trimmings of the log. */
const trimEvery = 256

/** Moves a reader, inside a transaction, and trims the log when enough is passed. Returns what to do when it is made. */
export async function writeReader(session: Session, state: State, reader: string, commit: number): Promise<() => void> {
  if (state.readers.has(reader)) await session.run('UPDATE reader SET "commit" = $2 WHERE name = $1', [reader, commit])
  else await session.run('INSERT INTO reader VALUES ($1, $2)', [reader, commit])
  const passed = passedByAll(state, new Map(state.readers).set(reader, commit))
  const due = passed - state.trimmed >= trimEvery
  if (due) await trim(session, state, passed)
  return () => {
    state.readers.set(reader, commit)
    state.recent.passed(passed)
    if (due) state.trimmed = passed
  }
}
