import { createHash } from 'node:crypto'
import type { DocumentStore } from '../store/ports/documents.ts'
import type { Message } from './message.ts'

/** One line of what became of a message. `accepted`: the receiver said so. */
export interface OutboxLine {
  at: number
  what: 'queued' | 'sent' | 'accepted' | 'failed' | 'given-up'
  detail: string | null
}

/** One version of a warning for one channel. Kept before it is sent, and after. */
export interface OutboxEntry {
  warning: string
  version: number
  channel: string
  state: 'waiting' | 'accepted' | 'given-up'
  /** Failed attempts so far. */
  attempts: number
  /** Not before this moment. */
  nextAt: number
  /** Frozen: every attempt sends the same bytes. */
  body: string
  log: OutboxLine[]
}

export interface Outbox {
  has(key: string): Promise<boolean>
  save(entry: OutboxEntry): Promise<void>
  /** All that wait, oldest key first, as far as `skip` does not hold them already. */
  waiting(skip: ReadonlySet<string>, limit: number): Promise<OutboxEntry[]>
  /** Takes away what came to an end before `at`; returns how many. */
  prune(at: number): Promise<number>
}

/** `warning/version/channel`: whoever knows the warning finds its entries together. */
export const keyOf = ({ warning, version, channel }: Pick<OutboxEntry, 'warning' | 'version' | 'channel'>): string =>
  `${warning}/${version}/${channel}`

/** The id under which a receiver knows a message, the same at every attempt; no dots, since signatures are joined by them. */
export const letterId = (key: string): string => `msg_${createHash('sha256').update(key).digest('base64url').slice(0, 27)}`

export function newEntry(message: Message, channel: string, now: number): OutboxEntry {
  const { warning, version } = message.data
  const log: OutboxLine[] = [{ at: now, what: 'queued', detail: message.type }]
  return { warning, version, channel, state: 'waiting', attempts: 0, nextAt: now, body: JSON.stringify(message), log }
}

const page = 500

export function createOutbox(documents: DocumentStore, now: () => number): Outbox {
  async function* all(): AsyncGenerator<{ key: string; body: OutboxEntry; updatedAt: number }> {
    let after: string | undefined
    for (;;) {
      const listed = await documents.list<OutboxEntry>('outbox', { limit: page, ...(after !== undefined && { after }) })
      yield* listed
      after = listed.at(-1)?.key
      if (listed.length < page) return
    }
  }
  return {
    has: async (key) => (await documents.get('outbox', key)) !== null,
    save: (entry) => documents.put('outbox', keyOf(entry), entry, now()),
    async waiting(skip, limit) {
      const found: OutboxEntry[] = []
      for await (const { key, body } of all()) if (body.state === 'waiting' && !skip.has(key) && found.length < limit) found.push(body)
      return found
    },
    async prune(at) {
      const over: string[] = []
      for await (const { key, body, updatedAt } of all()) if (body.state !== 'waiting' && updatedAt < at) over.push(key)
      for (const key of over) await documents.remove('outbox', key)
      return over.length
    },
  }
}
