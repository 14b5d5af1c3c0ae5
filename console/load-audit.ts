import { parseInstant } from '../domain/time.ts'
import type { AuditList } from '../api/schemas/audit.ts'
import type { Asking } from './api-client.ts'
import { zoneOf, type PageContext } from './context.ts'
import { text, type Query } from './load.ts'
import { auditFields, type AuditData, type AuditWishes } from './pages/audit.tsx'

const entriesAPage = 100

/** Times of the address are on the clock of its zone, so that a link means the same for whoever follows it; else of the reader's. */
export async function loadAudit(asking: Asking, query: Query, page: PageContext): Promise<AuditData> {
  const zone = zoneOf(query.zone) ?? page.zone
  const momentOf = (name: string): number | null => parseInstant(text(query[name]), zone).at ?? null
  const wishes: AuditWishes = { from: momentOf('from'), to: momentOf('to') }
  for (const name of auditFields) {
    const wanted = text(query[name]).trim().slice(0, 200)
    if (wanted !== '') wishes[name] = wanted
  }
  if (query.outcome === 'done' || query.outcome === 'refused') wishes.outcome = query.outcome
  const asked = new URLSearchParams({ limit: String(entriesAPage) })
  for (const [name, value] of Object.entries(wishes)) if (value !== null) asked.set(name, String(value))
  if (text(query.cursor) !== '') asked.set('cursor', text(query.cursor))
  return { ...(await asking.get<AuditList>(`/api/v1/audit?${asked}`)), wishes }
}
