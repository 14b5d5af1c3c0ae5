import type { LiveHub } from '../domain/events.ts'
import type { Fleet } from '../domain/fleet.ts'
import { observationRow } from './answers/observation.ts'
import { warningNote } from './answers/warning.ts'
import { createFrameRing, framesOf, type Frame, type FrameRing } from './live-ring.ts'
import type { ObservationsEvent, ResetEvent, StreamTopic, WarningsEvent } from './schemas/stream.ts'

/** What one client wants and may see. */
export interface LiveWish {
  topics: ReadonlySet<StreamTopic>
  /** null = all. */
  stations: ReadonlySet<string> | null
  simulatedOnly: boolean
}

/** A connection that takes text; `write` says false when it wants no more until `onDrain` is called. */
export interface LiveWire {
  write(text: string): boolean
  onDrain(listener: () => void): void
  end(): void
}

export interface LiveFigures {
  clients: number
  /** Dropped since start because they took nothing for too long or fell behind the ring. */
  dropped: number
  /** Number of the newest event. */
  newest: number
}

/** The live events, kept for a while, and those who follow them. Each client has a place in one ring: no client has a queue of its own. */
export interface LiveFeed {
  /** Begins after the event `lastId` names (now, without one); tells of a reset when that is no longer kept. Returns the leaving. */
  follow(wire: LiveWire, wish: LiveWish, lastId: string | null): () => void
  /** The id of this moment: who reads the lists now and follows from it misses nothing. */
  place(): string
  /** Sends a sign of life to all who are not behind. */
  beat(): void
  figures(): LiveFigures
  /** Ends all connections and the listening. */
  close(): void
}

interface FeedParts {
  live: LiveHub
  fleet: () => Fleet
  /** Events kept. */
  ring: number
  /** How long a client may take nothing, ms. */
  patienceMs: number
  /** Tells the events of this start from those of another; stands in every id. */
  boot: string
}

interface Client {
  wire: LiveWire
  wish: LiveWish
  /** Number of the last event sent or passed over. */
  place: number
  waiting: NodeJS.Timeout | null
}

export function createLiveFeed({ live, fleet, ring, patienceMs, boot }: FeedParts): LiveFeed {
  const frames = createFrameRing(ring)
  const clients = new Set<Client>()
  let dropped = 0
  /** Number of the newest frame when the last client left, or somebody was given an id. */
  let lastNeeded = -Infinity

  const leave = (client: Client): void => {
    if (client.waiting) clearTimeout(client.waiting)
    clients.delete(client)
    lastNeeded = frames.newest()
  }
  const drop = (client: Client): void => {
    dropped += 1
    leave(client)
    client.wire.end()
  }
  const write = (client: Client, text: string): void => {
    if (client.wire.write(text)) return
    client.waiting = setTimeout(() => drop(client), patienceMs)
    client.waiting.unref()
  }
  const pump = (client: Client): void => {
    while (client.waiting === null && client.place < frames.newest() && clients.has(client)) {
      const frame = frames.after(client.place)
      if (!frame) return drop(client)
      client.place = frame.number
      const text = textFor(frame, client.wish, fleet, boot)
      if (text !== null) write(client, text)
    }
  }
  const stop = live.on((event) => {
    // a whole ring after that, nobody has an id any more that is worth keeping for: nothing is kept until one comes
    if (clients.size === 0 && frames.newest() - lastNeeded >= ring) return frames.pass()
    for (const draft of framesOf(event)) frames.push(draft)
    for (const client of clients) pump(client)
  })

  return {
    follow(wire, wish, lastId) {
      const from = placeOf(lastId, boot, frames)
      const client: Client = { wire, wish, place: typeof from === 'number' ? from : frames.newest(), waiting: null }
      clients.add(client)
      wire.onDrain(() => {
        if (client.waiting) clearTimeout(client.waiting)
        client.waiting = null
        pump(client)
      })
      write(client, greeting(from, boot, frames.newest()))
      pump(client)
      return () => leave(client)
    },
    place: () => `${boot}.${(lastNeeded = frames.newest())}`,
    beat() {
      for (const client of clients) if (client.waiting === null) write(client, ': alive\n\n')
    },
    figures: () => ({ clients: clients.size, dropped, newest: frames.newest() }),
    close() {
      stop()
      for (const client of clients) client.wire.end()
      clients.clear()
    },
  }
}

/** Why it begins anew, or an id from the beginning on: who loses the line before the first event comes back to this place. */
function greeting(from: number | ResetEvent['reason'], boot: string, newest: number): string {
  const begin = 'retry: 3000\n\n'
  if (typeof from === 'number') return `${begin}id: ${boot}.${from}\n\n`
  return begin + sse('reset', `${boot}.${newest}`, { reason: from } satisfies ResetEvent)
}

/** Where to begin; or why that is not possible. */
function placeOf(lastId: string | null, boot: string, frames: FrameRing): number | ResetEvent['reason'] {
  if (lastId === null) return frames.newest()
  const [of, text] = lastId.split('.')
  const number = Number(text)
  if (of !== boot || !Number.isInteger(number) || number > frames.newest() || number < 0) return 'restarted'
  return number < frames.gone() ? 'too-old' : number
}

/** The frame for one client; null when nothing of it is for them. */
function textFor(frame: Frame, wish: LiveWish, fleet: () => Fleet, boot: string): string | null {
  if (!wish.topics.has(frame.topic) || (wish.simulatedOnly && !frame.simulated)) return null
  const { stations } = wish
  if (stations === null) return (frame.text ??= encode(frame, fleet(), boot))
  const observations = frame.observations.filter((seen) => stations.has(seen.series.slice(0, seen.series.indexOf('/'))))
  const warnings = frame.warnings.filter((warning) => stations.has(warning.station))
  return observations.length + warnings.length === 0 ? null : encode({ ...frame, observations, warnings }, fleet(), boot)
}

function encode(frame: Frame, fleet: Fleet, boot: string): string {
  const id = `${boot}.${frame.number}`
  if (frame.topic === 'warnings')
    return sse('warnings', id, { warnings: frame.warnings.map((warning) => warningNote(warning, fleet)) } satisfies WarningsEvent)
  const data: ObservationsEvent = { commit: frame.commit, observations: frame.observations.map(observationRow) }
  return sse('observations', id, data)
}

/** One SSE message; JSON has no line breaks. */
const sse = (event: string, id: string, data: unknown): string => `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
