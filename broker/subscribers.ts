/**
 * The filters that connected clients hold, so that what nobody listens to is not sent at all: observations are many, listeners few.
 */
export interface Subscribers {
  add(filter: string): void
  remove(filter: string): void
  /** Whether anybody connected may want this topic; true when in doubt. */
  listen(topic: string): boolean
}

export function createSubscribers(): Subscribers {
  const exact = new Map<string, number>()
  /** Filters with wildcards by what stands before the wildcard, at most two levels. */
  const wild = new Map<string, number>()

  function change(filter: string, by: number): void {
    const wildcard = filter.search(/[+#]/)
    const counts = wildcard < 0 ? exact : wild
    const key = wildcard < 0 ? filter : levels(filter.slice(0, Math.max(0, wildcard - 1)), 2)
    const count = (counts.get(key) ?? 0) + by
    if (count > 0) counts.set(key, count)
    else counts.delete(key)
  }

  return {
    add: (filter) => change(filter, 1),
    remove: (filter) => change(filter, -1),
    listen: (topic) => exact.has(topic) || (wild.size > 0 && [0, 1, 2].some((count) => wild.has(levels(topic, count)))),
  }
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
