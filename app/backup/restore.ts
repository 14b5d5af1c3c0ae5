import { cp, readdir, rename, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { CommandError } from '../errors.ts'
import { manifestName, verifyBackup, type Manifest } from './manifest.ts'

/**
 * Makes a data folder from a backup after every file's checksum was found right. The folder appears when it is whole. Throws
 * `backup-damaged`, or `backup-refused` when the data folder holds something.
 */
export async function restoreBackup(from: string, data: string): Promise<Manifest> {
  const held = await readdir(data).catch(() => null)
  if (held !== null && held.length > 0)
    throw new CommandError('backup-refused', `restoring into ${data}: it holds data; move it away, or name another folder with --data`, 1)
  const manifest = await verifyBackup(from)
  const draft = `${path.resolve(data)}.part`
  await rm(draft, { recursive: true, force: true })
  await cp(from, draft, { recursive: true, preserveTimestamps: true, filter: (file) => path.basename(file) !== manifestName })
  if (held !== null) await rmdir(data)
  await rename(draft, data)
  return manifest
}
