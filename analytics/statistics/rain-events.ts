/** One event of rain. Times as given, depths in mm. */
export interface RainEvent {
  start: number
  end: number
  depth: number
  /** Greatest depth of a step, per unit of time. */
  peak: number
  mean: number
}

export interface RainEventOptions {
  /** Length of the interval that each sample stands for, in the unit of the times. */
  step: number
  /** Dry time that parts two events (minimum inter-event time). */
  dry: number
  /** A step is wet from this depth on, mm. */
  wet?: number
  /** Events below this depth are dropped, mm. */
  least?: number
}

/**
 * Parts a series of depths into events: two wet steps belong together when the dry time between them, (t_next − step) − t_last, is below
 * `dry` (6 h is usual). Sources: WMO-No. 168; Restrepo-Posada & Eagleson 1982.
 */
export function rainEvents(times: readonly number[], depths: readonly number[], options: RainEventOptions): RainEvent[] {
  const { step, dry, wet = 0.1, least = 1 } = options
  const groups: { at: number; depth: number }[][] = []
  times.forEach((at, i) => {
    const depth = depths[i] ?? 0
    if (depth < wet) return
    const last = groups.at(-1)?.at(-1)
    if (last === undefined || at - step - last.at >= dry) groups.push([{ at, depth }])
    else groups.at(-1)?.push({ at, depth })
  })
  return groups.map((group) => eventOf(group, step)).filter((event) => event.depth >= least)
}

function eventOf(group: readonly { at: number; depth: number }[], step: number): RainEvent {
  const start = (group[0]?.at ?? 0) - step
  const end = group.at(-1)?.at ?? 0
  const depth = group.reduce((sum, sample) => sum + sample.depth, 0)
  return { start, end, depth, peak: Math.max(...group.map((sample) => sample.depth)) / step, mean: depth / (end - start) }
}
