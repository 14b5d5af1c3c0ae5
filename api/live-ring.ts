import type { LiveEvent } from '../domain/events.ts'
import type { Observation } from '../domain/observation.ts'
import type { Warning } from '../domain/warning.ts'
import type { StreamTopic } from './schemas/stream.ts'

/** What becomes one SSE message: a piece of one event, of simulated or of real data. */
export interface FrameDraft {
  topic: StreamTopic
  simulated: boolean
  commit: number
  observations: readonly Observation[]
  warnings: readonly Warning[]
}

export interface Frame extends FrameDraft {
  /** Counts from 1. */
  number: number
  /** The whole frame as text, made when the first client wants it. */
  text: string | null
}

/** The last frames, bounded by their number and by what they hold; the oldest go first. */
export interface FrameRing {
  push(draft: FrameDraft): void
  /** Counts a frame that nobody can come back for, and forgets those before it. */
  pass(): void
  /** The frame behind a number; undefined when there is none yet or none any more. */
  after(number: number): Frame | undefined
  newest(): number
  /** Number of the newest frame that is no longer kept; 0 = all are. */
  gone(): number
}

/** Observations of one frame at most. */
const framed = 500

/** @param heldAtMost observations and warnings kept at most, whatever the number of frames */
export function createFrameRing(framesAtMost: number, heldAtMost = 100_000): FrameRing {
  const ring: (Frame | undefined)[] = Array.from({ length: framesAtMost })
  let [newest, gone, held] = [0, 0, 0]
  const at = (number: number): Frame | undefined => ring[number % framesAtMost]
  const letGo = (): void => {
    gone += 1
    const frame = at(gone)
    if (frame) held -= sizeOf(frame)
    ring[gone % framesAtMost] = undefined
  }
  return {
    push(draft) {
      if (newest - gone >= framesAtMost) letGo()
      newest += 1
      ring[newest % framesAtMost] = { ...draft, number: newest, text: null }
      held += sizeOf(draft)
      while (held > heldAtMost && gone < newest - 1) letGo()
    },
    pass() {
      if (held > 0) ring.fill(undefined)
      newest += 1
      gone = newest
      held = 0
    },
    after: (number) => (number < gone || number >= newest ? undefined : at(number + 1)),
    newest: () => newest,
    gone: () => gone,
  }
}

const sizeOf = ({ observations, warnings }: FrameDraft): number => observations.length + warnings.length

/** An event as frames: simulated and real data apart, in pieces. */
export function framesOf(event: LiveEvent): FrameDraft[] {
  if (event.name === 'warnings')
    return apart(event.versions).map(({ simulated, items }) => ({
      topic: 'warnings',
      simulated,
      commit: 0,
      observations: [],
      warnings: items,
    }))
  return apart(event.observations).flatMap(({ simulated, items }) => {
    const pieces = Array.from({ length: Math.ceil(items.length / framed) }, (_, piece) => items.slice(piece * framed, (piece + 1) * framed))
    return pieces.map((observations) => ({ topic: 'observations' as const, simulated, commit: event.commit, observations, warnings: [] }))
  })
}

function apart<Item extends { run: unknown }>(items: readonly Item[]): { simulated: boolean; items: readonly Item[] }[] {
  const simulated = items.filter((item) => item.run !== null)
  const real = simulated.length === 0 ? items : simulated.length === items.length ? [] : items.filter((item) => item.run === null)
  return [
    { simulated: true, items: simulated },
    { simulated: false, items: real },
  ].filter((part) => part.items.length > 0)
}
