/** Something that somebody did, or was refused. Nothing in it is a secret. */
export interface AuditNote {
  /** The operation of the api (`revokeDevice`), or `mqtt-login`, `mqtt-refused`. */
  action: string
  outcome: 'done' | 'refused'
  /** Who: the name of a person, `key …`, `command line`, a device; null = nobody that is known. */
  who: string | null
  /** What it was done to. */
  target: string | null
  /** From where; null = from this process. */
  address: string | null
  /** Why it was refused: an error code of docs/errors.md or a reason of docs/refusals.md. */
  reason: string | null
  detail: string
}

/** A kept note. Those of one kind from one address within a minute are one entry, with the first of them and their count. */
export interface AuditEntry extends AuditNote {
  /** Newer ones have smaller ids. */
  id: string
  /** First and last of them, epoch ms. */
  at: number
  until: number
  count: number
}

/** Which entries are asked for; what is left out chooses nothing. */
export interface AuditFilter {
  /** Of this span: those that end at or after `from` and begin before `to`, epoch ms. */
  from?: number
  to?: number
  /** Also one of the others that an entry names. */
  who?: string
  action?: string
  /** Also a part of what it was done to: `rtu-17` finds `rtu-17/5f3a…`. */
  target?: string
  address?: string
  outcome?: AuditEntry['outcome']
  reason?: string
}

/** Entries, newest first, and where the next page begins; null = there is nothing older. */
export interface AuditPage {
  entries: AuditEntry[]
  next: string | null
}

/** The log of who did what. Append-only, bounded by age and number. */
export interface Audit {
  /** Resolves when the note is kept, or when the store is away: then it is kept later. */
  record(note: AuditNote): Promise<void>
  /** Adds one to the note of this minute; kept within a second. For what may come in floods. */
  count(note: AuditNote): void
  /** Newest first; `after` = `next` of the page before. A page may be short, or empty, with more behind it: one looks through so many only. */
  list(query: AuditFilter & { after?: string; limit: number }): Promise<AuditPage>
}
