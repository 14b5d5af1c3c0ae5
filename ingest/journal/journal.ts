import { parseDuration } from '../../domain/time.ts'
import type { Delivery } from '../../domain/delivery.ts'
import type { Journal, JournalBatch, JournalFigures } from '../ports.ts'
import type { JournalConfig } from './config.ts'
import { copyJournal } from './copy.ts'
import { isDamage, type Disk } from './disk.ts'
import { JournalClosed, JournalFull, JournalUnavailable } from './errors.ts'
import { Gathering, type Group } from './gathering.ts'
import { MarkKeeper } from './mark-keeper.ts'
import type { Marks } from './marks.ts'
import { readFromDisk } from './reader.ts'
import { objectBytes, Recent } from './recent.ts'
import type { Reserve } from './reserve.ts'
import { Retention } from './retention.ts'
import type { Segments } from './segments.ts'
import type { Tip } from './tip.ts'

export interface JournalParts {
  /** Folder of the journal, made when it is not there. One process owns it. */
  path: string
  config: JournalConfig
  /** Epoch ms, for the age of what is kept. */
  now: () => number
  /** Free bytes of the disk that holds `path`; default asks the file system. */
  freeBytes?: (path: string) => Promise<number>
  /** Gives its room when the journal cannot be opened again for lack of it; absent = there is none. */
  reserve?: Reserve
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

const readBytes = 8 << 20
const reopenAfterMs = [100, 1_000, 5_000] as const

/** What was found when the files were opened. */
export interface Opened {
  marks: Marks
  newest: number
  next: number
  tip: Tip
  segments: Segments
}

/** The journal over its opened files. `start` begins its work. */
export class LevelJournal implements DiskJournal {
  readonly #parts: JournalParts
  readonly #disk: Disk
  readonly #marks: MarkKeeper
  readonly #segments: Segments
  readonly #tip: Tip
  readonly #recent: Recent
  readonly #gathering: Gathering
  readonly #retention: Retention
  readonly #listeners: (() => void)[] = []
  /** Last number on disk. */
  #newest: number
  /** Next number to give out. */
  #next: number
  #commits = 0
  #accepted = 0
  #broken: JournalUnavailable | null = null
  #closed = false
  #reopening: Promise<void> = Promise.resolve()
  #clock: NodeJS.Timeout | null = null

  constructor(parts: JournalParts, disk: Disk, opened: Opened) {
    const { config } = parts
    this.#parts = parts
    this.#disk = disk
    this.#marks = new MarkKeeper(parts.path, opened.marks, () => this.#newest)
    this.#segments = opened.segments
    this.#tip = opened.tip
    this.#newest = opened.newest
    this.#next = opened.next
    this.#retention = new Retention({
      ...{ path: parts.path, config, now: parts.now, freeBytes: parts.freeBytes, disk, segments: this.#segments },
      keepMs: msOf(config.keep),
      trim: (last) => this.#marks.trim(last),
      isBroken: () => this.#broken !== null,
      onDamage: (cause) => void this.#breakDown(cause),
      onRoom: () => this.#gathering.wake(),
    })
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
    await this.#marks.reserve(this.#next).catch(() => undefined)
    await this.check()
    this.#clock = setInterval(() => void this.#look(), msOf(this.#parts.config.checkEvery))
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
      return batch === null || batch.damaged.length === 0 ? batch : { ...batch, damaged: await this.#marks.noteDamage(batch.damaged) }
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('journal-')) throw error
      throw new JournalUnavailable(`reading the journal behind ${after}: the disk refused; it is tried again`, { cause: error })
    }
  }

  onAppended(listener: () => void): void {
    this.#listeners.push(listener)
  }

  release(cursor: number): void {
    if (cursor <= this.#retention.released) return
    this.#recent.release(cursor)
    this.#retention.release(cursor)
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
    await copyJournal(this.#disk, folder, this.#marks.snapshot(), newest)
    return newest
  }

  async close(): Promise<void> {
    if (this.#closed) return
    if (this.#clock) clearInterval(this.#clock)
    await this.#gathering.close()
    this.#closed = true
    await this.#reopening
    await this.#retention.settled()
    await this.#marks.end(this.#next - 1)
    this.#tip.close()
    await this.#disk.close()
  }

  // Writing

  async #write(group: Group): Promise<void> {
    const first = this.#next
    const last = first + group.deliveries.length - 1
    // Given out even when the write fails: what half reached the disk must not meet its number again.
    this.#next = last + 1
    this.#marks.lookAhead(last)
    const block = group.writer.finish(first, this.#newest)
    const newestReceivedAt = group.writer.newestReceivedAt
    try {
      await this.#marks.reach(last)
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
    if (this.#retention.free < minFreeBytes) {
      return new JournalFull(`journalling to ${path}: the disk has ${this.#retention.free} bytes free and keeps ${minFreeBytes}; free some`)
    }
    if (this.#segments.bytes + bytes <= maxBytes) return null
    return new JournalFull(
      `journalling to ${path}: it holds ${this.#segments.bytes} of ${maxBytes} bytes and the pipeline has carried up to ${this.#retention.released} of ${this.#newest}; mend what holds the pipeline up, or raise journal.maxBytes`,
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
        await this.#parts.reserve?.release()
      }
    }
  }

  async #look(): Promise<void> {
    await this.check()
    if (this.#broken === null && !this.#closed) await this.#parts.reserve?.make(this.#parts.config.minFreeBytes)
  }

  check(): Promise<void> {
    return this.#retention.check()
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
