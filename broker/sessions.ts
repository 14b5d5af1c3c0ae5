import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { ClassicLevel } from 'classic-level'
import { SessionsUnavailable } from './errors.ts'

/** The part of Aedes' persistence that is bounded here. */
interface Persistence {
  addSubscriptions(client: { id: string }, subscriptions: { topic: string }[]): Promise<unknown>
  outgoingEnqueueCombi(subscriptions: { clientId: string }[], packet: unknown): Promise<unknown>
  outgoingClearMessageId(client: { id: string }, packet: unknown): Promise<unknown>
  outgoingStream(client: { id: string }): Readable
  outgoingUpdate(client: object, packet: unknown): Promise<unknown>
}

/** Sessions, queued and retained messages in a folder. */
export interface Sessions {
  /** Aedes' `persistence`. */
  persistence: object
  /** Messages that wait for clients with a persistent session, as found at the start. */
  waiting: Map<string, number>
  /** Copies all of it, as it is at this moment, into another folder. */
  copyTo(folder: string): Promise<void>
  close(): Promise<void>
}

// A CommonJS package without types.
const levelPersistence = createRequire(import.meta.url)('aedes-persistence-level') as (db: unknown) => Persistence

/** Opens or makes the folder. Throws SessionsUnavailable. */
export async function openSessions(path: string): Promise<Sessions> {
  const db = new ClassicLevel(path)
  try {
    await mkdir(path, { recursive: true })
    await db.open()
    const waiting = await countWaiting(db)
    return { persistence: levelPersistence(db), waiting, copyTo: (folder) => copySessions(db, folder), close: () => db.close() }
  } catch (cause) {
    throw new SessionsUnavailable(`opening the MQTT sessions in ${path}: another process has them open, or they are damaged`, { cause })
  }
}

async function copySessions(db: ClassicLevel, folder: string): Promise<void> {
  const asBytes = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const
  const copy = new ClassicLevel<Buffer, Buffer>(folder, asBytes)
  await copy.open()
  try {
    const batch: { type: 'put'; key: Buffer; value: Buffer }[] = []
    for await (const [key, value] of db.iterator<Buffer, Buffer>(asBytes)) batch.push({ type: 'put', key, value })
    await copy.batch(batch, { sync: true })
  } finally {
    await copy.close()
  }
}

/** Keys are `outgoing:<client, URI-encoded>:<broker>:<counter>`. */
async function countWaiting(db: ClassicLevel): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for await (const key of db.keys({ gte: 'outgoing:', lt: 'outgoing;' })) {
    const client = decodeURIComponent(key.split(':')[1] ?? '')
    counts.set(client, (counts.get(client) ?? 0) + 1)
  }
  return counts
}

/**
 * Hears when retained messages cannot be read for a new subscriber, as when the broker closes under it; unheard, the stream's error would
 * end the process. In place.
 */
export function hearRetained(persistence: object, onTrouble: (error: unknown) => void): void {
  const kept = persistence as { createRetainedStreamCombi(filters: unknown): Readable }
  const read = kept.createRetainedStreamCombi.bind(kept)
  kept.createRetainedStreamCombi = (filters) => read(filters).on('error', onTrouble)
}

export interface QueueBounds {
  /** How many messages wait for whom; kept up to date. */
  waiting: Map<string, number>
  most: number
  /** A message for this client was dropped. */
  onDropped(client: string): void
  /** Whether the client may hold this filter. */
  mayHold(client: object, filter: string): boolean
}

/**
 * Bounds what is kept for clients that are away: from `most` messages on, new ones are dropped; and Aedes, which stores all filters of a
 * SUBSCRIBE once one is granted, stores only those that were. A message that is no longer (or was never) kept when Aedes sends it on, because
 * it was acknowledged or dropped meanwhile, is sent all the same; Aedes would end the connection. In place.
 */
export function boundQueues(persistence: object, { waiting, most, onDropped, mayHold }: QueueBounds): void {
  const kept = persistence as Persistence
  const enqueue = kept.outgoingEnqueueCombi.bind(kept)
  const clear = kept.outgoingClearMessageId.bind(kept)
  const add = kept.addSubscriptions.bind(kept)
  const update = kept.outgoingUpdate.bind(kept)
  kept.addSubscriptions = (client, subscriptions) =>
    add(
      client,
      subscriptions.filter(({ topic }) => mayHold(client, topic)),
    )
  kept.outgoingEnqueueCombi = (subscriptions, packet) => {
    const room = (subscriptions ?? []).filter(({ clientId }) => {
      const count = waiting.get(clientId) ?? 0
      if (count >= most) onDropped(clientId)
      else waiting.set(clientId, count + 1)
      return count < most
    })
    return enqueue(room, packet)
  }
  kept.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet)
    const left = (waiting.get(client.id) ?? 0) - 1
    if (cleared !== undefined && left > 0) waiting.set(client.id, left)
    else if (cleared !== undefined) waiting.delete(client.id)
    return cleared
  }
  kept.outgoingUpdate = async (client, packet) => {
    try {
      return await update(client, packet)
    } catch (error) {
      // LevelDB's errors have a code; "no such packet" has none
      if (error instanceof Error && 'code' in error) throw error
      return undefined
    }
  }
}

interface Queued {
  cmd?: string
  messageId?: number
  dup?: boolean
}

/** Marks what a client was sent and did not acknowledge as sent again when it comes back (MQTT 3.1.1, 3.3.1.1). In place. */
export function markRepeats(persistence: object): void {
  const kept = persistence as Persistence
  const stream = kept.outgoingStream.bind(kept)
  // Only what was sent once has its packet identifier.
  const marked = (packet: Queued): Queued =>
    packet.cmd === 'publish' && packet.messageId !== undefined ? { ...packet, dup: true } : packet
  kept.outgoingStream = (client) => Readable.from(mapped(stream(client), marked))
}

async function* mapped(packets: Readable, change: (packet: Queued) => Queued): AsyncGenerator<Queued> {
  for await (const packet of packets) yield change(packet as Queued)
}
