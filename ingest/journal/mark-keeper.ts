import { noteDamage, writeMarks, type Marks, type NumberRange } from './marks.ts'

/** Numbers are promised to the disk this many at a time, so that none comes twice even when the last blocks are lost. */
export const reserveAhead = 1_000_000

/** The marks of an open journal, and their way to the disk. */
export class MarkKeeper {
  readonly #folder: string
  readonly #marks: Marks
  readonly #newest: () => number
  #writing: Promise<void> = Promise.resolve()
  #reserving: Promise<void> | null = null

  /** @param newest last number on disk, which each writing takes along */
  constructor(folder: string, marks: Marks, newest: () => number) {
    this.#folder = folder
    this.#marks = marks
    this.#newest = newest
  }

  /** Retention has taken the blocks up to this number away. */
  get trimmed(): number {
    return this.#marks.trimmed
  }

  get damagedCount(): number {
    return this.#marks.damagedCount
  }

  /** The marks as they are now, for a copy. */
  snapshot(): Marks {
    return structuredClone(this.#marks)
  }

  /** One writer at a time; the last state wins. */
  #write(): Promise<void> {
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#marks.newest = this.#newest()
        return writeMarks(this.#folder, this.#marks)
      })
    return this.#writing
  }

  /** Promises the numbers from `next` on to the disk: the promise counts only once it stands there. */
  async reserve(next: number): Promise<void> {
    const before = this.#marks.reserved
    this.#marks.reserved = next - 1 + reserveAhead
    try {
      await this.#write()
    } catch (error) {
      this.#marks.reserved = before
      throw error
    } finally {
      this.#reserving = null
    }
  }

  /** Begins to promise more before `last` comes near the end of what was promised. */
  lookAhead(last: number): void {
    if (this.#reserving !== null || last + reserveAhead / 2 <= this.#marks.reserved) return
    this.#reserving = this.reserve(last + 1)
    // The write that needs it awaits it and hears of the failure.
    this.#reserving.catch(() => undefined)
  }

  /** Resolves when `last` may be given out. Rejects when the disk did not take the promise. */
  async reach(last: number): Promise<void> {
    if (last > this.#marks.reserved) await this.#reserving
  }

  /** Notes that the blocks up to `last` go. */
  async trim(last: number): Promise<void> {
    this.#marks.trimmed = last
    await this.#write()
  }

  /** What retention took while we read is not damage; the rest is remembered and returned. */
  async noteDamage(ranges: readonly NumberRange[]): Promise<NumberRange[]> {
    const { trimmed } = this.#marks
    const real = ranges
      .filter((range) => range.last > trimmed)
      .map((range) => ({ first: Math.max(range.first, trimmed + 1), last: range.last }))
    let found = 0
    for (const range of real) found += noteDamage(this.#marks, range)
    if (found > 0) await this.#write()
    return real
  }

  /** A clean end: the numbers go on behind `last`. */
  async end(last: number): Promise<void> {
    await this.#reserving
    this.#marks.reserved = last
    await this.#write()
  }
}
