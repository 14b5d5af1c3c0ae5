import { cp, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { CommandError } from '../errors.ts'
import { listFiles, manifestName, type Manifest } from './manifest.ts'

/** The open parts of a data folder that can copy themselves. */
export interface BackupParts {
  /** The data folder. */
  data: string
  journal: { copyTo(folder: string): Promise<number> }
  store: { copyTo: ((folder: string) => Promise<void>) | null }
  sessions: { copySessions(folder: string): Promise<void> }
  now: () => number
  release: string
}

/** What open parts copy themselves, or what belongs to the running process only. */
const notCopied = /^(journal|sessions|spill|gauge\.duckdb.*|server\.json|cli-token|.*\.part)$/

/** A draft has another name before it can be copied. */
const isNoDraft = (file: string): boolean => !file.endsWith('.new')

/**
 * Copies a data folder while the system runs. The journal goes first, so that everything acknowledged before the beginning is in it,
 * stored or still on its way; then the store as of one commit, read again from end to end. It appears under its name when it is whole; of
 * one that failed nothing stays. Yields a line for each step. Throws `backup-refused` when the folder is there already, and what the parts
 * say: `store-corrupt` where the store's file is damaged.
 */
export async function* takeBackup(parts: BackupParts, to: string): AsyncGenerator<string, Manifest> {
  const draft = `${to}.part`
  await makeDraft(to, draft)
  try {
    const manifest = yield* fill(parts, draft)
    await rename(draft, to)
    return manifest
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined)
    throw error
  }
}

async function* fill(parts: BackupParts, draft: string): AsyncGenerator<string, Manifest> {
  const at = parts.now()
  yield 'journal'
  const newest = await parts.journal.copyTo(path.join(draft, 'journal'))
  yield 'store, copied and read again'
  await parts.store.copyTo?.(draft)
  yield 'sessions and settings'
  await parts.sessions.copySessions(path.join(draft, 'sessions'))
  for (const name of await readdir(parts.data))
    if (!notCopied.test(name))
      await cp(path.join(parts.data, name), path.join(draft, name), { recursive: true, preserveTimestamps: true, filter: isNoDraft })
  yield 'checksums'
  const manifest: Manifest = { format: 1, release: parts.release, at, newest, files: await listFiles(draft) }
  await writeFile(path.join(draft, manifestName), `${JSON.stringify(manifest, null, 2)}\n`)
  await syncAll(draft, [...manifest.files.map((file) => file.path), manifestName])
  return manifest
}

async function makeDraft(to: string, draft: string): Promise<void> {
  try {
    await mkdir(path.dirname(to), { recursive: true })
    const there = await readdir(to).catch(() => null)
    if (there !== null) throw new CommandError('backup-refused', `backing up to ${to}: it is there already; name a new folder`, 1)
    await mkdir(draft, { mode: 0o700 })
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    const why =
      (cause as NodeJS.ErrnoException).code === 'EEXIST' ? `${draft} is left of an earlier try; take it away first` : String(cause)
    throw new CommandError('backup-refused', `backing up to ${to}: ${why}`, 1, { cause })
  }
}

async function syncAll(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const handle = await open(path.join(folder, file), 'r+')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}
