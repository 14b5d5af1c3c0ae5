import type { Level } from '../../domain/warning.ts'

/** When a signal counts as beyond: its limits, how long it must stay to deserve them, and when it is over. */
export interface ExcursionRule {
  limits: readonly { level: Level; limit: number }[]
  /** -1: smaller is worse. */
  sign: 1 | -1
  holdMs: number
  deadband: number
  clearAfterMs: number
}

/** The signal has gone beyond a limit, or come back from it. */
export interface Crossed {
  level: Level
  limit: number
  direction: 'entered' | 'left'
  at: number
}

/** A signal that was beyond its lowest limit, from first to last, with breaks too short to count. */
export interface Excursion {
  /** The highest level whose limit it stayed beyond for as long as it must; null = none, it was too short. */
  level: Level | null
  onset: number
  end: number
  peak: { at: number; value: number }
}

export interface Seen {
  crossed: readonly Crossed[]
  over: Excursion | null
}

export interface ExcursionWatch {
  /** Takes the signal at the next moment; between two moments it is a straight line. */
  see(at: number, value: number): Seen
  /** The excursion that is going on, as if it ended at its last moment beyond; it goes on. */
  open(): Excursion | null
  /** The same, and it is over. */
  finish(): Excursion | null
}

/** What most moments bring, of which a simulation has millions: the same each time. */
const none: readonly Crossed[] = []
const nothing: Seen = { crossed: none, over: null }

/** Watches one noise-free signal. Knows nothing of how Gaugekeeper judges: its limits are the same, its way is its own. */
export function watchExcursions({ limits, sign, holdMs, deadband, clearAfterMs }: ExcursionRule): ExcursionWatch {
  const since = new Map<Level, number>()
  const lowest = limits[0]
  let before: { at: number; value: number } | null = null
  let open: (Excursion & { isBeyond: boolean }) | null = null
  let safeSince: number | null = null

  const crossings = (at: number, value: number): readonly Crossed[] => {
    let found: Crossed[] | null = null
    for (const { level, limit } of limits) {
      const isBeyond = sign * (value - limit) >= 0
      if (isBeyond === since.has(level)) continue
      const moment = before === null ? at : Math.round(before.at + ((at - before.at) * (limit - before.value)) / (value - before.value))
      if (isBeyond) since.set(level, moment)
      else since.delete(level)
      found = [...(found ?? []), { level, limit, direction: isBeyond ? 'entered' : 'left', at: moment }]
    }
    return found ?? none
  }
  const grow = (at: number, value: number): void => {
    if (open === null) return
    if (sign * (value - open.peak.value) > 0) open.peak = { at, value }
    for (const { level } of limits) {
      const from = since.get(level)
      if (from !== undefined && at - from >= holdMs && rank(level) > rank(open.level)) open.level = level
    }
  }
  const rank = (level: Level | null): number => limits.findIndex((one) => one.level === level)
  const asIs = (): Excursion | null => (open === null ? null : { level: open.level, onset: open.onset, end: open.end, peak: open.peak })
  const close = (): Excursion | null => {
    const ended = asIs()
    open = safeSince = null
    return ended
  }
  return {
    see(at, value) {
      const crossed = crossings(at, value)
      for (const { level, direction, at: moment } of crossed) {
        if (level !== lowest?.level) continue
        if (direction === 'entered') open ??= { level: null, onset: moment, end: moment, peak: { at: moment, value }, isBeyond: true }
        if (open !== null) open = { ...open, isBeyond: direction === 'entered', end: moment }
      }
      if (open?.isBeyond) open.end = at
      grow(at, value)
      before = { at, value }
      const isSafe = lowest !== undefined && sign * (value - lowest.limit) < -deadband
      safeSince = isSafe ? (safeSince ?? at) : null
      const over = open !== null && safeSince !== null && at - safeSince >= clearAfterMs ? close() : null
      return crossed === none && over === null ? nothing : { crossed, over }
    },
    open: asIs,
    finish: close,
  }
}
