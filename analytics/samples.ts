/**
 * Readings of one series in time order, as rules look at them. Places `first` (inclusive) to `end` (exclusive) hold samples, three numbers
 * each: they lie together because a look at a reading is a look at memory. Read them with the functions below.
 */
export interface Samples {
  readonly cells: Float64Array
  readonly first: number
  readonly end: number
}

const width = 3
/** Flag in the low four bits, bits of the quality tests above. */
const flagBits = 16

/** When the sample at a place was measured, epoch ms. */
export const timeAt = (samples: Samples, place: number): number => samples.cells[place * width] ?? NaN
/** Its value; NaN = missing. */
export const valueAt = (samples: Samples, place: number): number => samples.cells[place * width + 1] ?? NaN
/** Its flag and tests together, as `trusts` takes them. */
export const markAt = (samples: Samples, place: number): number => samples.cells[place * width + 2] ?? 9

export const markOf = (flag: number, tests: number): number => tests * flagBits + flag
export const flagOf = (mark: number): number => mark % flagBits
export const testsOf = (mark: number): number => Math.floor(mark / flagBits)

/** Place of the first sample at or after a time (epoch ms) among those before `end`; `end` when there is none. */
export function placeFrom(samples: Samples, at: number, end: number): number {
  let [low, high] = [samples.first, end]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (timeAt(samples, middle) < at) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The recent readings of one series, kept until they are `keepMs` older than the newest and at most `most` of them. 24 bytes a sample.
 * What went for want of room is told by `lostBefore`.
 */
export class SampleWindow implements Samples {
  cells = new Float64Array(8 * width)
  first = 0
  end = 0
  /** Samples before this time (epoch ms) were let go for want of room, not of age; -Infinity when none was. */
  lostBefore = -Infinity

  constructor(
    public keepMs: number,
    private readonly most: number,
  ) {}

  get newest(): number {
    return this.end === this.first ? -Infinity : timeAt(this, this.end - 1)
  }

  /** Adds a sample that is newer than all others. */
  push(at: number, value: number, mark: number): void {
    if ((this.end + 1) * width > this.cells.length) this.makeRoom()
    this.set(this.end, at, value, mark)
    this.end += 1
  }

  /** Puts a sample where its time belongs; one of the same time is replaced. Nothing is kept from before `lostBefore`. */
  put(at: number, value: number, mark: number): void {
    const place = this.placeAt(at)
    if (place === this.end) return this.push(at, value, mark)
    if (timeAt(this, place) === at) return this.set(place, at, value, mark)
    if (at < this.lostBefore) return
    this.push(at, value, mark)
    // the new one stands at the end: those from its place on move up by one, over it
    const free = this.placeAt(at)
    this.cells.copyWithin((free + 1) * width, free * width, (this.end - 1) * width)
    this.set(free, at, value, mark)
  }

  /** Place of the first sample at or after a time; `end` when there is none. */
  placeAt(at: number): number {
    return placeFrom(this, at, this.end)
  }

  /** Forgets all. */
  clear(): void {
    this.first = 0
    this.end = 0
    this.lostBefore = -Infinity
  }

  private set(place: number, at: number, value: number, mark: number): void {
    const cell = place * width
    this.cells[cell] = at
    this.cells[cell + 1] = value
    this.cells[cell + 2] = mark
  }

  /** Lets go what is too old, then what is too much, then grows. */
  private makeRoom(): void {
    this.first = this.placeAt(this.newest - this.keepMs)
    if (this.end - this.first >= this.most) {
      this.first += Math.max(1, this.most >> 3)
      this.lostBefore = timeAt(this, this.first)
    }
    const kept = this.end - this.first
    const room = this.cells.length / width
    const moved = kept * 4 > room * 3 ? new Float64Array(Math.min(room * 2, Math.max(this.most, room)) * width) : this.cells
    moved.set(this.cells.subarray(this.first * width, this.end * width))
    this.cells = moved
    this.end = kept
    this.first = 0
  }
}

/** A sample as tests and scenarios write it: time, value (null = missing), flag (1 unless said), bits of the tests. */
export type WrittenSample = readonly [at: number, value: number | null, flag?: number, tests?: number]

/** Samples from a list in time order. */
export function samplesOf(written: readonly WrittenSample[]): SampleWindow {
  const samples = new SampleWindow(Infinity, Infinity)
  for (const [at, value, flag = 1, tests = 0] of written) samples.push(at, value ?? NaN, markOf(flag, tests))
  return samples
}
