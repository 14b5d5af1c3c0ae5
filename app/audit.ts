import type { Audit, AuditEntry, AuditFilter, AuditNote, AuditPage } from '../domain/audit.ts'
import type { Collection, DocumentStore } from '../store/ports/documents.ts'
import { behindAll, detailWith, idAt, pageOfAudit } from './audit-pages.ts'
import type { World } from './clock.ts'

interface AuditParts {
  documents: DocumentStore
  world: Pick<World, 'now' | 'timers'>
  onTrouble: (error: unknown) => void
}

/** What floods cannot push out what was changed: the two are kept apart. */
const kinds = {
  audit: { most: 50_000, longestMs: 400 * 86_400_000 },
  tally: { most: 20_000, longestMs: 90 * 86_400_000 },
} as const satisfies Partial<Record<Collection, object>>
type Kind = keyof typeof kinds

/** Different counts of one minute; beyond, addresses are not told apart. */
const countsAMinute = 100
const countsWaitMs = 1_000
const longestDetail = 200

/** An entry that counts: what it told at first, and the names of those that share it, without the first. */
interface Tally {
  entry: AuditEntry
  told: string
  others: Set<string>
}

/** An audit log over documents. `close` keeps what waits. */
export async function openAudit(parts: AuditParts): Promise<Audit & { close(): Promise<void> }> {
  const keys = { audit: await keysOf('audit', parts.documents), tally: await keysOf('tally', parts.documents) }
  return new AuditLog(parts, keys)
}

/** Read at once while the log is opened. */
const openAtOnce = 1_000

/** What a collection holds, oldest first; of one that holds too much the rest is removed, unread. */
async function keysOf(kind: Kind, documents: DocumentStore): Promise<string[]> {
  const keys: string[] = []
  for (;;) {
    const after = keys.at(-1)
    const read = await documents.list(kind, { limit: openAtOnce, ...(after !== undefined && { after }) })
    for (const { key } of read) keys.push(key)
    if (read.length < openAtOnce) return keys.reverse()
    if (keys.length < kinds[kind].most * 1.1) continue
    await documents.removeAfter(kind, keys.at(-1) ?? '')
    return keys.reverse()
  }
}

class AuditLog implements Audit {
  readonly #parts: AuditParts
  /** Ids that are kept, oldest first. */
  readonly #keys: Record<Kind, string[]>
  #waiting = new Map<string, { kind: Kind; entry: AuditEntry }>()
  #minute = 0
  #counts = new Map<string, Tally>()
  #sequence = 0
  #timer: unknown = null
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: AuditParts, keys: Record<Kind, string[]>) {
    this.#parts = parts
    this.#keys = keys
  }

  record(note: AuditNote): Promise<void> {
    this.#wait('audit', this.#entryOf(note))
    return this.#write()
  }

  count(note: AuditNote): void {
    const now = this.#parts.world.now()
    const minute = Math.floor(now / 60_000)
    if (minute !== this.#minute) this.#counts.clear()
    this.#minute = minute
    const tally = this.#counts.get(keyOf(note)) ?? this.#newTally(note)
    nameToo(tally, note.who)
    const { entry } = tally
    entry.count += 1
    entry.until = now
    this.#wait('tally', entry)
    this.#timer ??= this.#parts.world.timers.setTimeout(() => {
      this.#timer = null
      void this.#write()
    }, countsWaitMs)
  }

  list(query: AuditFilter & { after?: string; limit: number }): Promise<AuditPage> {
    return pageOfAudit((after, limit) => this.#read(after, limit), query)
  }

  async close(): Promise<void> {
    this.#parts.world.timers.clearTimeout(this.#timer)
    await this.#write()
  }

  async #read(after: string | undefined, limit: number): Promise<AuditEntry[]> {
    const page = { limit, ...(after !== undefined && { after }) }
    const found = await Promise.all((['audit', 'tally'] as const).map((kind) => this.#parts.documents.list<AuditEntry>(kind, page)))
    const entries = found.flat().map(({ body }) => body)
    return entries.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
  }

  #newTally(note: AuditNote): Tally {
    const told = this.#counts.size < countsAMinute ? note : { ...note, who: null, address: null, target: null, detail: 'of many addresses' }
    const known = this.#counts.get(keyOf(told))
    if (known !== undefined) return known
    const entry = { ...this.#entryOf(told), count: 0 }
    const tally = { entry, told: entry.detail, others: new Set<string>() }
    this.#counts.set(keyOf(told), tally)
    return tally
  }

  #entryOf(note: AuditNote): AuditEntry {
    const at = this.#parts.world.now()
    this.#sequence = (this.#sequence + 1) % 1_000_000
    // newest first in the order of keys
    const id = `${idAt(at)}-${String(1_000_000 - this.#sequence).padStart(7, '0')}`
    const [target, detail] = [note.target?.slice(0, 100) ?? null, note.detail.slice(0, longestDetail)]
    return { ...note, target, detail, id, at, until: at, count: 1 }
  }

  #wait(kind: Kind, entry: AuditEntry): void {
    this.#waiting.set(entry.id, { kind, entry })
  }

  /** One write at a time; what a write that failed had is written with the next. */
  #write(): Promise<void> {
    return (this.#writing = this.#writing.then(async () => {
      const taken = [...this.#waiting.values()]
      this.#waiting.clear()
      try {
        for (const kind of ['audit', 'tally'] as const)
          await this.#keep(
            kind,
            taken.filter((one) => one.kind === kind).map(({ entry }) => entry),
          )
      } catch (error) {
        this.#putBack(taken)
        this.#parts.onTrouble(error)
      }
    }))
  }

  #putBack(taken: readonly { kind: Kind; entry: AuditEntry }[]): void {
    const newer = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const one of [...taken, ...newer].slice(-kinds.tally.most)) this.#wait(one.kind, one.entry)
  }

  async #keep(kind: Kind, entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return
    const { documents, world } = this.#parts
    await documents.putAll(
      kind,
      entries.map((entry) => ({ key: entry.id, body: entry, updatedAt: entry.until })),
    )
    const keys = this.#keys[kind]
    const last = new Set(keys.slice(-countsAMinute * 2))
    keys.push(...entries.map(({ id }) => id).filter((id) => !last.has(id)))
    const { most, longestMs } = kinds[kind]
    const tooOld = behindAll(world.now() - longestMs)
    const oldest = keys[0] ?? ''
    // a tenth at a time
    const cut = keys.length > most * 1.1 ? (keys.at(-most) ?? oldest) : oldest > tooOld ? tooOld : null
    if (cut === null) return
    await documents.removeAfter(kind, cut)
    this.#keys[kind] = keys.filter((key) => key <= cut)
  }
}

/** Names one more of those that share an entry, as far as they have room. */
function nameToo({ entry, told, others }: Tally, who: string | null): void {
  if (who === null || entry.who === null || who === entry.who || others.has(who)) return
  const detail = detailWith(told, [...others, who])
  if (detail.length > longestDetail) return
  others.add(who)
  entry.detail = detail
}

const keyOf = ({ action, outcome, reason, address }: AuditNote): string => [action, outcome, reason, address].join('\n')
