import type { Delivery, JournalledDelivery } from '../../domain/delivery.ts'
import type { Journal, JournalBatch } from '../ports.ts'

/** A journal in an array: numbered from 1, nothing on disk. */
export interface MemoryJournal extends Pick<Journal, 'accept' | 'read' | 'onAppended' | 'release' | 'figures'> {
  readonly deliveries: JournalledDelivery[]
  /** The cursor that was released last. */
  released(): number
}

export function createMemoryJournal(): MemoryJournal {
  const deliveries: JournalledDelivery[] = []
  const listeners: (() => void)[] = []
  let released = 0
  return {
    deliveries,
    released: () => released,
    accept: async (delivery: Delivery) => {
      deliveries.push({ ...delivery, number: deliveries.length + 1 })
      for (const listener of listeners) listener()
    },
    read: async (after: number, limit: number): Promise<JournalBatch | null> => {
      const found = deliveries.slice(after, after + limit)
      const last = found.at(-1)
      return last === undefined ? null : { deliveries: found, cursor: last.number, damaged: [] }
    },
    onAppended: (listener) => void listeners.push(listener),
    release: (cursor) => {
      released = cursor
    },
    figures: () => ({ newest: deliveries.length, oldest: 1, bytes: 0, accepted: deliveries.length, refused: 0, commits: 0, damaged: 0 }),
  }
}
