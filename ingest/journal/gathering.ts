import type { Delivery } from '../../domain/delivery.ts'
import { BlockWriter, recordSize } from './block.ts'
import { JournalClosed, JournalFull } from './errors.ts'

/** Deliveries that go to the disk together: one block, one sync, one promise for all of them. */
export interface Group {
  writer: BlockWriter
  deliveries: Delivery[]
  /** Number of its first delivery, once it is on disk. */
  first: number
  /** What it counts for among the waiting. */
  bytes: number
}

interface Waiting extends Group {
  done: Promise<void>
  resolve(): void
  reject(error: Error): void
}

export interface GatheringParts {
  /** Resolves when the group is on disk. One at a time. */
  write(group: Group): Promise<void>
  /** Why a block of so many bytes cannot be written now; null = go on. */
  obstacle(bytes: number): Error | null
  maxWaiting: number
  maxWaitingBytes: number
  holdMs: number
  windowMs: number
}

/** From this many deliveries on a group is worth a sync of its own, and does not wait for more. */
const worthwhile = 16
/** So many that came together are taken for a burst, as of a fleet that reports on the minute: nothing more is likely to follow. */
const burst = 8
/** A block larger than this is closed, the next one begins. */
const maxBlockBytes = 1 << 20
const spareWriters = 4

/**
 * Group commit. While a group is being written the next one gathers; a group that is worth its sync follows at once, so that under load
 * nobody waits for a clock. A smaller one is looked at each millisecond: it goes when nobody joined for 2 ms (a burst: for 1 ms), or after
 * `windowMs`. So a lone delivery waits 2 ms, and a thousand a second share their commits by fives. Where nothing can be written, what
 * waits is held for `holdMs` and then rejected.
 */
export class Gathering {
  /** Deliveries rejected since start. */
  refused = 0
  /** Deliveries that wait now. */
  waiting = 0
  /** Bytes of the block that could not be written last; 0 once another was. */
  turnedAway = 0
  readonly #parts: GatheringParts
  readonly #queue: Waiting[] = []
  readonly #spare: BlockWriter[] = []
  #filling: Waiting | null = null
  #waitingBytes = 0
  #writing: Promise<void> | null = null
  #closed = false
  #look: NodeJS.Timeout | null = null
  #looks = 0
  #seen = 0
  #quiet = 0
  #hold: NodeJS.Timeout | null = null

  constructor(parts: GatheringParts) {
    this.#parts = parts
  }

  /** Resolves with the whole group; deliveries of one group share one promise. */
  accept(delivery: Delivery): Promise<void> {
    if (this.#closed) return Promise.reject(new JournalClosed('journalling a delivery: the process is stopping; send again later'))
    const { maxWaiting, maxWaitingBytes } = this.#parts
    if (this.waiting >= maxWaiting || this.#waitingBytes >= maxWaitingBytes) return this.#refuse(delivery)
    const group = this.#filling !== null && this.#filling.writer.length < maxBlockBytes ? this.#filling : this.#begin()
    try {
      group.writer.append(delivery)
    } catch (error) {
      return Promise.reject(error as Error)
    }
    const bytes = recordSize(delivery)
    group.deliveries.push(delivery)
    group.bytes += bytes
    this.#waitingBytes += bytes
    this.waiting++
    if (this.#look === null && this.#writing === null && this.#hold === null) this.#lookLater()
    return group.done
  }

  /** As `accept`; resolves with the number of the delivery. */
  async acceptNumbered(delivery: Delivery): Promise<number> {
    const done = this.accept(delivery)
    const group = this.#filling
    const place = (group?.deliveries.length ?? 0) - 1
    await done
    return (group?.first ?? 0) + place
  }

  /** Tries again after an obstacle may have gone. */
  wake(): void {
    if (this.#hold !== null) this.#next()
  }

  /** Writes what waits; what cannot be written is rejected. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#look !== null) clearTimeout(this.#look)
    while (this.#writing !== null || this.#queue.length > 0) {
      this.#next()
      await this.#writing
    }
    if (this.#hold !== null) clearTimeout(this.#hold)
  }

  #refuse(delivery: Delivery): Promise<void> {
    this.refused++
    return Promise.reject(
      new JournalFull(
        `journalling a delivery of ${delivery.device}: ${this.waiting} deliveries wait for the disk already; send again later`,
      ),
    )
  }

  #begin(): Waiting {
    const group = open(this.#spare.pop() ?? new BlockWriter())
    this.#queue.push(group)
    this.#filling = group
    return group
  }

  #lookLater(): void {
    this.#looks = 0
    this.#quiet = 0
    this.#seen = this.#queue[0]?.writer.count ?? 0
    this.#look = setTimeout(this.#lookAgain, 1)
  }

  readonly #lookAgain = (): void => {
    this.#look = null
    const count = this.#queue[0]?.writer.count ?? 0
    this.#quiet = count === this.#seen ? this.#quiet + 1 : 0
    const complete = this.#queue.length > 1 || count >= worthwhile || this.#quiet >= (count < burst ? 2 : 1)
    if (complete || ++this.#looks >= this.#parts.windowMs) return this.#next()
    this.#seen = count
    this.#look = setTimeout(this.#lookAgain, 1)
  }

  #next(): void {
    const group = this.#queue[0]
    if (!group || this.#writing !== null) return
    const { length } = group.writer
    const why = this.#parts.obstacle(length)
    this.turnedAway = why === null ? 0 : length
    if (why !== null) return this.#wait(why)
    if (this.#hold !== null) clearTimeout(this.#hold)
    this.#hold = null
    this.#queue.shift()
    if (group === this.#filling) this.#filling = null
    this.#writing = this.#parts.write(group).then(
      () => this.#finish(group, null),
      (error: unknown) => this.#finish(group, error as Error),
    )
  }

  #wait(why: Error): void {
    if (this.#closed) this.#rejectAll(why)
    else this.#hold ??= setTimeout(this.#giveUp, this.#parts.holdMs)
  }

  readonly #giveUp = (): void => {
    this.#hold = null
    const why = this.#parts.obstacle(this.#queue[0]?.writer.length ?? 0)
    if (why === null) this.#next()
    else this.#rejectAll(why)
  }

  #finish(group: Waiting, error: Error | null): void {
    this.#writing = null
    this.#settle(group, error)
    const following = this.#queue[0]
    if (!following) return
    if (this.#closed || this.#queue.length > 1 || following.writer.count >= worthwhile) this.#next()
    else if (this.#look === null) this.#lookLater()
  }

  #rejectAll(why: Error): void {
    this.#filling = null
    for (const group of this.#queue.splice(0)) this.#settle(group, why)
  }

  #settle(group: Waiting, error: Error | null): void {
    this.waiting -= group.deliveries.length
    this.#waitingBytes -= group.bytes
    if (error === null) group.resolve()
    else {
      this.refused += group.deliveries.length
      group.reject(error)
    }
    group.writer.reset()
    if (this.#spare.length < spareWriters) this.#spare.push(group.writer)
  }
}

function open(writer: BlockWriter): Waiting {
  let resolve = (): void => undefined
  let reject = (_: Error): void => undefined
  const done = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  // Each sender hears of it through its own chain; without senders left there is nobody to tell.
  done.catch(() => undefined)
  return { writer, deliveries: [], first: 0, bytes: 0, done, resolve, reject }
}
