import { constants, copyFile, open } from 'node:fs/promises'
import path from 'node:path'
import type { Live } from './live.ts'
import type { Maintenance } from './maintain.ts'

/**
 * Copies the file, and its log where there is one, while nobody writes: commits wait for as long as it takes, about a second a gigabyte,
 * and the journal keeps what arrives. DuckDB works the log in when the copy is opened.
 */
export function createCopyTo(live: Live, maintenance: Maintenance, file: string): (folder: string) => Promise<void> {
  return (folder) =>
    maintenance.without(async () => {
      const { engine } = await live.opened()
      await engine.alone(`copying ${file}`, async (session) => {
        // Somebody who reads an older state keeps the log from being worked in; then it is copied too.
        await session.run('CHECKPOINT').catch(() => undefined)
        await copySynced(file, folder)
        await copySynced(`${file}.wal`, folder).catch(unlessMissing)
      })
    })
}

async function copySynced(file: string, folder: string): Promise<void> {
  const copy = path.join(folder, path.basename(file))
  await copyFile(file, copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  const handle = await open(copy, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
