import { randomBytes } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { openingBytes } from './config.ts'
import { freeBytesOf } from './disk.ts'

/**
 * Room that is kept in a file, so that a full disk does not keep the system from starting: the storage engine writes its log of up to 4 MB
 * anew before it opens, and sessions, store and server.json want a few pages. On a full disk the file goes, at the start or when the
 * journal cannot be opened again; nobody is acknowledged then (`journal.minFreeBytes` is at least as much), so the journal does not fill
 * what it left. It is made again when there is room for it beside what the disk must keep.
 */
export interface Reserve {
  /** Takes the file away when the disk has less than it free; true when it went. */
  release(): Promise<boolean>
  /** Makes it when it is not there and the disk has room for it beside `keepFree`. Resolves also where the disk refuses. */
  make(keepFree: number): Promise<void>
}

const pieceBytes = 1_000_000

/** @param folder of the journal, which may not be there yet */
export function createReserve(folder: string, bytes = openingBytes, freeBytes = freeBytesOf): Reserve {
  const file = path.join(folder, 'reserve')
  const draft = `${file}.new`
  let making: Promise<void> | null = null

  async function fill(): Promise<void> {
    const handle = await open(draft, 'w', 0o600)
    try {
      // a file system that packs zeros would keep no room for them
      const piece = randomBytes(pieceBytes)
      for (let at = 0; at < bytes; at += pieceBytes) await handle.write(piece, 0, Math.min(pieceBytes, bytes - at), at)
      await handle.sync()
      await rename(draft, file)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    } finally {
      await handle.close()
    }
  }

  return {
    release: async () => {
      const free = await freeBytes(folder).catch(() => Infinity)
      if (free >= bytes) return false
      // one that a kill left half written has room too
      const held = (await sizeOf(file)) ?? (await sizeOf(draft))
      for (const one of [file, draft]) await rm(one, { force: true })
      return held !== null
    },
    make: async (keepFree) => {
      if ((await sizeOf(file)) === bytes || (await freeBytes(folder).catch(() => 0)) < keepFree + bytes) return
      making ??= fill().finally(() => (making = null))
      await making.catch(() => undefined)
    },
  }
}

const sizeOf = (file: string): Promise<number | null> =>
  stat(file).then(
    ({ size }) => size,
    () => null,
  )
