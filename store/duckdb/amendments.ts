import type { CarriedAmendment } from '../../domain/amendment.ts'
import type { Ledger } from '../ports/ledger.ts'
import type { Live } from './live.ts'
import { shapes } from './schema.ts'
import type { Session } from './session.ts'

/** Keeps what people changed, inside the commit's transaction. */
export async function keepAmendments(session: Session, amendments: readonly CarriedAmendment[]): Promise<void> {
  if (amendments.length === 0) return
  await session.append(shapes.amendment, [
    amendments.map(({ amendment }) => amendment.kind),
    amendments.map(({ amendment }) => ('device' in amendment ? amendment.device : amendment.series)),
    amendments.map(({ delivery }) => delivery),
    amendments.map((one) => JSON.stringify(one)),
  ])
}

/** Reading what people changed: see Ledger. */
export function createAmendments(live: Live): Pick<Ledger, 'amendments'> {
  return {
    amendments: async ({ kind, device, series, deliveries, limit }) => {
      const { engine } = await live.opened()
      const sql = `SELECT body FROM amendment
        WHERE ($1::VARCHAR IS NULL OR kind = $1) AND ($2::VARCHAR IS NULL OR subject = $2 AND kind <> 'values')
          AND ($3::VARCHAR IS NULL OR subject = $3 AND kind = 'values')
          AND ($4::BIGINT[] IS NULL OR delivery IN (SELECT unnest($4::BIGINT[])))
        ORDER BY delivery DESC LIMIT coalesce($5::BIGINT, 9223372036854775807)`
      const parameters = [kind ?? null, device ?? null, series ?? null, deliveries?.map(String) ?? null, limit ?? null]
      const rows = await engine.read('reading amendments', (session) => session.rows(sql, parameters))
      return rows.map(([body]) => JSON.parse(String(body)) as CarriedAmendment)
    },
  }
}
