import { flag, worse, type Flag } from '../domain/flag.ts'
import type { Observation } from '../domain/observation.ts'

/** Half hours of a day: what the cells of a day are. */
export const cellMs = 1_800_000
export const cellCount = 48
const dayMs = cellMs * cellCount
/** Readings kept for the trend and the last values. */
const recentCount = 12

/** The last day of one series in a few kilobytes: newest reading, last readings, one byte a slot for its flag, last value of each half hour. */
export interface SeriesState {
  readonly everyMs: number | null
  /** Newest by observedAt. */
  latest: Observation | null
  /** The last readings, oldest first. */
  readonly recent: Observation[]
  /** Takes a reading in any order; one of a known moment replaces it. `fill`: only where nothing is yet (what the store said is older). */
  take(seen: Observation, fill?: boolean): void
  /** The day whose last cell holds `now`. */
  day(now: number): DayOfCells
}

export interface DayOfCells {
  from: number
  /** Share of the readings expected that came, by cell; null for an irregular series. */
  completeness: number[] | null
  /** The same over all cells. */
  whole: number | null
  /** Worst flag of each cell, 0 = none. */
  worst: number[]
  last: (number | null)[]
}

/**
 * A slot is a quarter of the expected interval, so that jitter puts no two readings into one, and at least 5 s (17,281 bytes).
 * Slots and cells are places in rings, told by their number from the epoch; what is older than a day before the newest is not taken.
 */
export function createSeriesState(everyMs: number | null): SeriesState {
  const slotMs = Math.max(5_000, everyMs === null ? 75_000 : everyMs / 4)
  // cells that one reading of a slow series stands for, beside its own
  const lead = Math.min(cellCount, Math.ceil((everyMs ?? 0) / cellMs)) - (everyMs === null ? 0 : 1)
  const slots = new Uint8Array(Math.ceil((dayMs + lead * cellMs) / slotMs) + 1)
  const cellNumbers = new Float64Array(cellCount + 1).fill(-1)
  const cellAt = new Float64Array(cellCount + 1)
  const cellValues = new Float64Array(cellCount + 1)
  let newestSlot = -Infinity

  const markSlot = (at: number, mark: Flag, fill: boolean): void => {
    const slot = Math.floor(at / slotMs)
    if (slot > newestSlot) {
      if (slot - newestSlot >= slots.length) slots.fill(0)
      else for (let passed = newestSlot + 1; passed <= slot; passed += 1) slots[passed % slots.length] = 0
      newestSlot = slot
    }
    if (slot <= newestSlot - slots.length) return
    if (!fill || slots[slot % slots.length] === 0) slots[slot % slots.length] = mark
  }
  const markCell = (at: number, value: number, fill: boolean): void => {
    const cell = Math.floor(at / cellMs)
    const ring = cell % cellNumbers.length
    const held = cellNumbers[ring] ?? -1
    const heldAt = cell === held ? (cellAt[ring] ?? 0) : -Infinity
    if (cell < held || at < heldAt || (fill && at === heldAt)) return
    cellNumbers[ring] = cell
    cellAt[ring] = at
    cellValues[ring] = value
  }

  const state: SeriesState = {
    everyMs,
    latest: null,
    recent: [],
    take(seen, fill = false) {
      const known = place(state.recent, seen, fill)
      if (known && fill) return
      state.latest = state.recent.at(-1) ?? null
      markSlot(seen.observedAt, seen.flag, fill)
      if (seen.value !== null && seen.flag !== flag.fail) markCell(seen.observedAt, seen.value, fill)
    },
    day(now) {
      const lastCell = Math.floor(now / cellMs)
      const firstCell = lastCell - cellCount + 1
      const from = firstCell * cellMs
      const { came, worst } = countSlots(slots, slotMs, newestSlot, from - lead * cellMs, cellCount + lead)
      const complete = everyMs === null ? { completeness: null, whole: null } : completenessOf(came, lead + 1, everyMs, now - from)
      const last = Array.from({ length: cellCount }, (_, cell) => {
        const ring = (firstCell + cell) % cellNumbers.length
        return cellNumbers[ring] === firstCell + cell ? (cellValues[ring] ?? null) : null
      })
      return { from, ...complete, worst: worst.slice(lead), last }
    },
  }
  return state
}

/** Puts a reading into the sorted few; true when its moment was there. Replaces it unless `fill`. */
function place(recent: Observation[], seen: Observation, fill: boolean): boolean {
  let at = recent.length
  while (at > 0 && (recent[at - 1]?.observedAt ?? 0) > seen.observedAt) at -= 1
  if (recent[at - 1]?.observedAt === seen.observedAt) {
    if (!fill) recent[at - 1] = seen
    return true
  }
  recent.splice(at, 0, seen)
  if (recent.length > recentCount) recent.shift()
  return false
}

/** How many slots of each cell hold a value, and the worst flag of each; `count` cells from `from` on. */
function countSlots(
  slots: Uint8Array,
  slotMs: number,
  newestSlot: number,
  from: number,
  count: number,
): { came: number[]; worst: number[] } {
  const came = Array.from({ length: count }, () => 0)
  const worst = Array.from({ length: count }, () => 0)
  const first = Math.max(Math.ceil(from / slotMs), newestSlot - slots.length + 1)
  for (let slot = first; slot <= newestSlot; slot += 1) {
    const cell = Math.floor((slot * slotMs - from) / cellMs)
    const mark = slots[slot % slots.length] as Flag | 0 | undefined
    if (!mark || cell < 0 || cell >= count) continue
    worst[cell] = worst[cell] ? worse(worst[cell] as Flag, mark) : mark
    if (mark !== flag.missing) came[cell] = (came[cell] ?? 0) + 1
  }
  return { came, worst }
}

/**
 * Came / expected of each cell, at most 1, and of all cells together. Of the running cell as many are expected as have had their time.
 * A series slower than a cell fills all the cells of its interval with one reading; `came` begins `span - 1` cells early for that.
 */
function completenessOf(
  came: readonly number[],
  span: number,
  everyMs: number,
  sinceFrom: number,
): Pick<DayOfCells, 'completeness' | 'whole'> {
  const cells = Array.from({ length: cellCount }, (_, cell) => {
    const passed = Math.min(cellMs, sinceFrom - cell * cellMs)
    const expected = span > 1 ? 1 : Math.floor(passed / everyMs)
    const got = came.slice(cell, cell + span).reduce((sum, count) => sum + count, 0)
    return { expected, got }
  })
  const wanted = cells.reduce((sum, { expected }) => sum + expected, 0)
  const had = cells.reduce((sum, { expected, got }) => sum + Math.min(expected, got), 0)
  return {
    completeness: cells.map(({ expected, got }) => Math.min(1, got / Math.max(1, expected))),
    whole: wanted === 0 ? null : had / wanted,
  }
}
