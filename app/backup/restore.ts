import { cp, readdir, rename, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { verifyStoreIn } from '../../store/duckdb/verify.ts'
import { CommandError } from '../errors.ts'
import { manifestName, verifyBackup, type Manifest } from './manifest.ts'

/**
 * Makes a data folder from a backup after every file's checksum was found right and the store in it could be read from end to end. The
 * folder appears when it is whole. Throws `backup-damaged`, or `backup-refused` when the data folder holds something.
 */
export async function restoreBackup(from: string, data: string): Promise<Manifest> {
  const held = await readdir(data).catch(() => null)
  if (held !== null && held.length > 0)
    throw new CommandError('backup-refused', `restoring into ${data}: it holds data; move it away, or name another folder with --data`, 1)
  const manifest = await verifyBackup(from)
  const draft = `${path.resolve(data)}.part`
  await rm(draft, { recursive: true, force: true })
  await cp(from, draft, { recursive: true, preserveTimestamps: true, filter: (file) => path.basename(file) !== manifestName })
  try {
    await verifyStoreIn(draft)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('backup-damaged', `reading the store of the backup ${from}: ${why}; use another backup`, 1, { cause })
  }
  if (held !== null) await rmdir(data)
  await rename(draft, data)
  return manifest
}
