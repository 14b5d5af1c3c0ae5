/** A stretch that deserved an alarm, epoch ms (or any one unit), both ends inclusive. */
export interface ScoredEvent {
  start: number
  end: number
}

export interface Tolerance {
  /** How long before its start an alarm still belongs to an event, and how long behind its end. */
  lead: number
  tol: number
}

/** What became of alarms and events: ../shared/domain/algorithms.md §12, verify.contingency. */
export interface Contingency {
  /** Index of the first alarm of each event, or null = missed; in the order of the events. */
  firstAlarms: (number | null)[]
  /** Indices of alarms that belong to no event. */
  falseAlarms: number[]
}

/**
 * Gives each alarm to one event: an alarm matches an event when start − lead ≤ alarm ≤ end + tol; of several it takes the one whose start is
 * nearest among those without an alarm, else it is one more of an event that has one (neither a hit nor false). Alarms are taken in the
 * order of time.
 */
export function matchAlarms(events: readonly ScoredEvent[], alarms: readonly number[], { lead, tol }: Tolerance): Contingency {
  const firstAlarms: (number | null)[] = events.map(() => null)
  const falseAlarms: number[] = []
  const inOrder = alarms.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at)
  for (const { at, index } of inOrder) {
    const near = events
      .map((event, place) => ({ place, distance: Math.abs(event.start - at), fits: event.start - lead <= at && at <= event.end + tol }))
      .filter(({ fits }) => fits)
    const [free] = near.filter(({ place }) => firstAlarms[place] === null).sort((a, b) => a.distance - b.distance)
    if (free) firstAlarms[free.place] = index
    else if (near.length === 0) falseAlarms.push(index)
  }
  return { firstAlarms, falseAlarms }
}

export interface Skill {
  hits: number
  misses: number
  falseAlarms: number
  /** Probability of detection, false alarm ratio, critical success index; null where there is nothing to divide by. */
  pod: number | null
  far: number | null
  csi: number | null
}

export function skillOf(hits: number, misses: number, falseAlarms: number): Skill {
  return {
    ...{ hits, misses, falseAlarms },
    pod: ratio(hits, hits + misses),
    far: ratio(falseAlarms, falseAlarms + hits),
    csi: ratio(hits, hits + misses + falseAlarms),
  }
}

export const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)

const monthMs = 30.4375 * 86_400_000

/** False alarms per station and month of 30.4375 days; null for no stations or no time. */
export const falseAlarmRate = (falseAlarms: number, stations: number, spanMs: number): number | null =>
  ratio(falseAlarms, (stations * spanMs) / monthMs)

/** The middle one of some numbers (mean of the two in the middle); null for none. */
export const medianOf = (values: readonly number[]): number | null => quantileOf(values, 0.5)

/** Linear between order statistics (type 7); null for none. */
export function quantileOf(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low === undefined || high === undefined ? null : low + (high - low) * (place - Math.floor(place))
}
