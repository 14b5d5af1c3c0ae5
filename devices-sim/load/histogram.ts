/** Values below so many units have a bucket each; above, each doubling is cut into half as many, so a bucket is at most 1.6 % wide. */
const exact = 128
const half = exact / 2
/** 2^31 units: 35 min in µs. Longer ones count as this. */
const largest = 2 ** 31 - 1

/** The buckets that hold something, as they travel between processes. */
export type Counts = readonly (readonly [bucket: number, count: number])[]

/** How often which duration came, in whole µs, with a relative error of 1.6 % at most: logarithmic buckets, as HdrHistogram has them. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(bucketOf(largest) + 1)
  #total = 0

  /** @param ms a duration; below 1 µs counts as 1 µs */
  record(ms: number, times = 1): void {
    const bucket = bucketOf(Math.min(largest, Math.max(1, Math.round(ms * 1000))))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times
    this.#total += times
  }

  add(counts: Counts): void {
    for (const [bucket, count] of counts) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
      this.#total += count
    }
  }

  get total(): number {
    return this.#total
  }

  /** The duration in ms that so many of a hundred do not pass (upper end of its bucket); null when nothing was recorded. */
  percentile(percent: number): number | null {
    if (this.#total === 0) return null
    let left = Math.max(1, Math.ceil((this.#total * percent) / 100))
    let bucket = 0
    for (const [i, count] of this.#counts.entries()) {
      if (count === 0) continue
      bucket = i
      left -= count
      if (left <= 0) break
    }
    return upperEnd(bucket) / 1000
  }

  counts(): Counts {
    return [...this.#counts.entries()].filter(([, count]) => count > 0)
  }

  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }
}

function bucketOf(value: number): number {
  if (value < exact) return value
  const doublings = 25 - Math.clz32(value)
  return doublings * half + (value >>> doublings)
}

function upperEnd(bucket: number): number {
  if (bucket < exact) return bucket
  const doublings = Math.floor(bucket / half) - 1
  return (bucket - doublings * half + 1) * 2 ** doublings - 1
}
