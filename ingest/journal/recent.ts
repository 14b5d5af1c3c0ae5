import type { Delivery, JournalledDelivery } from '../../domain/delivery.ts'
import type { JournalBatch } from '../ports.ts'

/** A block as it was written, still in memory. */
export interface RecentBlock {
  first: number
  previous: number
  deliveries: readonly Delivery[]
  /** Epoch ms. */
  newestReceivedAt: number
  /** Memory it is counted with. */
  bytes: number
}

/** About what a delivery costs in memory beside its bytes. */
export const objectBytes = 250

/** A reader this far behind, ms, has lost touch: the store is away, or slow for long. */
const farBehindMs = 60_000
/** What is held of `maxBytes` then: enough for it to come back from the disk. */
const shareBehind = 1 / 8

/**
 * The newest blocks, in order, up to a number of bytes: the reader close behind the writer never goes to the disk. Once it has lost touch,
 * what lies here serves nobody until it comes back, so that little is held meanwhile: a store that is away costs no memory.
 */
export class Recent {
  #blocks: RecentBlock[] = []
  #bytes = 0
  #isFollowed = true

  constructor(readonly maxBytes: number) {}

  add(block: RecentBlock): void {
    this.#blocks.push(block)
    this.#bytes += block.bytes
    // what the reader has carried is not here any more
    const waitsSince = this.#blocks[0]?.newestReceivedAt ?? Infinity
    if (this.#bytes > this.maxBytes || block.newestReceivedAt - waitsSince > farBehindMs) this.#isFollowed = false
    const most = this.#isFollowed ? this.maxBytes : this.maxBytes * shareBehind
    let drop = 0
    while (this.#bytes > most && drop < this.#blocks.length) this.#bytes -= this.#blocks[drop++]?.bytes ?? 0
    if (drop > 0) this.#blocks.splice(0, drop)
  }

  /** Forgets blocks that lie wholly at or before `cursor`. */
  release(cursor: number): void {
    let drop = 0
    for (let block = this.#blocks[0]; block && lastOf(block) <= cursor; block = this.#blocks[++drop]) this.#bytes -= block.bytes
    if (drop > 0) this.#blocks.splice(0, drop)
  }

  /** Forgets all: the next reads come from the disk. */
  clear(): void {
    this.#blocks = []
    this.#bytes = 0
  }

  /** The batch behind `after`, or null when part of it is no longer here. */
  read(after: number, limit: number, limitBytes: number): JournalBatch | null {
    let at = this.#find(after)
    const start = this.#blocks[at]
    if (!start || (start.previous > after && start.first > after + 1)) return null
    this.#isFollowed = true
    const deliveries: JournalledDelivery[] = []
    let bytes = 0
    for (let block: RecentBlock | undefined = start; block && bytes < limitBytes && deliveries.length < limit; block = this.#blocks[++at]) {
      copy(block, after, limit, deliveries)
      bytes += block.bytes
    }
    return { deliveries, cursor: deliveries[deliveries.length - 1]?.number ?? after, damaged: [] }
  }

  /** Index of the first block that reaches behind `after`. */
  #find(after: number): number {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const block = this.#blocks[middle]
      if (block && lastOf(block) <= after) low = middle + 1
      else high = middle
    }
    return low
  }
}

const lastOf = (block: RecentBlock): number => block.first + block.deliveries.length - 1

function copy(block: RecentBlock, after: number, limit: number, into: JournalledDelivery[]): void {
  for (let index = Math.max(0, after + 1 - block.first); index < block.deliveries.length && into.length < limit; index++) {
    const delivery = block.deliveries[index]
    if (!delivery) return
    const { device, source, topic, payload, receivedAt } = delivery
    into.push({ device, source, topic, payload, receivedAt, number: block.first + index })
  }
}
