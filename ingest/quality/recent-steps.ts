/** Steps between the newest points and their median. Plain and small: JSON and back is the same. */
export interface RecentSteps {
  /** ms, oldest first. */
  steps: number[]
  /** The same, smallest first. */
  sorted: number[]
  /** Sum of the steps. */
  spanMs: number
}

/** So many steps count (algorithms §14: a changed interval is followed by the median of the last 20). */
export const mostSteps = 20

export const startSteps = (): RecentSteps => ({ steps: [], sorted: [], spanMs: 0 })

/** Takes the next step; with more than 20 the oldest goes. */
export function addStep(recent: RecentSteps, stepMs: number): void {
  const oldest = recent.steps.length === mostSteps ? recent.steps[0] : undefined
  if (oldest !== undefined) recent.steps.shift()
  recent.steps.push(stepMs)
  recent.spanMs += stepMs - (oldest ?? 0)
  if (oldest === stepMs) return
  if (oldest !== undefined) recent.sorted.splice(recent.sorted.indexOf(oldest), 1)
  const place = recent.sorted.findIndex((other) => other > stepMs)
  recent.sorted.splice(place === -1 ? recent.sorted.length : place, 0, stepMs)
}

/** Lets the oldest step go. */
export function dropStep(recent: RecentSteps): void {
  const oldest = recent.steps.shift()
  if (oldest === undefined) return
  recent.spanMs -= oldest
  recent.sorted.splice(recent.sorted.indexOf(oldest), 1)
}

/** ms; of an even number the mean of the two in the middle; NaN for none. */
export function medianStep({ sorted }: RecentSteps): number {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2
}
