import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { JournalConfig } from './config.ts'
import { openDisk } from './disk.ts'
import { LevelJournal, type DiskJournal, type JournalParts } from './journal.ts'
import { reserveAhead } from './mark-keeper.ts'
import { readMarks } from './marks.ts'
import { whatIsKept } from './reader.ts'
import { findSegments, Segments } from './segments.ts'
import { Tip } from './tip.ts'

/** Opens or makes a journal. Throws JournalLocked, JournalFormat or JournalUnavailable. */
export async function openJournal(parts: JournalParts): Promise<DiskJournal> {
  await mkdir(parts.path, { recursive: true })
  const marks = await readMarks(parts.path)
  const disk = await openDisk(path.join(parts.path, 'blocks'))
  const kept = await whatIsKept(disk)
  const tip = new Tip(parts.path)
  // Where the end of the files cannot be read, marks and tip still know what was there: reading names it as damaged.
  const newest = Math.max(kept.last, marks?.newest ?? 0, tip.read())
  const reserved = marks?.reserved ?? (kept.last > 0 ? kept.last + reserveAhead : 0)
  const next = Math.max(newest, reserved, parts.after ?? 0) + 1
  const journal = new LevelJournal(parts, disk, {
    marks: marks ?? { format: 1, reserved, newest, trimmed: Math.max(0, kept.first - 1), damaged: [], damagedCount: 0 },
    ...{ newest, next, tip },
    segments: new Segments(segmentBytes(parts.config), await findSegments(disk, kept.first, kept.last, segmentBytes(parts.config))),
  })
  await journal.start()
  return journal
}

const segmentBytes = (config: JournalConfig): number => Math.min(16 << 20, Math.ceil(config.maxBytes / 64))
