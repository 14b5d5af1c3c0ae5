import { keyOf, type Outbox, type OutboxEntry } from './outbox.ts'

/** An entry in memory, and whether an attempt is under way. */
export interface Held {
  entry: OutboxEntry
  isUnderWay: boolean
}

/** The entries that wait, as far as memory holds them; the rest waits in the store and is fetched when there is room. */
export interface HeldEntries {
  add(entry: OutboxEntry): void
  /** It came to an end. */
  end(entry: OutboxEntry): void
  /** Fetches from the store what waits there; one reading at a time. */
  refill(): Promise<void>
  /** True when the store holds more and there is room for half of what is held at most. */
  hasRoom(): boolean
  values(): Iterable<Held>
  size(): number
}

export function createHeld(outbox: Outbox, atMost: number): HeldEntries {
  const held = new Map<string, Held>()
  let isShort = false
  /** Keys that came to an end since the reading of the store began: it may still list them as waiting. Null when it is not being read. */
  let ended: Set<string> | null = null

  const add = (entry: OutboxEntry): void => {
    if (held.has(keyOf(entry))) return
    if (held.size < atMost) held.set(keyOf(entry), { entry, isUnderWay: false })
    else isShort = true
  }
  return {
    add,
    end(entry) {
      held.delete(keyOf(entry))
      ended?.add(keyOf(entry))
    },
    async refill() {
      if (ended) return
      const endedMeanwhile = (ended = new Set<string>())
      try {
        const found = await outbox.waiting(new Set(held.keys()), atMost)
        isShort = found.length >= atMost
        for (const entry of found) if (!endedMeanwhile.has(keyOf(entry))) add(entry)
      } finally {
        ended = null
      }
    },
    hasRoom: () => isShort && ended === null && held.size < atMost / 2,
    values: () => held.values(),
    size: () => held.size,
  }
}
