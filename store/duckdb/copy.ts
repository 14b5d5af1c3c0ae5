import { constants, copyFile, open } from 'node:fs/promises'
import path from 'node:path'
import { StoreUnavailable } from '../errors.ts'
import type { Live } from './live.ts'
import type { Maintenance } from './maintain.ts'
import { verifyStoreIn } from './verify.ts'

/**
 * Copies the file, and its log where there is one, while nobody writes: commits wait for as long as it takes, about a second a gigabyte,
 * and the journal keeps what arrives. DuckDB works the log in when the copy is opened. The copy is then read from end to end: where it
 * is damaged, the file itself is read, so that readiness tells when it is that.
 */
export function createCopyTo(
  live: Live,
  maintenance: Maintenance,
  file: string,
  verify: () => Promise<void>,
): (folder: string) => Promise<void> {
  return async (folder) => {
    await maintenance.without(async () => {
      const { engine } = await live.opened()
      await engine.alone(`copying ${file}`, async (session) => {
        // Somebody who reads an older state keeps the log from being worked in; then it is copied too.
        await session.run('CHECKPOINT').catch((error: unknown) => void engine.explain(`copying ${file}`, error))
        await copySynced(file, folder)
        await copySynced(`${file}.wal`, folder).catch(unlessMissing)
      })
    })
    await verifyStoreIn(folder).catch(async (cause: unknown) => {
      await verify()
      throw new StoreUnavailable(`copying ${file}: the file is sound, its copy in ${folder} is not; look at that disk`, { cause })
    })
  }
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
