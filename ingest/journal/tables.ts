import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { readdir, rename, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { headerBytes, numberOf, readHeader } from './block.ts'

/**
 * The storage engine's table files, looked at before it opens them. The engine verifies no checksums through this binding and is built with
 * its assertions on: a flipped bit in the frame of a table (keys, lengths, index) would end the process, at every start anew. So the frame
 * is walked here; a table that does not hold together is put aside and what can be read of it is written again. The values are not
 * looked into: each block has its own CRC.
 *
 * Format: LevelDB's doc/table_format.md. A table ends in a footer of 48 bytes that points to the index, whose entries point to the data
 * blocks. A block is entries (shared, unshared and value length as varints; key rest; value), restart offsets, their count; behind it
 * stand a byte of compression (0: none) and a CRC-32C.
 */
const footerBytes = 48
const trailerBytes = 5
const tableMagic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]
/** 8 bytes of ours, 7 of sequence, 1 of kind. */
const keyBytes = 16
const putKind = 1

export interface TableEntry {
  key: Buffer
  value: Buffer
}

/** The bytes of a table, read where they are asked for. */
export interface TableBytes {
  length: number
  /** Bytes that lie within the table; valid until the next call. */
  read(at: number, length: number): Buffer
}

export const inMemory = (table: Buffer): TableBytes => ({ length: table.length, read: (at, length) => table.subarray(at, at + length) })

export interface DamagedTable {
  file: string
  /** What could be read of it. */
  saved: TableEntry[]
}

/** Tables in `folder` that do not hold together. Reads only. */
export async function findDamagedTables(folder: string): Promise<DamagedTable[]> {
  const names = await readdir(folder).catch(() => [])
  const damaged: DamagedTable[] = []
  const window = Buffer.allocUnsafeSlow(windowBytes)
  for (const name of names.filter((one) => one.endsWith('.ldb') || one.endsWith('.sst'))) {
    const found = lookInto(path.join(folder, name), window)
    if (found !== null) damaged.push(found)
  }
  return damaged
}

const windowBytes = 64 << 10

/** Null when the table is sound, and when the disk does not read it: the engine says that better. */
function lookInto(file: string, window: Buffer): DamagedTable | null {
  let handle: number | null = null
  try {
    handle = openSync(file, 'r')
    const table = onDisk(handle, window)
    const { sound, entries } = checkTable(table)
    return sound ? null : { file, saved: entries.map(({ key, at, length }) => ({ key, value: Buffer.from(table.read(at, length)) })) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    return null
  } finally {
    if (handle !== null) closeSync(handle)
  }
}

/**
 * Reads through a window: most of a table are values, which are jumped over. A journal of 580 MB is looked through in 0.1 s; whole files took
 * 0.8 s of each start.
 */
function onDisk(file: number, window: Buffer): TableBytes {
  const { size } = fstatSync(file)
  let [from, filled] = [0, 0]
  return {
    length: size,
    read(at, length) {
      if (length > window.length) return readFully(file, Buffer.allocUnsafe(length), at)
      if (at < from || at + length > from + filled) [from, filled] = [at, readFully(file, window, at).length]
      return window.subarray(at - from, Math.min(filled, at - from + length))
    },
  }
}

/** Fills `into` from `at` on, as far as the file goes. */
function readFully(file: number, into: Buffer, at: number): Buffer {
  let filled = 0
  for (let read = -1; read !== 0 && filled < into.length; filled += read)
    read = readSync(file, into, filled, into.length - filled, at + filled)
  return into.subarray(0, filled)
}

/** Moves a table out of the engine's sight, for examination. */
export async function putAside(table: DamagedTable, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await rename(table.file, path.join(folder, path.basename(table.file)))
}

/** An entry whose value stands at `at`. */
interface FoundEntry {
  key: Buffer
  at: number
  length: number
}

/** Walks a table. `entries` are the blocks of deliveries whose key and header agree; all of them when it is sound. */
export function checkTable(table: TableBytes): { sound: boolean; entries: FoundEntry[] } {
  const index = findIndex(table)
  if (index === null) return { sound: false, entries: [] }
  const entries: FoundEntry[] = []
  let sound = true
  let lowest: Buffer | null = null
  for (const { key: highest, at, length } of index) {
    const handle = readHandle(table.read(at, length), 0)
    const block = handle && blockAt(table, handle)
    const found = block && block.compression === 0 ? entriesOf(table, block) : null
    if (!found || !inOrder(found, lowest, highest)) sound = false
    else {
      const whole = found.filter((entry) => agrees(table, entry))
      if (whole.length < found.length) sound = false
      for (const entry of whole) if (entry.key[8] === putKind) entries.push({ ...entry, key: entry.key.subarray(0, 8) })
    }
    lowest = highest
  }
  return { sound, entries }
}

/** A key is that of its value: the header of a block of deliveries holds the number too. Deletions have no value. */
function agrees(table: TableBytes, { key, at, length }: FoundEntry): boolean {
  if (key[8] !== putKind) return length === 0
  const header = readHeader(table.read(at, Math.min(length, headerBytes)))
  return typeof header !== 'string' && header.first === numberOf(key)
}

function findIndex(table: TableBytes): FoundEntry[] | null {
  if (table.length < footerBytes) return null
  const footer = Buffer.from(table.read(table.length - footerBytes, footerBytes))
  if (tableMagic.some((byte, i) => footer[footerBytes - 8 + i] !== byte)) return null
  const meta = readHandle(footer, 0)
  const handle = meta && readHandle(footer, meta.end)
  const block = handle && blockAt(table, handle)
  if (!block || block.compression !== 0 || block.checksum !== crc32c(table.read(block.at, block.length + 1))) return null
  return entriesOf(table, block)
}

interface Handle {
  offset: number
  size: number
  end: number
}

function readHandle(bytes: Buffer, at: number): Handle | null {
  const offset = readVarint(bytes, at)
  const size = offset && readVarint(bytes, offset.end)
  return offset && size ? { offset: offset.value, size: size.value, end: size.end } : null
}

/** Where the contents of a block stand; its checksum covers them and the byte of compression. */
interface TableBlock {
  at: number
  length: number
  compression: number | undefined
  checksum: number
}

function blockAt(table: TableBytes, { offset, size }: Handle): TableBlock | null {
  if (offset + size + trailerBytes > table.length) return null
  const trailer = table.read(offset + size, trailerBytes)
  return { at: offset, length: size, compression: trailer[0], checksum: unmask(trailer.readUInt32LE(1)) }
}

/** What stands before an entry's value: three varints, and at most the key. */
const entryHeadBytes = 3 * 7 + keyBytes

/** The entries of a block, null when it does not hold together. */
function entriesOf(table: TableBytes, block: TableBlock): FoundEntry[] | null {
  if (block.length < 4) return null
  const restarts = table.read(block.at + block.length - 4, 4).readUInt32LE(0)
  const end = block.at + block.length - 4 - 4 * restarts
  if (restarts < 1 || end < block.at) return null
  const starts = new Set<number>()
  const entries: FoundEntry[] = []
  let before: Buffer = Buffer.alloc(0)
  for (let at = block.at; at < end;) {
    const head = table.read(at, Math.min(entryHeadBytes, end - at))
    const shared = readVarint(head, 0)
    const rest = shared && readVarint(head, shared.end)
    const length = rest && readVarint(head, rest.end)
    if (!length || shared.value > before.length) return null
    const valueAt = at + length.end + rest.value
    if (valueAt + length.value > end) return null
    if (shared.value === 0) starts.add(at - block.at)
    const key = Buffer.concat([before.subarray(0, shared.value), table.read(at + length.end, rest.value)])
    entries.push({ key, at: valueAt, length: length.value })
    before = key
    at = valueAt + length.value
  }
  for (let i = 0; i < restarts; i++) if (!starts.has(table.read(end + 4 * i, 4).readUInt32LE(0)) && end > block.at) return null
  return entries
}

/** Keys of ours, growing, above the block before and not above the index's key. */
function inOrder(entries: readonly FoundEntry[], lowest: Buffer | null, highest: Buffer): boolean {
  let before = lowest
  for (const { key } of entries) {
    if (key.length !== keyBytes || (before !== null && compareKeys(before, key) > 0)) return false
    before = key
  }
  return before === null || compareKeys(before, highest) <= 0
}

/** The engine orders one key's versions newest first; ours are written once, so the user's part is enough. An index key may be shorter. */
function compareKeys(a: Buffer, b: Buffer): number {
  return Buffer.compare(a.subarray(0, Math.max(0, a.length - 8)), b.subarray(0, Math.max(0, b.length - 8)))
}

function readVarint(bytes: Buffer, at: number): { value: number; end: number } | null {
  let value = 0
  for (let scale = 1; scale <= 2 ** 42; scale *= 128) {
    const byte = bytes[at++]
    if (byte === undefined) return null
    value += (byte & 127) * scale
    if (byte < 128) return { value, end: at }
  }
  return null
}

/** LevelDB rotates a stored CRC and adds a constant. */
function unmask(stored: number): number {
  const rotated = (stored - 0xa282ead8) >>> 0
  return ((rotated << 15) | (rotated >>> 17)) >>> 0
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc >>> 0
})

/** CRC-32C (Castagnoli), for index blocks only: they are small. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 255] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}
