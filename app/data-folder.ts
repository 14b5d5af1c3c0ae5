import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CommandError } from './errors.ts'

/** How the parts of a data folder lie in it. Each part (journal, store, sessions) has a format of its own inside. */
const format = 1

interface FormatFile {
  format: number
  /** Release that made the folder or brought it up to date last. */
  release: string
  /** Where its readings are (`store.engine`); absent in folders from before it was noted. */
  engine?: string
}

/**
 * Makes the data folder, for its owner only, or checks that this release knows its format. A folder of a newer one is refused before
 * anything in it is touched, and so is one whose readings are with another engine: `data-format`, exit 3. A folder from before there was a
 * format file is of format 1.
 */
export function prepareDataFolder(folder: string, release: string, engine: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = formatFile(folder)
  const found = existsSync(file) ? readFormat(file) : null
  if (found !== null && found.format > format)
    throw new CommandError(
      'data-format',
      `opening ${folder}: release ${found.release} made it (format ${found.format}, this one knows ${format}); use that release, or another --data`,
      3,
    )
  if (found?.engine !== undefined && found.engine !== engine)
    throw new CommandError(
      'data-format',
      `opening ${folder}: its readings are with store.engine ${found.engine}, and ${engine} is asked for; give the configuration that it is served with (--config), or another --data`,
      3,
    )
  if (found?.release === release && found.engine !== undefined) return
  writeFileSync(`${file}.new`, `${JSON.stringify({ format, release, engine } satisfies FormatFile)}\n`)
  renameSync(`${file}.new`, file)
}

const formatFile = (folder: string): string => path.join(folder, 'format.json')

/** Whether a release has used the folder before. */
export const isDataFolder = (folder: string): boolean => existsSync(formatFile(folder))

function readFormat(file: string): FormatFile {
  try {
    const { format, release, engine } = JSON.parse(readFileSync(file, 'utf8')) as Partial<FormatFile>
    if (typeof format === 'number') return { format, release: release ?? 'unknown', ...(engine !== undefined && { engine }) }
  } catch {
    // said below
  }
  throw new CommandError(
    'data-format',
    `opening ${file}: it is unreadable; write {"format":1,"release":"0.1.0"} into it, or restore a backup`,
    3,
  )
}
