import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { CommandError } from '../errors.ts'

/** Lies in a backup as `manifest.json`, written last: a folder without one is no backup. */
export const Manifest = Type.Object(
  {
    format: Type.Literal(1),
    /** Release that made it. */
    release: Type.String(),
    /** When it was begun, epoch ms: everything acknowledged before is in it. */
    at: Type.Integer(),
    /** Newest delivery of the journal in it. */
    newest: Type.Integer(),
    files: Type.Array(
      Type.Object({
        /** Relative, with `/`. */
        path: Type.String({ pattern: '^(?!/)(?!.*\\.\\.)[^\\\\]+$' }),
        bytes: Type.Integer({ minimum: 0 }),
        sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      }),
    ),
  },
  { additionalProperties: false },
)
export type Manifest = Static<typeof Manifest>

export const manifestName = 'manifest.json'

/** Every file of a folder with its checksum, in order of its path; the manifest itself is left out. */
export async function listFiles(folder: string): Promise<Manifest['files']> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  const files: Manifest['files'] = []
  for (const place of paths.filter((name) => name !== manifestName).sort())
    files.push({ path: place.split(path.sep).join('/'), ...(await checksum(path.join(folder, place))) })
  return files
}

/** Reads the manifest of a backup and holds every file against it. Throws `backup-damaged` with what is missing or differs. */
export async function verifyBackup(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder)
  const found = new Map((await listFiles(folder)).map((file) => [file.path, file]))
  const wrong = manifest.files.flatMap((file) => {
    const there = found.get(file.path)
    if (there === undefined) return `${file.path} is missing`
    return there.sha256 === file.sha256 ? [] : `${file.path} differs from what was written`
  })
  if (wrong.length > 0) throw damaged(folder, `${wrong.join('; ')}; use another backup`)
  return manifest
}

async function readManifest(folder: string): Promise<Manifest> {
  let found: unknown
  try {
    found = JSON.parse(await readFile(path.join(folder, manifestName), 'utf8'))
  } catch (cause) {
    throw damaged(folder, `it has no readable ${manifestName}, so it is no finished backup; name the folder that \`backup\` made`, cause)
  }
  if (Value.Check(Manifest, found)) return found
  throw damaged(folder, `its ${manifestName} is none of this release's; restore it with the release that made it`)
}

async function checksum(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return { bytes: (await stat(file)).size, sha256: hash.digest('hex') }
}

function damaged(folder: string, why: string, cause?: unknown): CommandError {
  return new CommandError('backup-damaged', `reading the backup ${folder}: ${why}`, 1, { cause })
}
