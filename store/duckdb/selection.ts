import type { SensorId } from '../../domain/ids.ts'
import type { Dictionary, SeriesEntry } from './dictionary.ts'

/** The series of a question that the file knows, in the order asked. */
export interface Selection {
  asked: readonly SeriesEntry[]
  /** A condition on `series` with one parameter `$place`. */
  condition(place: number): string
  parameter: number | number[]
}

/** Null when the file knows none of them. */
export function select(words: Dictionary, series: readonly SensorId[]): Selection | null {
  const asked = series.flatMap((name) => words.series.known(name) ?? [])
  const [first] = asked
  if (first === undefined) return null
  if (asked.length === 1) return { asked, condition: (place) => `series = $${place}`, parameter: first.id }
  return {
    asked,
    condition: (place) => `series IN (SELECT unnest($${place}::INTEGER[]))`,
    parameter: asked.map((entry) => entry.id),
  }
}

/** Puts items, which stand in time order within each series, into the order of the series asked. */
export function inOrderAsked<Item>(asked: readonly SeriesEntry[], items: readonly Item[], entryOf: (item: Item) => SeriesEntry): Item[] {
  if (asked.length === 1) return [...items]
  const bySeries = new Map<SeriesEntry, Item[]>()
  for (const item of items) {
    const own = bySeries.get(entryOf(item))
    if (own === undefined) bySeries.set(entryOf(item), [item])
    else own.push(item)
  }
  return asked.flatMap((entry) => bySeries.get(entry) ?? [])
}
