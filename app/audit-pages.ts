import type { AuditEntry, AuditFilter, AuditPage } from '../domain/audit.ts'

/** Reads entries behind an id, in the order of ids. */
export type ReadAudit = (after: string | undefined, limit: number) => Promise<AuditEntry[]>

/** Entries that are in memory at a time, and that are looked through for one page. */
const readAtOnce = 1_000
const lookedThroughAtMost = 20_000
/** Those of one kind within a minute are one entry, which stands where the first of them does. */
const longestEntryMs = 60_000

/** Begins the ids of a moment: newer ones are smaller. */
export const idAt = (at: number): string => String(1e15 - at).padStart(16, '0')

/** Behind all ids of a moment, before those of the one before it. */
export const behindAll = (at: number): string => `${idAt(at)}~`

/** A page of what a filter leaves over, newest first. */
export async function pageOfAudit(read: ReadAudit, query: AuditFilter & { after?: string; limit: number }): Promise<AuditPage> {
  const { limit, from } = query
  const oldest = from === undefined ? '~' : behindAll(from - longestEntryMs)
  const found: AuditEntry[] = []
  let place = beginOf(query)
  for (let looked = 0; looked < lookedThroughAtMost; looked += readAtOnce) {
    const entries = await read(place, readAtOnce)
    for (const entry of entries) {
      if (entry.id > oldest) return { entries: found, next: null }
      if (fits(entry, query)) {
        // one more than was asked for: there is a page behind this one
        if (found.length === limit) return { entries: found, next: found.at(-1)?.id ?? null }
        found.push(entry)
      }
      place = entry.id
    }
    if (entries.length < readAtOnce) return { entries: found, next: null }
  }
  return { entries: found, next: place ?? null }
}

/** `to` is exclusive. */
function beginOf({ to, after }: AuditFilter & { after?: string }): string | undefined {
  const begins = [...(to === undefined ? [] : [behindAll(to)]), ...(after === undefined ? [] : [after])]
  return begins.sort().at(-1)
}

function fits(entry: AuditEntry, { from, who, target, ...exact }: AuditFilter): boolean {
  const { action, address, outcome, reason } = exact
  return (
    (from === undefined || entry.until >= from) &&
    (who === undefined || entry.who === who || othersIn(entry).includes(` ${who} `)) &&
    (target === undefined || entry.target === target || (entry.target?.split('/').includes(target) ?? false)) &&
    (action === undefined || entry.action === action) &&
    (address === undefined || entry.address === address) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (reason === undefined || entry.reason === reason)
  )
}

/** What an entry tells, with those who share it: told as `also a b c`, at the end. */
export const detailWith = (told: string, others: Iterable<string>): string =>
  [...(told === '' ? [] : [told]), `also ${[...others].join(' ')}`].join(', ')

const othersIn = ({ detail, count }: Pick<AuditEntry, 'detail' | 'count'>): string =>
  count > 1 ? ` ${/(?:^|, )also (.*)$/.exec(detail)?.[1] ?? ''} ` : ''
