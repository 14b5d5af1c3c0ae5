import { readdir, readFile, rename, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { numberOf, readHeader } from './block.ts'

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

export interface DamagedTable {
  file: string
  /** What could be read of it. */
  saved: TableEntry[]
}

/** Tables in `folder` that do not hold together. Reads only. */
export async function findDamagedTables(folder: string): Promise<DamagedTable[]> {
  const names = await readdir(folder).catch(() => [])
  const damaged: DamagedTable[] = []
  for (const name of names.filter((one) => one.endsWith('.ldb') || one.endsWith('.sst'))) {
    const file = path.join(folder, name)
    const bytes = await readFile(file).catch(() => null)
    const checked = bytes === null ? null : checkTable(bytes)
    if (checked && !checked.sound) damaged.push({ file, saved: checked.entries.map(copy) })
  }
  return damaged
}

/** Moves a table out of the engine's sight, for examination. */
export async function putAside(table: DamagedTable, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await rename(table.file, path.join(folder, path.basename(table.file)))
}

const copy = ({ key, value }: TableEntry): TableEntry => ({ key: Buffer.from(key), value: Buffer.from(value) })

/** Walks a table. `entries` are the blocks of deliveries whose key and header agree; all of them when it is sound. */
export function checkTable(file: Buffer): { sound: boolean; entries: TableEntry[] } {
  const index = findIndex(file)
  if (index === null) return { sound: false, entries: [] }
  const entries: TableEntry[] = []
  let sound = true
  let lowest: Buffer | null = null
  for (const { key: highest, value } of index) {
    const handle = readHandle(value, 0)
    const block = handle && blockAt(file, handle)
    const found = block && block.compression === 0 ? entriesOf(block.contents) : null
    if (!found || !inOrder(found, lowest, highest)) sound = false
    else {
      const whole = found.filter(agrees)
      if (whole.length < found.length) sound = false
      for (const entry of whole) if (entry.key[8] === putKind) entries.push({ key: entry.key.subarray(0, 8), value: entry.value })
    }
    lowest = highest
  }
  return { sound, entries }
}

/** A key is that of its value: the header of a block of deliveries holds the number too. Deletions have no value. */
function agrees({ key, value }: TableEntry): boolean {
  if (key[8] !== putKind) return value.length === 0
  const header = readHeader(value)
  return typeof header !== 'string' && header.first === numberOf(key)
}

function findIndex(file: Buffer): TableEntry[] | null {
  const footer = file.subarray(-footerBytes)
  if (footer.length < footerBytes || tableMagic.some((byte, i) => footer[footerBytes - 8 + i] !== byte)) return null
  const meta = readHandle(footer, 0)
  const handle = meta && readHandle(footer, meta.end)
  const block = handle && blockAt(file, handle)
  if (!block || block.compression !== 0 || block.checksum !== crc32c(block.checked)) return null
  return entriesOf(block.contents)
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

function blockAt(file: Buffer, { offset, size }: Handle) {
  const end = offset + size + trailerBytes
  if (end > file.length) return null
  return {
    contents: file.subarray(offset, offset + size),
    /** What the checksum covers: the contents and the byte of compression. */
    checked: file.subarray(offset, offset + size + 1),
    compression: file[offset + size],
    checksum: unmask(file.readUInt32LE(end - 4)),
  }
}

/** The entries of a block, null when it does not hold together. */
function entriesOf(block: Buffer): TableEntry[] | null {
  if (block.length < 4) return null
  const restarts = block.readUInt32LE(block.length - 4)
  const end = block.length - 4 - 4 * restarts
  if (restarts < 1 || end < 0) return null
  const starts = new Set<number>()
  const entries: TableEntry[] = []
  let before: Buffer = Buffer.alloc(0)
  for (let at = 0; at < end;) {
    const shared = readVarint(block, at)
    const rest = shared && readVarint(block, shared.end)
    const length = rest && readVarint(block, rest.end)
    if (!length || shared.value > before.length || length.end + rest.value + length.value > end) return null
    if (shared.value === 0) starts.add(at)
    const valueAt = length.end + rest.value
    const key = Buffer.concat([before.subarray(0, shared.value), block.subarray(length.end, valueAt)])
    entries.push({ key, value: block.subarray(valueAt, valueAt + length.value) })
    before = key
    at = valueAt + length.value
  }
  for (let i = 0; i < restarts; i++) if (!starts.has(block.readUInt32LE(end + 4 * i)) && end > 0) return null
  return entries
}

/** Keys of ours, growing, above the block before and not above the index's key. */
function inOrder(entries: readonly TableEntry[], lowest: Buffer | null, highest: Buffer): boolean {
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
