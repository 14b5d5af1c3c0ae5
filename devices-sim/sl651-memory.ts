import type { ReadingGroup } from '../domain/reading.ts'
import { parameters } from '../domain/parameters.ts'
import { elementOf, elements, special } from '../gateways/sl651/fields.ts'
import { fiveMinutes, type Item, type Part } from '../gateways/sl651/message.ts'

/** What a station measured in one minute, as elements. */
export interface MinuteRecord {
  /** Epoch ms, a whole minute: the protocol has no seconds. */
  at: number
  items: Item[]
}

/** What a station remembers: a record for each minute with readings, the oldest go first. */
export interface StationMemory {
  /** Null when nothing of the group has an element. */
  take(group: ReadingGroup): MinuteRecord | null
  newest(): MinuteRecord | null
  /**
   * An element from `from` to `to` (both inclusive), a step apart, as 38H has it: parts of at most an hour of rain, or one of all values. Empty when it has
   * nothing.
   */
  period(element: number, range: { from: number; to: number; stepMs: number }): { at: number; items: Item[] }[]
}

const minute = 60_000
/** A week of minutes. */
const mostRecords = 10_080
/** Most values of one answer, so that it stays below the frame's 4095 bytes in either encoding. */
const mostValues = 250

export function createStationMemory(): StationMemory {
  const records = new Map<number, MinuteRecord>()

  function valueAt(id: number, at: number): number | null {
    const item = records.get(at)?.items.find((one) => one.kind === 'number' && one.id === id)
    return item?.kind === 'number' ? item.value : null
  }

  return {
    take({ at, readings, housekeeping = [] }) {
      if (at === null) return null
      const items = [...readings, ...housekeeping].flatMap(({ name, value }) => itemOf(name, value) ?? [])
      if (items.length === 0) return null
      const record = { at: Math.floor(at / minute) * minute, items }
      records.delete(record.at)
      records.set(record.at, record)
      const [oldest] = records.keys()
      if (records.size > mostRecords && oldest !== undefined) records.delete(oldest)
      return record
    },
    newest: () => [...records.values()].at(-1) ?? null,
    period(element, { from, to, stepMs }) {
      const size = element === special.rain5min ? 12 : mostValues
      const step = element === special.rain5min ? fiveMinutes : Math.max(minute, stepMs)
      const source = element === special.rain5min ? rainElement : element
      const parts = []
      const last = Math.min(to, [...records.keys()].at(-1) ?? to)
      for (let start = Math.ceil(from / step) * step; start <= last; start += size * step) {
        const count = Math.min(size, Math.floor((last - start) / step) + 1)
        const values = Array.from({ length: element === special.rain5min ? 12 : count }, (_, i) =>
          i < count ? valueAt(source, start + i * step) : null,
        )
        if (values.some((value) => value !== null)) parts.push({ at: start, items: [stepItem(step), valuesItem(element, values)] })
      }
      return parts
    },
  }
}

/** PN05: the 5-minute amount that a report carries. */
const rainElement = 0x22

/** A reading as an element; null where the standard has none for it. */
export function itemOf(name: string, value: number | null): Item | null {
  const key = name === 'battery' ? 'supply_voltage' : name
  const id = key === 'rainfall' ? rainElement : parameters.has(key) ? elementOf(key, 1) : null
  return id === null ? null : numberItem(id, value)
}

/** A number in the bytes and decimals of the table, two sign bytes more where it is negative. */
export function numberItem(id: number, value: number | null): Item | null {
  const definition = elements.get(id)?.definition
  if (definition === undefined) return null
  const decimals = definition & 7
  const rounded = value === null ? null : Math.round(value * 10 ** decimals) / 10 ** decimals
  const bytes = (definition >> 3) + (rounded !== null && rounded < 0 ? 1 : 0)
  const fits = rounded === null || Math.abs(rounded) < 10 ** (2 * (definition >> 3) - decimals)
  return { kind: 'number', id, bytes, decimals, value: fits ? rounded : null }
}

function stepItem(ms: number): Item {
  const minutes = ms / minute
  return { kind: 'step', days: Math.floor(minutes / 1440), hours: Math.floor((minutes % 1440) / 60), minutes: minutes % 60 }
}

function valuesItem(id: number, values: readonly (number | null)[]): Item {
  if (id === special.rain5min) return { kind: 'series', id, values: [...values] }
  const definition = elements.get(id)?.definition ?? 0
  const isNegative = values.some((value) => value !== null && value < 0)
  return { kind: 'run', id, bytes: (definition >> 3) + (isNegative ? 1 : 0), decimals: definition & 7, values: [...values] }
}

/** The class of a station (annex A): rain, reservoir or lake, else river. */
export function classOf(kind: string): number {
  const letter = kind === 'rain' ? 'P' : kind === 'reservoir' || kind === 'lake' ? 'K' : 'H'
  return letter.charCodeAt(0)
}

/** One time of one station as a part of a body. */
export const partOf = (station: string, stationClass: number, { at, items }: { at: number; items: Item[] }): Part => ({
  station,
  stationClass,
  observedAt: at,
  items,
})
