import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { parseDuration } from '../../domain/time.ts'
import type { Delivery } from '../../domain/delivery.ts'
import type { Journal, JournalBatch, JournalFigures } from '../ports.ts'
import type { JournalConfig } from './config.ts'
import { copyJournal } from './copy.ts'
import { freeBytesOf, isDamage, openDisk, type Disk } from './disk.ts'
import { JournalClosed, JournalFull, JournalUnavailable } from './errors.ts'
import { Gathering, type Group } from './gathering.ts'
import { noteDamage, readMarks, reserveNumbers, writeMarks, type Marks, type NumberRange } from './marks.ts'
import { readFromDisk, whatIsKept } from './reader.ts'
import { objectBytes, Recent } from './recent.ts'
import { findSegments, newestReceivedAt, Segments } from './segments.ts'
import { Tip } from './tip.ts'

export interface JournalParts {
  /** Folder of the journal, made when it is not there. One process owns it. */
  path: string
  config: JournalConfig
  /** Epoch ms, for the age of what is kept. */
  now: () => number
  /** Free bytes of the disk that holds `path`; default asks the file system. */
  freeBytes?: (path: string) => Promise<number>
  /** Last number that anybody else has seen of this journal (the pipeline's cursor): new numbers are above it whatever happened to the files. */
  after?: number
}

/** What the journal says beside what its port asks for. */
export interface DiskJournal extends Journal {
  /** As `accept`; resolves with the number of the delivery. */
  acceptNumbered(delivery: Delivery): Promise<number>
  /** Deliveries that wait for the disk now. */
  waiting(): number
  /** Why nothing is accepted now, in words; null while all is well. */
  trouble(): string | null
  /** Looks at free space and at what may go now, as it does every `checkEvery`. */
  check(): Promise<void>
  /** Copies what is on disk at this moment into a journal of its own; accepting goes on. Returns the newest number copied. */
  copyTo(folder: string): Promise<number>
}

/** Numbers are promised to the disk this many at a time, so that none comes twice even when the last blocks are lost. */
const reserveAhead = 1_000_000
const readBytes = 8 << 20
const reopenAfterMs = [100, 1_000, 5_000] as const

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

interface Opened {
  marks: Marks
  newest: number
  next: number
  tip: Tip
  segments: Segments
}

class LevelJournal implements DiskJournal {
  readonly #parts: JournalParts
  readonly #disk: Disk
  readonly #marks: Marks
  readonly #segments: Segments
  readonly #tip: Tip
  readonly #recent: Recent
  readonly #gathering: Gathering
  readonly #keepMs: number
  readonly #listeners: (() => void)[] = []
  /** Last number on disk. */
  #newest: number
  /** Next number to give out. */
  #next: number
  #released = 0
  #commits = 0
  #accepted = 0
  #free = Infinity
  #broken: JournalUnavailable | null = null
  #closed = false
  #checking: Promise<void> | null = null
  #reopening: Promise<void> = Promise.resolve()
  #marking: Promise<void> = Promise.resolve()
  #reserving: Promise<void> | null = null
  #clock: NodeJS.Timeout | null = null

  constructor(parts: JournalParts, disk: Disk, opened: Opened) {
    const { config } = parts
    this.#parts = parts
    this.#disk = disk
    this.#marks = opened.marks
    this.#segments = opened.segments
    this.#tip = opened.tip
    this.#newest = opened.newest
    this.#next = opened.next
    this.#keepMs = msOf(config.keep)
    this.#recent = new Recent(config.memoryBytes)
    this.#gathering = new Gathering({
      write: (group) => this.#write(group),
      obstacle: (bytes) => this.#obstacle(bytes),
      maxWaiting: config.maxWaiting,
      maxWaitingBytes: config.maxWaitingBytes,
      holdMs: msOf(config.hold),
      windowMs: msOf(config.window),
    })
    this.accept = (delivery) => this.#gathering.accept(delivery)
    this.acceptNumbered = (delivery) => this.#gathering.acceptNumbered(delivery)
  }

  readonly accept: Journal['accept']
  readonly acceptNumbered: DiskJournal['acceptNumbered']

  async start(): Promise<void> {
    // On a full disk the journal opens and reads; the first write asks again.
    await this.#reserve().catch(() => undefined)
    await this.check()
    this.#clock = setInterval(() => void this.check(), msOf(this.#parts.config.checkEvery))
    this.#clock.unref()
  }

  async read(after: number, limit: number): Promise<JournalBatch | null> {
    if (this.#closed) throw new JournalClosed('reading the journal: it is closed')
    const from = Math.max(after, this.#marks.trimmed)
    if (from >= this.#newest) return null
    return this.#recent.read(from, limit, readBytes) ?? (await this.#readDisk(from, limit))
  }

  async #readDisk(after: number, limit: number): Promise<JournalBatch | null> {
    if (this.#broken) throw this.#broken
    try {
      const batch = await readFromDisk(this.#disk, { after, newest: this.#newest, limit, limitBytes: readBytes })
      return batch === null || batch.damaged.length === 0 ? batch : { ...batch, damaged: await this.#note(batch.damaged) }
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('journal-')) throw error
      throw new JournalUnavailable(`reading the journal behind ${after}: the disk refused; it is tried again`, { cause: error })
    }
  }

  /** What retention took while we read is not damage; the rest is remembered. */
  async #note(ranges: readonly NumberRange[]): Promise<NumberRange[]> {
    const { trimmed } = this.#marks
    const real = ranges
      .filter((range) => range.last > trimmed)
      .map((range) => ({ first: Math.max(range.first, trimmed + 1), last: range.last }))
    let found = 0
    for (const range of real) found += noteDamage(this.#marks, range)
    if (found > 0) await this.#mark()
    return real
  }

  onAppended(listener: () => void): void {
    this.#listeners.push(listener)
  }

  release(cursor: number): void {
    if (cursor <= this.#released) return
    this.#released = cursor
    this.#recent.release(cursor)
    if (this.#mayDrop()) void this.check()
  }

  figures(): JournalFigures {
    return {
      newest: this.#newest,
      oldest: Math.min(this.#newest, this.#marks.trimmed + 1),
      bytes: this.#segments.bytes,
      accepted: this.#accepted,
      refused: this.#gathering.refused,
      commits: this.#commits,
      damaged: this.#marks.damagedCount,
    }
  }

  waiting(): number {
    return this.#gathering.waiting
  }

  trouble(): string | null {
    return this.#obstacle(this.#gathering.turnedAway)?.message ?? null
  }

  async copyTo(folder: string): Promise<number> {
    const newest = this.#newest
    await copyJournal(this.#disk, folder, structuredClone(this.#marks), newest)
    return newest
  }

  async close(): Promise<void> {
    if (this.#closed) return
    if (this.#clock) clearInterval(this.#clock)
    await this.#gathering.close()
    this.#closed = true
    await this.#reopening
    await this.#checking
    await this.#reserving
    // A clean end: the numbers go on where they stopped.
    this.#marks.reserved = this.#next - 1
    await this.#mark()
    this.#tip.close()
    await this.#disk.close()
  }

  // Writing

  async #write(group: Group): Promise<void> {
    const first = this.#next
    const last = first + group.deliveries.length - 1
    // Given out even when the write fails: what half reached the disk must not meet its number again.
    this.#next = last + 1
    if (last + reserveAhead / 2 > this.#marks.reserved) this.#reserveMore()
    const block = group.writer.finish(first, this.#newest)
    const newestReceivedAt = group.writer.newestReceivedAt
    try {
      if (last > this.#marks.reserved) await this.#reserving
      await this.#disk.put(first, block)
    } catch (error) {
      throw this.#breakDown(error)
    }
    this.#tip.note(last)
    this.#recent.add({
      first,
      previous: this.#newest,
      deliveries: group.deliveries,
      newestReceivedAt,
      bytes: block.length + objectBytes * group.deliveries.length,
    })
    group.first = first
    this.#newest = last
    this.#segments.add(first, last, block.length, newestReceivedAt)
    this.#commits++
    this.#accepted += group.deliveries.length
    for (const listener of this.#listeners) listener()
  }

  #obstacle(bytes: number): Error | null {
    if (this.#broken) return this.#broken
    const { maxBytes, minFreeBytes } = this.#parts.config
    const { path } = this.#parts
    if (this.#free < minFreeBytes) {
      return new JournalFull(`journalling to ${path}: the disk has ${this.#free} bytes free and keeps ${minFreeBytes}; free some`)
    }
    if (this.#segments.bytes + bytes <= maxBytes) return null
    return new JournalFull(
      `journalling to ${path}: it holds ${this.#segments.bytes} of ${maxBytes} bytes and the pipeline has carried up to ${this.#released} of ${this.#newest}; mend what holds the pipeline up, or raise journal.maxBytes`,
    )
  }

  #breakDown(cause: unknown): JournalUnavailable {
    const error = new JournalUnavailable(
      `journalling to ${this.#parts.path}: the disk refused; nobody is acknowledged until it writes again`,
      {
        cause,
      },
    )
    this.#broken = error
    this.#reopening = this.#reopen(isDamage(cause))
    return error
  }

  /** Tries until it opens: the engine takes no write after one that failed. */
  async #reopen(repair: boolean): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt++) {
      await pause(reopenAfterMs[Math.min(attempt, reopenAfterMs.length - 1)] ?? 0)
      try {
        await this.#disk.reopen(repair)
        // Blocks that nobody was acknowledged for may have reached the disk all the same.
        await this.#disk.drop(this.#newest + 1, this.#next)
        this.#broken = null
        this.#recent.clear()
        this.#gathering.wake()
        return
      } catch (cause) {
        this.#broken = new JournalUnavailable(`opening the journal in ${this.#parts.path} again: the disk refused; look at it`, { cause })
      }
    }
  }

  // Marks

  /** One writer at a time; the last state wins. */
  #mark(): Promise<void> {
    this.#marking = this.#marking
      .catch(() => undefined)
      .then(() => {
        this.#marks.newest = this.#newest
        return writeMarks(this.#parts.path, this.#marks)
      })
    return this.#marking
  }

  #reserveMore(): void {
    if (this.#reserving !== null) return
    this.#reserving = this.#reserve()
    // The write that needs it awaits it and hears of the failure.
    this.#reserving.catch(() => undefined)
  }

  async #reserve(): Promise<void> {
    const reserved = this.#next - 1 + reserveAhead
    try {
      await reserveNumbers(this.#marks, reserved, () => this.#mark())
    } finally {
      this.#reserving = null
    }
  }

  // Retention

  /** Looks at the disk, drops what may and should go, and lets those go on that were held. */
  check(): Promise<void> {
    this.#checking ??= this.#look().finally(() => {
      this.#checking = null
    })
    return this.#checking
  }

  async #look(): Promise<void> {
    const free = this.#parts.freeBytes ?? freeBytesOf
    this.#free = await free(this.#parts.path).catch(() => this.#free)
    if (this.#broken) return
    try {
      for (;;) {
        await this.#learnAge()
        if (!this.#mayDrop()) break
        await this.#dropOldest()
      }
    } catch (error) {
      if (isDamage(error)) this.#breakDown(error)
    }
    this.#gathering.wake()
  }

  async #learnAge(): Promise<void> {
    const { oldest } = this.#segments
    if (oldest) oldest.newestReceivedAt ??= await newestReceivedAt(this.#disk, oldest.last)
  }

  #mayDrop(): boolean {
    const { maxBytes, minFreeBytes } = this.#parts.config
    const keepSince = this.#parts.now() - this.#keepMs
    return (
      this.#segments.droppable({ released: this.#released, maxBytes, keepSince, short: this.#free < minFreeBytes }) !== null &&
      !this.#broken
    )
  }

  async #dropOldest(): Promise<void> {
    const oldest = this.#segments.oldest
    if (!oldest) return
    this.#marks.trimmed = oldest.last
    await this.#mark()
    await this.#disk.drop(oldest.first, oldest.last)
    this.#segments.dropped()
    await this.#disk.reclaim(oldest.first, oldest.last)
    this.#gathering.wake()
  }
}

function msOf(duration: string): number {
  const ms = parseDuration(duration)
  if (ms === null) throw new RangeError(`opening the journal: "${duration}" is not a length of time; write it like 5s or 7d`)
  return ms
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
