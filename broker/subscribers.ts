import { takes } from './filter.ts'

/**
 * The filters that connected clients hold, so that what nobody listens to is not sent at all: observations are many, listeners few.
 */
export interface Subscribers {
  add(filter: string): void
  remove(filter: string): void
  /** Whether anybody connected wants this topic. */
  listen(topic: string): boolean
  /** Whether anybody connected may want some topic whose first level this is; costs a look-up. */
  listenBelow(root: string): boolean
}

export function createSubscribers(): Subscribers {
  const exact = new Map<string, number>()
  /** Filters with wildcards by what stands before the wildcard, at most two levels. */
  const wild = new Map<string, Map<string, number>>()
  /** How many filters begin with a level. */
  const roots = new Map<string, number>()

  function change(filter: string, by: number): void {
    count(roots, levels(filter, 1), by)
    const wildcard = filter.search(/[+#]/)
    if (wildcard < 0) return count(exact, filter, by)
    const place = levels(filter.slice(0, Math.max(0, wildcard - 1)), 2)
    const alike = wild.get(place) ?? new Map<string, number>()
    count(alike, filter, by)
    if (alike.size > 0) wild.set(place, alike)
    else wild.delete(place)
  }

  function isTaken(topic: string, place: string): boolean {
    for (const filter of wild.get(place)?.keys() ?? []) if (takes(filter, topic)) return true
    return false
  }

  return {
    add: (filter) => change(filter, 1),
    remove: (filter) => change(filter, -1),
    listen: (topic) => exact.has(topic) || (wild.size > 0 && [0, 1, 2].some((depth) => isTaken(topic, levels(topic, depth)))),
    listenBelow: (root) => roots.has(root) || roots.has('+') || roots.has('#'),
  }
}

function count(counts: Map<string, number>, key: string, by: number): void {
  const total = (counts.get(key) ?? 0) + by
  if (total > 0) counts.set(key, total)
  else counts.delete(key)
}

/** The first levels of a topic; nothing for 0. */
function levels(topic: string, count: number): string {
  let end = 0
  for (let level = 0; level < count; level++) {
    const next = topic.indexOf('/', end === 0 ? 0 : end + 1)
    if (next < 0) return topic
    end = next
  }
  return topic.slice(0, end)
}
