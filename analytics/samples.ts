/** Readings of one series in time order, as rules look at them. Places `first` (inclusive) to `end` (exclusive) hold samples. */
export interface Samples {
  readonly times: Float64Array
  /** NaN = missing. */
  readonly values: Float64Array
  readonly flags: Uint8Array
  readonly tests: Uint32Array
  readonly first: number
  readonly end: number
}

/**
 * The recent readings of one series, kept until they are `keepMs` older than the newest and at most `most` of them. 21 bytes a sample.
 * What went for want of room is told by `lostBefore`.
 */
export class SampleWindow implements Samples {
  times = new Float64Array(16)
  values = new Float64Array(16)
  flags = new Uint8Array(16)
  tests = new Uint32Array(16)
  first = 0
  end = 0
  /** Samples before this time (epoch ms) were let go for want of room, not of age; -Infinity when none was. */
  lostBefore = -Infinity

  constructor(
    public keepMs: number,
    private readonly most: number,
  ) {}

  get newest(): number {
    return this.end === this.first ? -Infinity : (this.times[this.end - 1] ?? -Infinity)
  }

  /** Adds a sample that is newer than all others. */
  push(at: number, value: number, flag: number, tests: number): void {
    if (this.end === this.times.length) this.makeRoom()
    const place = this.end
    this.times[place] = at
    this.values[place] = value
    this.flags[place] = flag
    this.tests[place] = tests
    this.end = place + 1
  }

  /** Puts a sample where its time belongs; one of the same time is replaced. Nothing is kept from before `lostBefore`. */
  put(at: number, value: number, flag: number, tests: number): void {
    const place = this.placeAt(at)
    if (place === this.end) return this.push(at, value, flag, tests)
    if (this.times[place] !== at) {
      if (at < this.lostBefore) return
      this.push(at, value, flag, tests)
      return this.shiftIn(this.placeAt(at), at, value, flag, tests)
    }
    this.set(place, at, value, flag, tests)
  }

  /** Place of the first sample at or after a time; `end` when there is none. */
  placeAt(at: number): number {
    let [low, high] = [this.first, this.end]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.times[middle] ?? Infinity) < at) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Forgets all. */
  clear(): void {
    this.first = 0
    this.end = 0
    this.lostBefore = -Infinity
  }

  private set(place: number, at: number, value: number, flag: number, tests: number): void {
    this.times[place] = at
    this.values[place] = value
    this.flags[place] = flag
    this.tests[place] = tests
  }

  /** Moves the samples from `place` on up by one, over the one just added at the end. */
  private shiftIn(place: number, at: number, value: number, flag: number, tests: number): void {
    for (const column of [this.times, this.values, this.flags, this.tests]) column.copyWithin(place + 1, place, this.end - 1)
    this.set(place, at, value, flag, tests)
  }

  /** Lets go what is too old, then grows, then lets go what is too much. */
  private makeRoom(): void {
    this.first = this.placeAt(this.newest - this.keepMs)
    const kept = this.end - this.first
    if (kept >= this.most) {
      this.first += Math.max(1, this.most >> 3)
      this.lostBefore = this.times[this.first] ?? -Infinity
    }
    const size =
      kept * 4 > this.times.length * 3 ? Math.min(this.times.length * 2, Math.max(this.most, this.times.length)) : this.times.length
    const moved = <Column extends Float64Array | Uint8Array | Uint32Array>(from: Column, to: Column): Column => {
      to.set(from.subarray(this.first, this.end))
      return to
    }
    this.times = moved(this.times, new Float64Array(size))
    this.values = moved(this.values, new Float64Array(size))
    this.flags = moved(this.flags, new Uint8Array(size))
    this.tests = moved(this.tests, new Uint32Array(size))
    this.end -= this.first
    this.first = 0
  }
}

/** A sample as tests and scenarios write it: time, value (null = missing), flag (1 unless said), bits of the tests. */
export type WrittenSample = readonly [at: number, value: number | null, flag?: number, tests?: number]

/** Samples from a list in time order. */
export function samplesOf(written: readonly WrittenSample[]): SampleWindow {
  const samples = new SampleWindow(Infinity, Infinity)
  for (const [at, value, flag = 1, tests = 0] of written) samples.push(at, value ?? NaN, flag, tests)
  return samples
}
