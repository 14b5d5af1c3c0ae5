import { warningNote } from '../../api/answers/warning.ts'
import type { Broker } from '../../broker/port.ts'
import type { LiveHub } from '../../domain/events.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import type { WarningId } from '../../domain/ids.ts'
import type { Warning, WarningState } from '../../domain/warning.ts'
import type { WarningStore } from '../../store/ports/warnings.ts'
import { createWorker, type Worker, type WorkerParts } from './worker.ts'

interface WarningParts extends Pick<WorkerParts, 'breathe' | 'wait'> {
  broker: Pick<Broker, 'publish' | 'room'>
  live: LiveHub
  warnings: Pick<WarningStore, 'warnings'>
  fleet: CurrentFleet
  /** Those of simulations and replays too. */
  simulated: boolean
  /** Told when the open warnings cannot be read for now. */
  onTrouble: (error: unknown) => void
}

export interface WarningTopics {
  /** Versions handed to the broker, the empty ones of ends included, and warnings that stand there. */
  figures(): { told: number; standing: number }
  /** Nothing is handed on any more. */
  close(): Promise<void>
}

/** Versions that wait for the broker at most; with more the open warnings are read anew, and versions between are not told. */
export const mostWaiting = 10_000
/** Until it is asked again whether the broker has room, and whether the store answers, ms. */
const [noRoomMs, retryMs] = [10, 5_000]

const open: readonly WarningState[] = ['pending', 'active']
type Place = Pick<Warning, 'station' | 'id' | 'version'>

/**
 * Keeps the open warnings retained in the broker, in the shape in which the api answers: each version once it is kept, an empty payload at
 * the end. What stands open at the start, and what the queue had no room for, is read from the store.
 */
export function createWarningTopics(parts: WarningParts): WarningTopics {
  return new RetainedWarnings(parts)
}

class RetainedWarnings implements WarningTopics {
  readonly #parts: WarningParts
  readonly #worker: Worker
  readonly #stop: () => void
  /** What stands in the broker. Bounded by the rules of the fleet, each of which has one open warning of a series at most. */
  readonly #standing = new Map<WarningId, Place>()
  #waiting: Warning[] = []
  /** The store knows more than the queue has had. */
  #isBehind = true
  #told = 0

  constructor(parts: WarningParts) {
    this.#parts = parts
    const { live, breathe, wait } = parts
    const hasWork = (): boolean => this.#waiting.length > 0 || this.#isBehind
    this.#worker = createWorker({ breathe, wait, hasWork, piece: () => this.#goOn() })
    this.#stop = live.on((event) => event.name === 'warnings' && this.#take(event.versions))
    this.#worker.wake()
  }

  figures(): { told: number; standing: number } {
    return { told: this.#told, standing: this.#standing.size }
  }

  close(): Promise<void> {
    this.#stop()
    return this.#worker.close()
  }

  #take(versions: readonly Warning[]): void {
    for (const version of versions.filter((one) => this.#isTold(one)))
      if (this.#waiting.length < mostWaiting) this.#waiting.push(version)
      else this.#isBehind = true
    this.#worker.wake()
  }

  #isTold({ run }: Warning): boolean {
    return this.#parts.simulated || run === null
  }

  async #goOn(): Promise<number> {
    if (this.#parts.broker.room() === 0) return noRoomMs
    const first = this.#waiting.shift()
    if (first) this.#tell(first)
    return first || (await this.#readAnew()) ? 0 : retryMs
  }

  /** Once the queue is empty. What comes meanwhile waits behind what is read: a version older than that changes nothing. */
  async #readAnew(): Promise<boolean> {
    this.#isBehind = false
    try {
      const found = (await this.#parts.warnings.warnings({ states: open })).filter((warning) => this.#isTold(warning))
      const ids = new Set(found.map(({ id }) => id))
      for (const place of [...this.#standing.values()]) if (!ids.has(place.id)) this.#end(place)
      this.#waiting = [...found, ...this.#waiting]
      return true
    } catch (error) {
      this.#isBehind = true
      this.#parts.onTrouble(error)
      return false
    }
  }

  #tell(warning: Warning): void {
    const { station, id, version } = warning
    const before = this.#standing.get(id)
    if (before && before.version >= version) return
    if (!open.includes(warning.state)) return before && this.#end(before)
    this.#standing.set(id, { station, id, version })
    this.#publish(warning, JSON.stringify(warningNote(warning, this.#parts.fleet())))
  }

  #end(place: Place): void {
    this.#standing.delete(place.id)
    this.#publish(place, '')
  }

  #publish({ station, id }: Place, payload: string): void {
    this.#parts.broker.publish(`warnings/${station}/${id}`, payload, { qos: 1, retain: true })
    this.#told += 1
  }
}
