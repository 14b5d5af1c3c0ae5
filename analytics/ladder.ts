import type { Level } from '../domain/warning.ts'
import { withChange, type Change, type Episode } from './episode.ts'

/** One level of a rule at one series. */
export interface Rung {
  level: Level
  /** Entered at or beyond this value. */
  limit: number
  /** Left when on the safe side of this value: limit − deadband. */
  off: number
}

/** How a rule climbs and descends; the part that all kinds with limits share. */
export interface Ladder {
  /** From the mildest level up. */
  rungs: readonly Rung[]
  /** 1: larger is worse; -1: smaller is worse. */
  sign: 1 | -1
  /** True: the limit itself is beyond. */
  inclusive: boolean
  /** To enter: this many trusted readings in a row beyond the limit, over at least this time. */
  onCount: number
  holdMs: number
  /** To leave: this many trusted readings in a row on the safe side, over at least this time. */
  offCount: number
  clearAfterMs: number
  /** Unit of limits and values as a reader sees it. */
  unit: string
}

/** A run of readings that may lead to a change. */
export interface Run {
  since: number
  /** Trusted ones, and those that quality kept out. */
  count: number
  rejected: number
  /** Of the trusted ones, those that quality doubts; left out = none. */
  doubtful?: number
}

/** One level's memory. */
interface Latch extends Run {
  active: boolean
  leaving: Run | null
}

/** What a rule remembers of a series. Frozen, plain JSON; the same object comes back when nothing changed. */
export interface LadderState {
  /** True when nothing is crossed: a reading on the safe side changes nothing. */
  calm: boolean
  /** One for each rung; null = not crossed. */
  latches: readonly (Latch | null)[]
  /** The episode that lasts, or the last one that ended. */
  episode: Episode | null
}

/** What a reading means to the ladder. Values by rung, because rain is summed over other hours for each level. */
export interface Measured {
  at: number
  /** Trusted, though quality doubts it. */
  isDoubtful: boolean
  value(rung: number): number
  /** The method is sure enough to enter. */
  mayEnter(rung: number): boolean
  /** The method has seen enough to leave. */
  mayLeave(rung: number): boolean
  figures(rung: number): Record<string, number | null>
  /** The window that was looked at, where it is more than the readings since the crossing. */
  window?(rung: number): Run
}

export const calmState: LadderState = { calm: true, latches: [], episode: null }

/** Beyond the limit? */
export function isBeyond(ladder: Ladder, limit: number, value: number): boolean {
  const [x, bound] = [ladder.sign * value, ladder.sign * limit]
  return ladder.inclusive ? x >= bound : x > bound
}

/** On the safe side of the point where a level is left? With no deadband exactly what is not beyond. */
function isSafe(ladder: Ladder, off: number, value: number): boolean {
  const [x, bound] = [ladder.sign * value, ladder.sign * off]
  return ladder.inclusive ? x < bound : x <= bound
}

/** A reading that quality kept out: it neither counts nor resets, and is remembered only where something is being decided. */
export function stepRejected(state: LadderState): LadderState {
  if (state.calm || state.latches.every((latch) => latch === null || (latch.active && latch.leaving === null))) return state
  const latches = state.latches.map((latch) => {
    if (latch === null) return null
    if (!latch.active) return { ...latch, rejected: latch.rejected + 1 }
    return latch.leaving ? { ...latch, leaving: { ...latch.leaving, rejected: latch.leaving.rejected + 1 } } : latch
  })
  return { ...state, latches }
}

/** Advances by one trusted reading. */
export function step(ladder: Ladder, state: LadderState, seen: Measured): LadderState {
  let changed = false
  const latches = ladder.rungs.map((rung, i) => {
    const before = state.latches[i] ?? null
    const after = stepLatch(ladder, rung, before, seen, i)
    if (after !== before) changed = true
    return after
  })
  if (!changed) return state
  const episode = stepEpisode(ladder, state, latches, seen)
  return { calm: latches.every((latch) => latch === null), latches: latches.map(settled), episode }
}

/** A latch that was left is not crossed any more; it was kept until the change was told. */
const settled = (latch: Latch | null): Latch | null => (latch?.leaving && latch.active === false ? null : latch)

function stepLatch(ladder: Ladder, rung: Rung, latch: Latch | null, seen: Measured, i: number): Latch | null {
  const value = seen.value(i)
  const isIn = isBeyond(ladder, rung.limit, value) && seen.mayEnter(i)
  if (latch?.active) return stepActive(ladder, rung, latch, value, seen, i)
  if (!isIn) return null
  const run = countOn(latch, seen)
  return { ...run, active: isReached(run, seen.at, ladder.onCount, ladder.holdMs), leaving: null }
}

function stepActive(ladder: Ladder, rung: Rung, latch: Latch, value: number, seen: Measured, i: number): Latch {
  if (!isSafe(ladder, rung.off, value)) return latch.leaving === null ? latch : { ...latch, leaving: null }
  if (!seen.mayLeave(i)) return latch
  const leaving = countOn(latch.leaving, seen)
  return { ...latch, leaving, active: !isReached(leaving, seen.at, ladder.offCount, ladder.clearAfterMs) }
}

const countOn = (run: Run | null, { at, isDoubtful }: Measured): Run => ({
  since: run?.since ?? at,
  count: (run?.count ?? 0) + 1,
  rejected: run?.rejected ?? 0,
  ...doubts((run?.doubtful ?? 0) + (isDoubtful ? 1 : 0)),
})

/** How many of what is trusted quality doubts, where there are any. */
export const doubts = (doubtful: number): Pick<Run, 'doubtful'> => (doubtful > 0 ? { doubtful } : {})

const isReached = (run: Run, at: number, count: number, ms: number): boolean => run.count >= count && at - run.since >= ms

function stepEpisode(ladder: Ladder, state: LadderState, latches: readonly (Latch | null)[], seen: Measured): Episode | null {
  const before = topOf(state.latches)
  const after = topOf(latches)
  if (before === after) return state.episode
  if (before === -1) {
    const onset = Math.min(...latches.map((latch) => latch?.since ?? Infinity))
    return { onset, changes: [changeTo(ladder, after, after, latches, seen)] }
  }
  const change = changeTo(ladder, after, Math.max(before, after), latches, seen)
  return state.episode ? withChange(state.episode, change) : null
}

/** Highest active rung; -1 when none. */
function topOf(latches: readonly (Latch | null)[]): number {
  return latches.findLastIndex((latch) => latch?.active === true)
}

/** The change to rung `to` (-1 = the end), decided at rung `by`. */
function changeTo(ladder: Ladder, to: number, by: number, latches: readonly (Latch | null)[], seen: Measured): Change {
  const latch = latches[by] ?? null
  const rung = ladder.rungs[by]
  const run = latch?.leaving ?? seen.window?.(by) ?? latch
  return {
    at: seen.at,
    level: ladder.rungs[to]?.level ?? null,
    evidence: {
      from: run?.since ?? seen.at,
      to: seen.at,
      trusted: run?.count ?? 0,
      rejected: run?.rejected ?? 0,
      ...doubts(run?.doubtful ?? 0),
      value: seen.value(by),
      limit: (latch?.leaving ? rung?.off : rung?.limit) ?? null,
      unit: ladder.unit,
      figures: seen.figures(by),
    },
  }
}
