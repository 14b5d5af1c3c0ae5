import { positionOf, type Position } from '../../domain/reading.ts'
import type { StoredRow } from '../ports/ledger.ts'
import type { Dictionary } from './dictionary.ts'
import type { ReadRow } from './rows.ts'
import { shapes } from './schema.ts'
import type { Session } from './session.ts'
import { minuteMs, minuteOf } from './times.ts'

/** Keeps where moving stations were. Beside the rows, because two more columns would cost the many that do not move. */
export async function appendPositions(session: Session, words: Dictionary, rows: readonly StoredRow[]): Promise<void> {
  const moving = rows.filter((row) => row.position !== null)
  if (moving.length === 0) return
  const minutes = moving.map((row) => minuteOf(row.observedAt))
  await session.append(shapes.position, [
    moving.map((row) => words.series.of(row.series).id),
    minutes,
    moving.map((row, i) => row.observedAt - (minutes[i] ?? 0) * minuteMs),
    moving.map((row) => row.delivery),
    moving.map((row) => row.position?.[0] ?? null),
    moving.map((row) => row.position?.[1] ?? null),
    moving.map((row) => row.position?.[2] ?? null),
  ])
}

/** Gives the rows that have one their position. Most reads have none and ask nothing. */
export async function fillPositions(session: Session, read: readonly ReadRow[]): Promise<void> {
  const moving = read.filter((row) => row.moving)
  if (moving.length === 0) return
  const series = [...new Set(moving.map((row) => row.entry.id))]
  let [first, last] = [Infinity, -Infinity]
  for (const { observation } of moving) {
    first = Math.min(first, minuteOf(observation.observedAt))
    last = Math.max(last, minuteOf(observation.observedAt))
  }
  const known = new Map<string, Position>()
  const sql = `SELECT series, minute, ms, delivery, lon, lat, altitude FROM position
    WHERE series IN (SELECT unnest($1::INTEGER[])) AND minute >= $2 AND minute <= $3`
  for (const [id, minute, ms, delivery, lon, lat, altitude] of await session.rows(sql, [series, first, last]))
    known.set(`${id} ${Number(minute) * minuteMs + Number(ms)} ${delivery}`, positionOf(Number(lon), Number(lat), altitude))
  for (const { entry, observation } of moving)
    observation.position = known.get(`${entry.id} ${observation.observedAt} ${observation.delivery}`) ?? null
}
