import type { JournalledDelivery } from '../../domain/delivery.ts'
import type { JournalBatch } from '../ports.ts'
import { intact, readDeliveries, readHeader, type BlockHeader } from './block.ts'
import { isDamage, type Cursor, type Disk, type Entry } from './disk.ts'
import { JournalFormat } from './errors.ts'
import type { NumberRange } from './marks.ts'

export interface ReadRequest {
  /** Last number the reader has. */
  after: number
  /** Last number on disk. */
  newest: number
  limit: number
  limitBytes: number
}

/**
 * Reads a batch from disk. Each block names the last number before it, so whatever is missing between two readable blocks (a damaged
 * value, a storage block or a whole table gone) is told by number. Damage at the very end is reported in a batch of its own, without
 * deliveries. Null when there is nothing behind `after`.
 */
export async function readFromDisk(disk: Disk, request: ReadRequest): Promise<JournalBatch | null> {
  const { after, newest, limit, limitBytes } = request
  const walk = createWalk(disk, await startingAt(disk, after), newest)
  const deliveries: JournalledDelivery[] = []
  const damaged: NumberRange[] = []
  let position = after
  let bytes = 0
  try {
    while (deliveries.length < limit && bytes < limitBytes) {
      const found = await walk.next()
      if (found === null) break
      const { header, block } = found
      if (header.previous > position) damaged.push({ first: position + 1, last: header.previous })
      readDeliveries(block, header, position, limit - deliveries.length, deliveries)
      position = Math.max(position, deliveries[deliveries.length - 1]?.number ?? 0)
      bytes += block.length
    }
  } finally {
    await walk.close()
  }
  if (deliveries.length > 0) return { deliveries, damaged, cursor: position }
  if (position >= newest) return null
  return { deliveries, damaged: [{ first: position + 1, last: newest }], cursor: newest }
}

/** First number after what retention took, and last number on disk; 0 when there is none. Unreadable ends are walked past. */
export async function whatIsKept(disk: Disk): Promise<{ first: number; last: number }> {
  const cursor = disk.cursor(0)
  try {
    const oldest = await cursor.next().catch(unlessDamaged)
    const newest = await disk.before(Number.MAX_SAFE_INTEGER).catch(unlessDamaged)
    const header = newest === null ? null : readHeader(newest.block)
    const count = header === null || typeof header === 'string' ? 1 : header.count
    return { first: oldest?.first ?? 1, last: newest === null ? 0 : newest.first + count - 1 }
  } finally {
    await cursor.close()
  }
}

function unlessDamaged(error: unknown): null {
  if (isDamage(error)) return null
  throw error
}

interface Found {
  header: BlockHeader
  block: Buffer
}

/** First number of the block that holds `after + 1`, or `after + 1` where that block cannot be found. */
async function startingAt(disk: Disk, after: number): Promise<number> {
  try {
    const entry = await disk.before(after + 1)
    return entry !== null && check(entry) !== null ? entry.first : after + 1
  } catch (error) {
    if (isDamage(error)) return after + 1
    throw error
  }
}

/** Walks the readable, intact blocks from `start` in order, round what the storage engine cannot read. */
export function createWalk(disk: Disk, start: number, newest: number) {
  let cursor: Cursor = disk.cursor(start)
  let from = start

  async function step(): Promise<Entry | null> {
    for (;;) {
      try {
        return await cursor.next()
      } catch (error) {
        if (!isDamage(error)) throw error
        await cursor.close()
        // The engine reads ahead: what it had not handed out yet may well be readable.
        const next = (await readable(disk, from)) ? from : await firstReadable(disk, from, newest)
        if (next === null) return null
        from = next
        cursor = disk.cursor(from)
      }
    }
  }

  return {
    async next(): Promise<Found | null> {
      for (let entry = await step(); entry !== null && entry.first <= newest; entry = await step()) {
        from = entry.first + 1
        const header = check(entry)
        if (header !== null) return { header, block: entry.block }
      }
      return null
    },
    close: () => cursor.close(),
  }
}

/** The header of an intact block, null for a damaged one. */
function check(entry: Entry): BlockHeader | null {
  const header = readHeader(entry.block)
  if (header === 'newer') throw new JournalFormat('reading the journal: a newer release wrote to it; use that release')
  return header !== 'damaged' && header.first === entry.first && intact(entry.block) ? header : null
}

/** The lowest number above `from` from which the storage engine reads on; null when it reads nothing more. Gallops, then halves. */
async function firstReadable(disk: Disk, from: number, newest: number): Promise<number | null> {
  let bad = from
  let good = from
  for (let stride = 1; good === from; stride *= 2) {
    const probe = Math.min(bad + stride, newest + 1)
    if (await readable(disk, probe)) good = probe
    else if (probe > newest) return null
    else bad = probe
  }
  while (good - bad > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (await readable(disk, middle)) good = middle
    else bad = middle
  }
  return good
}

async function readable(disk: Disk, from: number): Promise<boolean> {
  const cursor = disk.cursor(from)
  try {
    await cursor.next()
    return true
  } catch (error) {
    if (isDamage(error)) return false
    throw error
  } finally {
    await cursor.close()
  }
}
