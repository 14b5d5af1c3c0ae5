import type { ObservationKey } from '../ports/telemetry.ts'
import type { Dictionary } from './dictionary.ts'
import { columnsFeed, type Feed } from './feed.ts'
import { shapes } from './schema.ts'
import { minuteMs, minuteOf } from './times.ts'

/** Keys as a feed, with the first and the last minute they lie in: rows outside are not looked at. */
export interface AskedKeys {
  feed: Feed
  minutes: [first: number, last: number]
}

/** Rows of `observation o` whose keys stand in the table `asked a`, where the feed was put; `$1` and `$2` are the minutes. */
export const askedRows = 'o.series = a.series AND o.minute = a.minute AND o.ms = a.ms AND o.minute >= $1 AND o.minute <= $2'

/** Keys of series that the file does not know are left out; null when none is left. */
export function askKeys(words: Dictionary, keys: readonly ObservationKey[]): AskedKeys | null {
  const [series, minutes, rests]: [number[], number[], number[]] = [[], [], []]
  let [first, last] = [Infinity, -Infinity]
  for (const key of keys) {
    const entry = words.series.known(key.series)
    if (entry === undefined) continue
    const minute = minuteOf(key.observedAt)
    series.push(entry.id)
    minutes.push(minute)
    rests.push(key.observedAt - minute * minuteMs)
    first = Math.min(first, minute)
    last = Math.max(last, minute)
  }
  return series.length === 0 ? null : { feed: columnsFeed(shapes.asked, [series, minutes, rests]), minutes: [first, last] }
}
