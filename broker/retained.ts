import { Readable } from 'node:stream'
import { takes } from './filter.ts'

/** The part of Aedes' persistence that retained messages go through. */
interface Persistence {
  storeRetained(packet: Retained): Promise<void>
  createRetainedStreamCombi(filters: readonly string[]): Readable
}

interface Retained {
  cmd: 'publish'
  topic: string
  payload: Buffer
  qos: number
}

/**
 * Holds in memory what is retained under some topics: a picture of what is stored elsewhere, made anew at each start, of which nothing may
 * outlive the process. They stand as they were published last, in that order; on disk two changes of one topic may overtake each other. A
 * new subscriber is given each topic as it stands at its turn, empty when it was taken away meanwhile: never behind what it hears live. In
 * place.
 * @param isHeld whether all topics of a filter, or a topic, are among them
 */
export function holdRetained(persistence: object, isHeld: (filter: string) => boolean): void {
  const kept = persistence as Persistence
  const store = kept.storeRetained.bind(kept)
  const read = kept.createRetainedStreamCombi.bind(kept)
  const held = new Map<string, Retained>()

  kept.storeRetained = async (packet) => {
    if (!isHeld(packet.topic)) return store(packet)
    if (packet.payload.length > 0) held.set(packet.topic, packet)
    else held.delete(packet.topic)
  }
  kept.createRetainedStreamCombi = (filters) => Readable.from(standing(filters))

  async function* standing(filters: readonly string[]): AsyncGenerator<Retained> {
    for (const [topic, { qos }] of held) if (filters.some((filter) => takes(filter, topic))) yield asItStands(topic, qos)
    const stored = filters.filter((filter) => !isHeld(filter))
    if (stored.length > 0) yield* read(stored) as AsyncIterable<Retained>
  }

  const asItStands = (topic: string, qos: number): Retained => ({
    ...{ cmd: 'publish', topic, qos },
    get payload() {
      return held.get(topic)?.payload ?? nothing
    },
  })
}

const nothing = Buffer.alloc(0)
