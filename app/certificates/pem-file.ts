import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { Pair } from './mint.ts'

/** Reads a key and its certificate from one file; null when there is none. */
export function readPair(file: string): Pair | null {
  if (!existsSync(file)) return null
  const text = readFileSync(file, 'utf8')
  const block = (name: string): string => new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----\n`).exec(text)?.[0] ?? ''
  return { key: block('PRIVATE KEY'), certificate: block('CERTIFICATE') }
}

/** Keeps a key and its certificate in one file that only its owner may read; it appears whole and synced, or not at all. */
export function writePair(file: string, { key, certificate }: Pair): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = openSync(`${file}.new`, 'w', 0o600)
  try {
    writeSync(draft, `${key}${certificate}`)
    fsyncSync(draft)
  } finally {
    closeSync(draft)
  }
  renameSync(`${file}.new`, file)
}
