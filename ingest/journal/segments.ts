import { readHeader } from './block.ts'
import type { Disk } from './disk.ts'

/** A stretch of blocks that is kept or dropped as one. */
export interface Segment {
  first: number
  last: number
  bytes: number
  /** Of a segment found on disk, null until it is the oldest: then it is read. */
  newestReceivedAt: number | null
}

/** What retention asks for: how much may be kept, and how old what is carried may become. */
export interface Retention {
  /** Everything up to here has been carried. */
  released: number
  /** Most bytes to keep. */
  maxBytes: number
  /** Older segments go, epoch ms. */
  keepSince: number
  /** The disk is short of room: whatever is carried goes. */
  short: boolean
}

/** The accounts of what is kept, oldest first: about a hundred stretches of equal size. */
export class Segments {
  bytes = 0
  readonly #segments: Segment[]

  constructor(
    readonly segmentBytes: number,
    found: Segment[],
  ) {
    this.#segments = found
    for (const segment of found) this.bytes += segment.bytes
  }

  add(first: number, last: number, bytes: number, newestReceivedAt: number): void {
    this.bytes += bytes
    const open = this.#segments[this.#segments.length - 1]
    if (!open || open.bytes >= this.segmentBytes) this.#segments.push({ first, last, bytes, newestReceivedAt })
    else {
      open.last = last
      open.bytes += bytes
      open.newestReceivedAt = Math.max(open.newestReceivedAt ?? -Infinity, newestReceivedAt)
    }
  }

  get oldest(): Segment | undefined {
    return this.#segments[0]
  }

  /** The oldest segment when it may and should go; never the one being written. */
  droppable(retention: Retention): Segment | null {
    const oldest = this.#segments[0]
    if (!oldest || this.#segments.length < 2 || oldest.last > retention.released) return null
    const wanted =
      retention.short ||
      this.bytes + 2 * this.segmentBytes > retention.maxBytes ||
      (oldest.newestReceivedAt ?? Infinity) < retention.keepSince
    return wanted ? oldest : null
  }

  /** Takes the oldest off the accounts. */
  dropped(): void {
    this.bytes -= this.#segments.shift()?.bytes ?? 0
  }
}

/** Measures what lies on disk between two numbers, without reading the blocks. */
export async function findSegments(disk: Disk, first: number, last: number, segmentBytes: number): Promise<Segment[]> {
  if (last < first) return []
  const bytes = await disk.size(first, last)
  if (bytes === 0) return []
  if (bytes > segmentBytes && last > first) {
    const middle = Math.floor((first + last) / 2)
    const older = await findSegments(disk, first, middle, segmentBytes)
    return older.concat(await findSegments(disk, middle + 1, last, segmentBytes))
  }
  return [{ first, last, bytes, newestReceivedAt: null }]
}

/** How old a segment is, from its last block. One that cannot be read says nothing: it counts as new and goes by size. */
export async function newestReceivedAt(disk: Disk, last: number): Promise<number> {
  const entry = await disk.before(last).catch(() => null)
  const header = entry === null ? 'damaged' : readHeader(entry.block)
  return typeof header === 'string' ? Infinity : header.newestReceivedAt
}
