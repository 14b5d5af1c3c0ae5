import type { Commit } from '../ports/ledger.ts'
import type { Session } from './session.ts'
import { shapes } from './schema.ts'

/** Keeps what a commit's live batch passed over, inside its transaction; resolves with how many deliveries wait after it. */
export async function keepDeferred(session: Session, before: { cursor: number; waiting: number }, batch: Commit): Promise<number> {
  const { deferred, deferredCursor } = batch
  if (deferred.length > 0) await session.append(shapes.deferred, [deferred])
  if (before.waiting + deferred.length === 0) return 0
  return deferredCursor === before.cursor ? before.waiting + deferred.length : countDeferred(session, deferredCursor)
}

/** Deliveries that wait behind a cursor of the deferred lane. */
export async function countDeferred(session: Session, cursor: number): Promise<number> {
  const [[waiting] = []] = await session.rows('SELECT count(*) FROM deferred WHERE delivery > $1', [cursor])
  return Number(waiting)
}

/** Their numbers, in order, at most `limit`. */
export async function readDeferred(session: Session, cursor: number, limit: number): Promise<number[]> {
  const rows = await session.rows('SELECT delivery FROM deferred WHERE delivery > $1 ORDER BY delivery LIMIT $2', [cursor, limit])
  return rows.map(([delivery]) => Number(delivery))
}
