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
  /** Worst flag of each cell, 0 = none. */
  worst: number[]
  last: (number | null)[]
}

/**
 * A slot is a quarter of the expected interval, so that jitter puts no two readings into one, and at least 5 s (17,280 bytes a day).
 * Slots and cells are places in rings, told by their number from the epoch; what is older than a day before the newest is not taken.
 */
export function createSeriesState(everyMs: number | null): SeriesState {
  const slotMs = Math.max(5_000, everyMs === null ? 75_000 : everyMs / 4)
  const slots = new Uint8Array(Math.ceil(dayMs / slotMs) + 1)
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
    const place = cell % cellNumbers.length
    const held = cellNumbers[place] ?? -1
    if (cell < held) return
    const older = cell === held && (fill ? at <= (cellAt[place] ?? 0) : at < (cellAt[place] ?? 0))
    if (older) return
    cellNumbers[place] = cell
    cellAt[place] = at
    cellValues[place] = value
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
      const from = (lastCell - cellCount + 1) * cellMs
      const counts = countSlots(slots, slotMs, newestSlot, from)
      const last = Array.from({ length: cellCount }, (_, cell) => {
        const ring = (lastCell - cellCount + 1 + cell) % cellNumbers.length
        return cellNumbers[ring] === lastCell - cellCount + 1 + cell ? (cellValues[ring] ?? null) : null
      })
      return { from, completeness: everyMs === null ? null : shares(counts.came, everyMs, slotMs, from, now), worst: counts.worst, last }
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

/** How many slots of each cell hold a value, and the worst flag of each. */
function countSlots(slots: Uint8Array, slotMs: number, newestSlot: number, from: number): { came: number[]; worst: number[] } {
  const came = Array.from({ length: cellCount }, () => 0)
  const worst = Array.from({ length: cellCount }, () => 0)
  const first = Math.max(Math.ceil(from / slotMs), newestSlot - slots.length + 1)
  for (let slot = first; slot <= newestSlot; slot += 1) {
    const cell = Math.floor((slot * slotMs - from) / cellMs)
    const mark = slots[slot % slots.length] as Flag | 0 | undefined
    if (!mark || cell < 0 || cell >= cellCount) continue
    worst[cell] = worst[cell] ? worse(worst[cell] as Flag, mark) : mark
    if (mark !== flag.missing) came[cell] = (came[cell] ?? 0) + 1
  }
  return { came, worst }
}

/** Came / expected by cell, at most 1; of the running cell as much is expected as has passed. */
function shares(came: readonly number[], everyMs: number, slotMs: number, from: number, now: number): number[] {
  return came.map((count, cell) => {
    const passed = Math.min(cellMs, now - (from + cell * cellMs))
    const expected = Math.floor(passed / Math.max(everyMs, slotMs))
    return expected <= 0 ? (count > 0 ? 1 : 0) : Math.min(1, count / expected)
  })
}
