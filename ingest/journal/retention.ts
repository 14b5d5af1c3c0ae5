import type { JournalConfig } from './config.ts'
import { freeBytesOf, isDamage, type Disk } from './disk.ts'
import { newestReceivedAt, type Segments } from './segments.ts'

interface RetentionParts {
  path: string
  config: Pick<JournalConfig, 'maxBytes' | 'minFreeBytes'>
  /** How long what was carried stays, ms. */
  keepMs: number
  /** Epoch ms. */
  now: () => number
  /** Free bytes of the disk that holds `path`; default asks the file system. */
  freeBytes: ((path: string) => Promise<number>) | undefined
  disk: Disk
  segments: Segments
  /** Notes on disk that the blocks up to this number go. */
  trim: (last: number) => Promise<void>
  /** Whether the disk takes nothing now. */
  isBroken: () => boolean
  onDamage: (cause: unknown) => void
  /** There may be room for those that were held. */
  onRoom: () => void
}

/** Drops what has been carried and is too old or too much, segment by segment, and knows what room the disk has. */
export class Retention {
  readonly #parts: RetentionParts
  #released = 0
  #free = Infinity
  #checking: Promise<void> | null = null

  constructor(parts: RetentionParts) {
    this.#parts = parts
  }

  /** Last number that the pipeline has carried. */
  get released(): number {
    return this.#released
  }

  /** Free bytes of the disk at the last look. */
  get free(): number {
    return this.#free
  }

  /** All up to `cursor` is carried. */
  release(cursor: number): void {
    this.#released = cursor
    if (this.#mayDrop()) void this.check()
  }

  /** Looks at the disk, drops what may and should go, and lets those go on that were held. */
  check(): Promise<void> {
    this.#checking ??= this.#look().finally(() => {
      this.#checking = null
    })
    return this.#checking
  }

  /** Resolves when no check is on its way. */
  async settled(): Promise<void> {
    await this.#checking
  }

  async #look(): Promise<void> {
    const { freeBytes = freeBytesOf, path, isBroken, onDamage, onRoom } = this.#parts
    this.#free = await freeBytes(path).catch(() => this.#free)
    if (isBroken()) return
    try {
      for (;;) {
        await this.#learnAge()
        if (!this.#mayDrop()) break
        await this.#dropOldest()
      }
    } catch (error) {
      if (isDamage(error)) onDamage(error)
    }
    onRoom()
  }

  async #learnAge(): Promise<void> {
    const { oldest } = this.#parts.segments
    if (oldest) oldest.newestReceivedAt ??= await newestReceivedAt(this.#parts.disk, oldest.last)
  }

  #mayDrop(): boolean {
    const { config, now, keepMs, segments, isBroken } = this.#parts
    const { maxBytes, minFreeBytes } = config
    const bounds = { released: this.#released, maxBytes, keepSince: now() - keepMs, short: this.#free < minFreeBytes }
    return segments.droppable(bounds) !== null && !isBroken()
  }

  async #dropOldest(): Promise<void> {
    const { segments, disk, trim, onRoom } = this.#parts
    const { oldest } = segments
    if (!oldest) return
    await trim(oldest.last)
    await disk.drop(oldest.first, oldest.last)
    segments.dropped()
    await disk.reclaim(oldest.first, oldest.last)
    onRoom()
  }
}
