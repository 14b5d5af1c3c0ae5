import type { SensorId } from '../../domain/ids.ts'
import type { Dictionary, SeriesEntry } from './dictionary.ts'
import type { Parameters } from './parameters.ts'

/** The series of a question that the file knows, in the order asked. */
export interface Selection {
  asked: readonly SeriesEntry[]
  /** A condition on `series`. */
  condition(parameters: Parameters): string
}

/** Null when the file knows none of them. */
export function select(words: Dictionary, series: readonly SensorId[]): Selection | null {
  const asked = series.flatMap((name) => words.series.known(name) ?? [])
  const [first] = asked
  if (first === undefined) return null
  const ids = asked.map((entry) => entry.id)
  return {
    asked,
    condition: ({ given }) => {
      if (ids.length === 1) return `series = ${given(first.id)}`
      // Nothing to choose: spares a join with all of them.
      if (new Set(ids).size === words.series.all().length) return 'true'
      return `series IN (SELECT unnest(${given(ids)}::INTEGER[]))`
    },
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
