import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { ClassicLevel } from 'classic-level'
import { blockKey, numberOf } from './block.ts'
import { JournalLocked, JournalUnavailable } from './errors.ts'
import { findDamagedTables, putAside } from './tables.ts'

type Level = ClassicLevel<Buffer, Buffer>

/** A block as it lies on disk, under the number in its key. */
export interface Entry {
  first: number
  block: Buffer
}

export interface Cursor {
  /** Null at the end. Throws LEVEL_CORRUPTION where the storage engine cannot read on. */
  next(): Promise<Entry | null>
  close(): Promise<void>
}

/** The blocks in LevelDB: one key a block, the number of its first delivery. */
export interface Disk {
  /** Resolves after fdatasync. The block's bytes are copied before the call returns. */
  put(first: number, block: Buffer): Promise<void>
  /** Blocks whose first number is `from` or more, in order. */
  cursor(from: number): Cursor
  /** The last block whose first number is `at` or less. Throws as `Cursor.next` does. */
  before(at: number): Promise<Entry | null>
  /** Many blocks at once, one sync: for a copy. */
  putAll(blocks: readonly Entry[]): Promise<void>
  /** About the bytes on disk of the blocks numbered `from` to `to`. */
  size(from: number, to: number): Promise<number>
  /** Takes the blocks numbered `from` to `to` away. */
  drop(from: number, to: number): Promise<void>
  /** Gives the room of dropped blocks back to the file system. */
  reclaim(from: number, to: number): Promise<void>
  /** Closes and opens again after a failed write. `repair` rebuilds the files from all that can be read; also done when they do not open. */
  reopen(repair: boolean): Promise<void>
  close(): Promise<void>
}

/**
 * Measured with 250-byte deliveries in blocks of 100 and of 1,000: compression costs 0.5 us a delivery and makes one flipped bit cost a whole
 * storage block instead of one value, so it is off. A write buffer of 16 MB acknowledges no faster than one of 4 (docs/measurements.md); up to twice its
 * size is in memory while a table is written.
 */
const options = { compression: false, writeBufferSize: 4 << 20, maxFileSize: 8 << 20, cacheSize: 1 << 20 }
const readBytes = 1 << 20

/** Opens or makes the blocks. Throws JournalLocked or JournalUnavailable. */
export async function openDisk(folder: string): Promise<Disk> {
  let db = await open(folder, false)
  const first = (entry: [Buffer, Buffer] | undefined): Entry | null =>
    entry === undefined ? null : { first: numberOf(entry[0]), block: entry[1] }
  return {
    put: (number, block) => db.put(blockKey(number), block, { sync: true }),
    putAll: (blocks) =>
      db.batch(
        blocks.map(({ first, block }) => ({ type: 'put', key: blockKey(first), value: block })),
        { sync: true },
      ),
    cursor(from) {
      const iterator = db.iterator({ gte: blockKey(from), highWaterMarkBytes: readBytes })
      return { next: async () => first(await iterator.next()), close: () => iterator.close() }
    },
    async before(at) {
      const iterator = db.iterator({ lte: blockKey(at), reverse: true, limit: 1 })
      try {
        return first(await iterator.next())
      } finally {
        await iterator.close()
      }
    },
    size: (from, to) => db.approximateSize(blockKey(from), blockKey(to + 1)),
    drop: (from, to) => db.clear({ gte: blockKey(from), lte: blockKey(to) }),
    reclaim: (from, to) => db.compactRange(blockKey(from), blockKey(to + 1)),
    async reopen(repair) {
      await db.close().catch(() => undefined)
      db = await open(folder, repair)
    },
    close: () => db.close(),
  }
}

async function open(folder: string, repair: boolean): Promise<Level> {
  try {
    return await openSound(folder, repair)
  } catch (error) {
    const code = causeCode(error)
    if (code === 'LEVEL_CORRUPTION' && !repair) return open(folder, true)
    if (code === 'LEVEL_LOCKED') {
      throw new JournalLocked(`opening the journal in ${folder}: another process has it open; stop that one or use another data folder`, {
        cause: error,
      })
    }
    throw new JournalUnavailable(`opening the journal in ${folder}: the disk refused; look at its state and its free space`, {
      cause: error,
    })
  }
}

/** Opens after damaged tables are put aside; what could be read of them is written again. */
async function openSound(folder: string, repair: boolean): Promise<Level> {
  const damaged = await findDamagedTables(folder)
  if (damaged.length > 0) {
    // Nothing is moved under another owner: opening takes the lock.
    await tryOpen(folder).then((db) => db.close(), unlessCorrupt)
    for (const table of damaged) await putAside(table, path.join(path.dirname(folder), 'damaged'))
  }
  if (repair || damaged.length > 0) await ClassicLevel.repair(folder)
  const db = await tryOpen(folder)
  for (const table of damaged)
    await db.batch(
      table.saved.map((entry) => ({ type: 'put', ...entry })),
      { sync: true },
    )
  return db
}

function unlessCorrupt(error: unknown): void {
  if (causeCode(error) !== 'LEVEL_CORRUPTION') throw error
}

async function tryOpen(folder: string): Promise<Level> {
  const db: Level = new ClassicLevel(folder, { keyEncoding: 'buffer', valueEncoding: 'buffer', ...options })
  await db.open()
  return db
}

/** Whether the storage engine said that bytes are damaged, as against a disk that does not answer. */
export function isDamage(error: unknown): boolean {
  return causeCode(error) === 'LEVEL_CORRUPTION'
}

function causeCode(error: unknown): string | null {
  for (let e = error; typeof e === 'object' && e !== null; e = (e as { cause?: unknown }).cause) {
    const code = (e as { code?: unknown }).code
    if (code === 'LEVEL_CORRUPTION' || code === 'LEVEL_LOCKED' || code === 'LEVEL_IO_ERROR') return code
  }
  return null
}

/** Free bytes of the file system that holds a folder. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
