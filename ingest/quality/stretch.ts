/**
 * The longest stretch of newest points whose values lie less than a tolerance apart, point by point. Two monotonic queues hold the
 * candidates for lowest and highest; a value that comes again replaces its like, so a constant signal needs one entry each. Plain and
 * small: JSON and back is the same stretch.
 */
export interface Stretch {
  /** Number of the first point of the stretch. */
  first: number
  lowest: Queue
  highest: Queue
}

/** Numbers and values of points; entries before `head` are gone. */
interface Queue {
  head: number
  points: number[]
  values: number[]
}

/** More candidates than this are values that move with every point: the oldest go, and the stretch begins behind them. */
const mostCandidates = 1024
const spareEntries = 64

export const startStretch = (): Stretch => ({
  first: 0,
  lowest: { head: 0, points: [], values: [] },
  highest: { head: 0, points: [], values: [] },
})

/** Takes a value into the stretch and lets points go from its beginning until all lie less than `tolerance` apart. Amortised O(1). */
export function extend(stretch: Stretch, point: number, value: number, tolerance: number): void {
  const { lowest, highest } = stretch
  while (lowest.values.length > lowest.head && lastOf(lowest) >= value) drop(lowest)
  while (highest.values.length > highest.head && lastOf(highest) <= value) drop(highest)
  lowest.points.push(point)
  lowest.values.push(value)
  highest.points.push(point)
  highest.values.push(value)
  while (firstOf(highest) - firstOf(lowest) >= tolerance) shorten(stretch)
  if (lowest.values.length - lowest.head > mostCandidates) beginAt(stretch, (lowest.points[lowest.head] ?? 0) + 1)
  if (highest.values.length - highest.head > mostCandidates) beginAt(stretch, (highest.points[highest.head] ?? 0) + 1)
}

/** Lets all points before a number go. */
export function beginAt(stretch: Stretch, point: number): void {
  if (stretch.first < point) stretch.first = point
  trim(stretch.lowest, stretch.first)
  trim(stretch.highest, stretch.first)
}

/** Lets the older of the two extremes go, and with it all points up to it. */
function shorten(stretch: Stretch): void {
  const low = stretch.lowest.points[stretch.lowest.head] ?? Infinity
  const high = stretch.highest.points[stretch.highest.head] ?? Infinity
  beginAt(stretch, Math.min(low, high) + 1)
}

function trim(queue: Queue, first: number): void {
  while (queue.head < queue.points.length && (queue.points[queue.head] ?? Infinity) < first) queue.head += 1
  if (queue.head < spareEntries) return
  queue.points.splice(0, queue.head)
  queue.values.splice(0, queue.head)
  queue.head = 0
}

function drop(queue: Queue): void {
  queue.points.pop()
  queue.values.pop()
}

const firstOf = (queue: Queue): number => queue.values[queue.head] ?? NaN
const lastOf = (queue: Queue): number => queue.values[queue.values.length - 1] ?? NaN
