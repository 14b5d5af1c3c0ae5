import type { CarriedRepair } from '../../domain/amendment.ts'
import { deviceId } from '../../domain/ids.ts'
import type { Quarantined, RejectionReason } from '../../domain/rejection.ts'
import type { Ledger, QuarantineEntry, QuarantineGroup, QuarantineQuery } from '../ports/ledger.ts'
import type { Live } from './live.ts'
import { shapes } from './schema.ts'
import type { Cell, Parameter, Session } from './session.ts'

/** Keeps what was refused as data, inside the commit's transaction; ids go on behind `last`. */
export async function keepQuarantined(session: Session, last: number, entries: readonly Quarantined[]): Promise<void> {
  if (entries.length === 0) return
  const column = (field: (entry: Quarantined) => Cell): Cell[] => entries.map(field)
  await session.append(shapes.quarantine, [
    entries.map((_, i) => last + 1 + i),
    column((entry) => entry.device),
    column((entry) => entry.delivery),
    column((entry) => entry.receivedAt),
    column((entry) => entry.reason),
    column((entry) => entry.detail),
    column((entry) => entry.values),
    column((entry) => entry.item),
    column((entry) => entry.topic),
    column((entry) => entry.payload),
    column((entry) => (entry.items === undefined ? null : JSON.stringify(entry.items))),
    column(() => null),
  ])
}

/** Joins open entries without bytes, by device and reason, into the newest, inside a transaction: few stay, and their values add up. */
export async function joinBare(session: Session): Promise<void> {
  const isBare = 'repaired IS NULL AND octet_length(payload) = 0'
  const newest = `SELECT max(id) AS id, least(sum(value_count), 2147483647)::INTEGER AS total FROM quarantine
    WHERE ${isBare} GROUP BY device, reason HAVING count(*) > 1`
  const groups = await session.rows(newest)
  for (const [id, total] of groups) await session.run('UPDATE quarantine SET value_count = $2 WHERE id = $1', [Number(id), Number(total)])
  if (groups.length === 0) return
  await session.run(
    `DELETE FROM quarantine WHERE ${isBare} AND id NOT IN (SELECT max(id) FROM quarantine WHERE ${isBare} GROUP BY device, reason)`,
  )
}

/** Marks entries that were run again or closed, inside the commit's transaction. */
export async function markRepaired(session: Session, repaired: readonly CarriedRepair[]): Promise<void> {
  for (const repair of repaired)
    await session.run('UPDATE quarantine SET repaired = $2 WHERE id = $1', [repair.entry, JSON.stringify(repair)])
}

/** As JSON.stringify writes it; within a text the quotes would be escaped. */
const isGivenUp = `contains(repaired, '"kind":"given-up"')`
const stateOf = `CASE WHEN repaired IS NULL THEN 'open' WHEN ${isGivenUp} THEN 'given-up' ELSE 'repaired' END`

const fields = 'id, device, delivery, received_at, reason, detail, value_count, item, topic'
const rest = 'items, repaired, octet_length(payload)'
const whole = `SELECT ${fields}, payload, ${rest} FROM quarantine`
const peeked = `SELECT ${fields}, payload[1:$2], ${rest} FROM quarantine`

type Quarantine = Pick<Ledger, 'quarantine' | 'quarantineEntry' | 'repairsOf' | 'quarantineGroups' | 'quarantineHeld' | 'putAside'>

/** Reading what was refused: see Ledger. */
export function createQuarantine(live: Live): Quarantine {
  const entries = async (sql: string, parameters: readonly Parameter[]): Promise<QuarantineEntry[]> => {
    const { engine } = await live.opened()
    return (await engine.read('reading the quarantine', (session) => session.rows(sql, parameters))).map(entryOf)
  }
  /** Ids of the entries that fit, newest first, as far as their payloads are within the bytes. */
  const fitting = async ({ device, reason, state, before, limit, mostBytes }: QuarantineQuery): Promise<number[]> => {
    const { engine } = await live.opened()
    const sql = `WITH fits AS (
        SELECT id, octet_length(payload) AS size FROM quarantine
        WHERE ($1::VARCHAR IS NULL OR device = $1) AND ($2::VARCHAR IS NULL OR reason = $2) AND ($3::INTEGER IS NULL OR id < $3)
          AND ($5::VARCHAR IS NULL OR $5 = ${stateOf})
        ORDER BY id DESC LIMIT $4::INTEGER),
      summed AS (SELECT id, size, sum(size) OVER (ORDER BY id DESC) AS total FROM fits)
      SELECT id FROM summed WHERE $6::DOUBLE IS NULL OR total <= $6 OR total = size ORDER BY id DESC`
    const parameters = [device ?? null, reason ?? null, before ?? null, limit, state ?? null, mostBytes ?? null]
    return (await engine.read('reading the quarantine', (session) => session.rows(sql, parameters))).map(([id]) => Number(id))
  }
  return {
    quarantine: async (query) => {
      const ids = await fitting(query)
      if (ids.length === 0) return []
      const chosen = 'WHERE list_contains($1, id) ORDER BY id DESC'
      return query.peek === undefined ? entries(`${whole} ${chosen}`, [ids]) : entries(`${peeked} ${chosen}`, [ids, query.peek])
    },
    quarantineEntry: async (id) => (await entries(`${whole} WHERE id = $1`, [id]))[0] ?? null,
    repairsOf: async (ids) => {
      const { engine } = await live.opened()
      const sql = 'SELECT id, repaired FROM quarantine WHERE list_contains($1, id)'
      const rows = await engine.read('looking up the quarantine', (session) => session.rows(sql, [[...ids]]))
      return new Map(rows.map(([id, repaired]) => [Number(id), repairOf(repaired)]))
    },
    quarantineHeld: async () => {
      const { engine } = await live.opened()
      // as heldBytes says
      const sums = `SELECT device, sum(octet_length(payload) + length(detail) + length(topic) + 100)::DOUBLE FROM quarantine
        WHERE repaired IS NULL AND octet_length(payload) > 0 GROUP BY device`
      const rows = await engine.read('measuring the quarantine', (session) => session.rows(sums))
      return { bytes: new Map(rows.map(([device, bytes]) => [deviceId(String(device)), Number(bytes)])), bare: 0 }
    },
    putAside: async () => {
      const { engine } = await live.opened()
      const sum = 'SELECT sum(value_count)::DOUBLE FROM quarantine'
      return Number((await engine.read('counting what was put aside', (session) => session.rows(sum)))[0]?.[0] ?? 0)
    },
    quarantineGroups: async () => {
      const { engine } = await live.opened()
      const groups = `SELECT device, reason, count(*)::INTEGER, sum(value_count)::DOUBLE, max(received_at) FROM quarantine
        WHERE repaired IS NULL GROUP BY device, reason ORDER BY device, reason`
      return (await engine.read('counting the quarantine', (session) => session.rows(groups))).map(groupOf)
    },
  }
}

function groupOf([device, reason, entries, values, newest]: Cell[]): QuarantineGroup {
  return {
    device: deviceId(String(device)),
    reason: String(reason) as RejectionReason,
    entries: Number(entries),
    values: Number(values),
    newest: Number(newest),
  }
}

function entryOf(cells: Cell[]): QuarantineEntry {
  const [id, device, delivery, receivedAt, reason, detail, values, item, topic, payload, items, repaired, bytes] = cells
  return {
    id: Number(id),
    device: deviceId(String(device)),
    delivery: Number(delivery),
    receivedAt: Number(receivedAt),
    reason: String(reason) as RejectionReason,
    detail: String(detail),
    values: Number(values),
    item: item === null ? null : Number(item),
    topic: String(topic),
    payload: payload instanceof Uint8Array ? new Uint8Array(payload) : new Uint8Array(),
    payloadBytes: Number(bytes),
    ...(items != null && { items: JSON.parse(String(items)) as number[] }),
    repaired: repairOf(repaired),
  }
}

const repairOf = (cell: Cell | undefined): CarriedRepair | null => (cell == null ? null : (JSON.parse(String(cell)) as CarriedRepair))
