import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openDuckdbStore } from '../duckdb/store.ts'
import { duckdbConfig } from './duckdb.ts'

/** Blocks of DuckDB lie behind three headers. */
const [headers, blockBytes] = [3 * 4_096, 262_144]

/** Where the blocks of a file begin. */
export function blocksOf(file: string): number[] {
  const { length } = readFileSync(file)
  return Array.from({ length: Math.floor((length - headers) / blockBytes) }, (_, i) => headers + i * blockBytes)
}

/** Flips three bytes of a block. */
export function flipIn(file: string, block: number): void {
  const bytes = readFileSync(file)
  for (const at of [1_000, 1_001, 5_000]) bytes.writeUInt8(bytes.readUInt8(block + at) ^ 0x55, block + at)
  writeFileSync(file, bytes)
}

/** Damages the store of a folder so that it opens all the same: in a block that nobody reads at the start. Throws when there is none. */
export async function damageUnread(folder: string): Promise<void> {
  const file = path.join(folder, 'gauge.duckdb')
  for (const block of blocksOf(file)) {
    const trial = mkdtempSync(path.join(os.tmpdir(), 'gauge-store-'))
    cpSync(file, path.join(trial, 'gauge.duckdb'))
    flipIn(path.join(trial, 'gauge.duckdb'), block)
    const isMet = await isMetByReading(trial)
    rmSync(trial, { recursive: true })
    if (isMet) return flipIn(file, block)
  }
  throw new Error(`damaging ${file}: none of its blocks is left unread at the start`)
}

/** Whether the store opens, and only reading all of it meets the damage. */
async function isMetByReading(folder: string): Promise<boolean> {
  const store = await openDuckdbStore({ folder, config: duckdbConfig() }).catch(() => null)
  if (store === null) return false
  const isMet = await store.verify().then(
    () => false,
    () => true,
  )
  await store.close()
  return isMet
}
