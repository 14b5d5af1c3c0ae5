import { open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { JournalFormat } from './errors.ts'

/** A range of delivery numbers, both ends included. */
export interface NumberRange {
  first: number
  last: number
}

/** What must outlive the blocks themselves, in `journal.json` beside them. */
export interface Marks {
  format: 1
  /** No number above this was ever given out. */
  reserved: number
  /** Last number on disk when the marks were written; the last of all after a clean end. */
  newest: number
  /** Retention has taken the blocks up to this number away. */
  trimmed: number
  /** Ranges found damaged so far, in order; the newest thousand. */
  damaged: NumberRange[]
  damagedCount: number
}

const name = 'journal.json'
const most = 1_000

/** Reads the marks; null when there are none or they cannot be read. Throws JournalFormat for a newer release's. */
export async function readMarks(folder: string): Promise<Marks | null> {
  let found: unknown
  try {
    found = JSON.parse(await readFile(path.join(folder, name), 'utf8'))
  } catch {
    return null
  }
  if (typeof found !== 'object' || found === null) return null
  const { format, reserved, newest, trimmed, damaged, damagedCount } = found as Partial<Omit<Marks, 'format'>> & { format?: number }
  if (typeof format !== 'number' || typeof reserved !== 'number' || typeof trimmed !== 'number') return null
  if (format !== 1)
    throw new JournalFormat(`opening the journal in ${folder}: its format is ${format}, this release knows 1; use a newer one`)
  return { format, reserved, newest: newest ?? 0, trimmed, damaged: damaged ?? [], damagedCount: damagedCount ?? 0 }
}

/** Resolves when the marks are on disk: written beside, synced, renamed over the old ones. */
export async function writeMarks(folder: string, marks: Marks): Promise<void> {
  const place = path.join(folder, name)
  const file = await open(`${place}.new`, 'w')
  try {
    await file.writeFile(JSON.stringify(marks))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${place}.new`, place)
  const directory = await open(folder, 'r')
  // A directory cannot be synced on Windows; the rename is durable there.
  await directory.sync().catch(() => undefined)
  await directory.close()
}

/** Adds a damaged range unless it is known; returns how many numbers were new. */
export function noteDamage(marks: Marks, range: NumberRange): number {
  if (marks.damaged.some((known) => known.first <= range.first && known.last >= range.last)) return 0
  marks.damaged.push({ first: range.first, last: range.last })
  if (marks.damaged.length > most) marks.damaged.shift()
  const count = range.last - range.first + 1
  marks.damagedCount += count
  return count
}
