import type { RunId } from './ids.ts'

/** Numbers that did not come, between two that did; both ends belong to it. */
export interface Hole {
  from: number
  to: number
  /** Between which times they were measured: those of the numbers before and behind, epoch ms. */
  after: number
  before: number
}

/** The numbers that a device gave its readings, as far as they came. Plain data: it may be kept as it is. */
export interface Sequence {
  /** Where the count begins that we know of, and how far it came. */
  first: number
  highest: number
  /** When the first and the newest of its numbers were measured, epoch ms. */
  firstAt: number
  newestAt: number
  /** The newest time of the count before it, epoch ms: what is not newer belongs to that one. 0 = none is known. */
  since: number
  /** At most 64, lowest first. Of one more, the two that lie nearest are one: what came between them counts as missing until it comes again. */
  holes: Hole[]
  /** How often the device began to count anew. */
  restarts: number
}

const mostHoles = 64
/** A number this far ahead is no gap but another count. */
const farthest = 100_000

/** A count that begins with this number. */
export function beginSequence(seq: number, at: number): Sequence {
  return { first: seq, highest: seq, firstAt: at, newestAt: at, since: 0, holes: [], restarts: 0 }
}

/** When a reading was measured at the latest, epoch ms: on our clock, a device whose clock is ahead sends nothing from the future. */
export function measuredAt({ observedAt, receivedAt, run }: { observedAt: number; receivedAt: number; run: RunId | null }): number {
  return run === null ? Math.min(observedAt, receivedAt) : observedAt
}

/**
 * Notes a number that came, measured at `at`. Numbers may come in any order and more than once, and their times need not rise with them. A
 * logger that was reset is told by a number that lies behind, is not missing and is measured after all others: the count begins there anew,
 * and its old holes are forgotten.
 */
export function noteNumber(sequence: Sequence, seq: number, at: number): void {
  const { first, highest, newestAt, since } = sequence
  if (since > 0 && at <= since) return
  const isNewest = at > newestAt
  if (seq - highest > farthest || first - seq > farthest) return isNewest ? restart(sequence, seq, at) : undefined
  if (seq > highest) ahead(sequence, seq, at)
  else if (!fill(sequence, seq, at) && seq < highest) {
    if (isNewest) return restart(sequence, seq, at)
    if (seq < first) before(sequence, seq, at)
  }
  sequence.newestAt = Math.max(newestAt, at)
}

function ahead(sequence: Sequence, seq: number, at: number): void {
  const { highest, newestAt } = sequence
  if (seq > highest + 1) addHole(sequence, { from: highest + 1, to: seq - 1, after: newestAt, before: Math.max(at, newestAt) })
  sequence.highest = seq
}

/** A number of the same count that came behind the ones after it. */
function before(sequence: Sequence, seq: number, at: number): void {
  const { first, firstAt } = sequence
  if (seq < first - 1) addHole(sequence, { from: seq + 1, to: first - 1, after: Math.min(at, firstAt), before: firstAt })
  Object.assign(sequence, { first: seq, firstAt: at })
}

/**
 * The highest number up to which none is missing. Null where that is not known: the numbers that came do not go back to the begin of the
 * count, which is 1 or 0.
 */
export function contiguous({ first, holes, highest }: Sequence): number | null {
  if (first > 1) return null
  const [lowest] = holes
  return lowest === undefined ? highest : lowest.from - 1
}

/** How many numbers are missing. */
export function missingNumbers({ holes }: Sequence): number {
  return holes.reduce((sum, { from, to }) => sum + to - from + 1, 0)
}

function restart(sequence: Sequence, seq: number, at: number): void {
  Object.assign(sequence, { ...beginSequence(seq, at), since: sequence.newestAt, restarts: sequence.restarts + 1 })
}

function addHole(sequence: Sequence, hole: Hole): void {
  if (hole.from > (sequence.holes.at(-1)?.to ?? -Infinity)) sequence.holes.push(hole)
  else sequence.holes.unshift(hole)
  keepBound(sequence)
}

/** No number that is missing is ever taken for one that came. */
function keepBound({ holes }: Sequence): void {
  if (holes.length <= mostHoles) return
  const apart = (i: number): number => (holes[i + 1]?.from ?? Infinity) - (holes[i]?.to ?? -Infinity)
  let nearest = 0
  for (let i = 1; i < holes.length - 1; i++) if (apart(i) < apart(nearest)) nearest = i
  const [lower, upper] = holes.slice(nearest, nearest + 2)
  if (lower && upper) holes.splice(nearest, 2, { ...lower, to: upper.to, before: upper.before })
}

/** True when the number was missing and is not any more. */
function fill(sequence: Sequence, seq: number, at: number): boolean {
  const place = sequence.holes.findLastIndex(({ from, to }) => from <= seq && seq <= to)
  const hole = sequence.holes[place]
  if (hole === undefined) return false
  const parts = [
    { ...hole, to: seq - 1, before: Math.min(hole.before, Math.max(hole.after, at)) },
    { ...hole, from: seq + 1, after: Math.max(hole.after, Math.min(hole.before, at)) },
  ].filter(({ from, to }) => from <= to)
  sequence.holes.splice(place, 1, ...parts)
  keepBound(sequence)
  return true
}
