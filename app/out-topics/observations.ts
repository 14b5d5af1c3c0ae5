import { observationRow } from '../../api/answers/observation.ts'
import type { Broker } from '../../broker/port.ts'
import type { LiveHub } from '../../domain/events.ts'
import type { Observation } from '../../domain/observation.ts'
import { createWorker, type WorkerParts } from './worker.ts'

interface ObservationParts extends Pick<WorkerParts, 'breathe' | 'wait'> {
  broker: Pick<Broker, 'publish' | 'listens' | 'listensBelow' | 'room'>
  live: LiveHub
  /** Simulations and replays too. */
  simulated: boolean
}

export interface ObservationTopics {
  /** Handed to the broker, waiting for it, and dropped because too many waited. */
  figures(): { told: number; waiting: number; dropped: number }
  /** Nothing is handed on any more; what waits is let go. */
  close(): Promise<void>
}

/** Observations that wait for the broker at most; of a commit that passes it the rest is dropped. */
export const mostWaiting = 50_000
/** Handed on at most: each costs 30 to 80 µs of CPU a subscriber, and readings come first. */
export const perSecond = 5_000
const everyMs = 20
const atOnce = (perSecond * everyMs) / 1_000

const topicOf = ({ series }: Observation): string => `observations/${series}`

/**
 * Tells programs of judged observations once they are stored, each state of one in the order of the commits, in the shape in which the api
 * answers. Where nobody subscribed it costs a look-up a commit. Nobody waits for it: it is done between other work, as the broker has room.
 */
export function createObservationTopics({ broker, live, simulated, ...pace }: ObservationParts): ObservationTopics {
  let waiting: Observation[] = []
  let [told, dropped] = [0, 0]

  const worker = createWorker({
    ...pace,
    hasWork: () => waiting.length > 0,
    piece() {
      for (const seen of waiting.splice(0, Math.min(atOnce, broker.room()))) {
        broker.publish(topicOf(seen), JSON.stringify(observationRow(seen)), { qos: 1 })
        told += 1
      }
      return everyMs
    },
  })
  const isTold = (seen: Observation): boolean => (simulated || seen.run === null) && broker.listens(topicOf(seen))
  const stop = live.on((event) => {
    if (event.name !== 'observed' || !broker.listensBelow('observations')) return
    const wanted = event.observations.filter(isTold)
    const fitting = wanted.slice(0, mostWaiting - waiting.length)
    dropped += wanted.length - fitting.length
    waiting = [...waiting, ...fitting]
    worker.wake()
  })
  return {
    figures: () => ({ told, waiting: waiting.length, dropped }),
    close() {
      stop()
      return worker.close()
    },
  }
}
