import type { ObservationKey } from '../ports/telemetry.ts'
import type { Dictionary } from './dictionary.ts'
import { shapes } from './schema.ts'
import type { Session } from './session.ts'
import { minuteMs, minuteOf } from './times.ts'

/** Rows of `observation` (as `o`) whose keys were put into `asked`; `$1` and `$2` are what `askKeys` returned. */
export const askedRows = 'o.series = a.series AND o.minute = a.minute AND o.ms = a.ms AND o.minute >= $1 AND o.minute <= $2'

/**
 * Puts keys into the connection's table `asked`, inside a transaction, and returns the first and last minute they lie in: the rows
 * outside are not looked at. Keys of series the file does not know are left out; null when none is left.
 */
export async function askKeys(
  session: Session,
  words: Dictionary,
  keys: readonly ObservationKey[],
): Promise<[first: number, last: number] | null> {
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
  if (series.length === 0) return null
  await session.append(shapes.asked, [series, minutes, rests])
  return [first, last]
}
