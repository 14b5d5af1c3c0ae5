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
  /** Share of the readings expected that came, over the day whose last cell holds `now`; null for an irregular series. */
  whole(now: number): number | null
  /** The same day by cells. */
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

export function createSeriesState(everyMs: number | null): SeriesState {
  // cells that one reading of a slow series stands for, beside its own
  const lead = everyMs === null ? 0 : Math.max(0, Math.min(cellCount, Math.ceil(everyMs / cellMs)) - 1)
  const slots = createSlots(everyMs, lead)
  const cells = createCells(cellCount + lead)
  const firstOf = (now: number): number => Math.floor(now / cellMs) - cellCount + 1

  const state: SeriesState = {
    everyMs,
    latest: null,
    recent: [],
    take(seen, fill = false) {
      if (place(state.recent, seen, fill) && fill) return
      state.latest = state.recent[state.recent.length - 1] ?? null
      const before = slots.mark(seen.observedAt, seen.flag, fill)
      if (before !== null) {
        const change = Number(counts(seen.flag)) - Number(counts(before))
        if (change !== 0) cells.count(slots.startOf(seen.observedAt), change)
      }
      if (seen.value !== null && seen.flag !== flag.fail) cells.put(seen.observedAt, seen.value, fill)
    },
    whole(now) {
      if (everyMs === null) return null
      let [wanted, had] = [0, 0]
      const first = firstOf(now)
      for (let cell = first; cell < first + cellCount; cell += 1) {
        const expected = expectedIn(cell, everyMs, lead, now)
        wanted += expected
        had += Math.min(expected, cameFor(cells, cell, lead))
      }
      return wanted === 0 ? null : had / wanted
    },
    day(now) {
      const first = firstOf(now)
      const over = <Value>(of: (cell: number) => Value): Value[] => Array.from({ length: cellCount }, (_, i) => of(first + i))
      const share = (every: number) => (cell: number) =>
        Math.min(1, cameFor(cells, cell, lead) / Math.max(1, expectedIn(cell, every, lead, now)))
      return {
        from: first * cellMs,
        completeness: everyMs === null ? null : over(share(everyMs)),
        worst: slots.worst(first),
        last: over(cells.last),
      }
    },
  }
  return state
}

const counts = (mark: number): boolean => mark !== 0 && mark !== flag.missing

/** Readings expected in a cell: of the running one as many as have had their time; of a series slower than a cell, one in each. */
function expectedIn(cell: number, everyMs: number, lead: number, now: number): number {
  return lead > 0 ? 1 : Math.floor(Math.min(cellMs, now - cell * cellMs) / everyMs)
}

/** Readings that came in a cell; a slow series fills all the cells of its interval with one. */
function cameFor(cells: Cells, cell: number, lead: number): number {
  let came = 0
  for (let one = cell - lead; one <= cell; one += 1) came += cells.came(one)
  return came
}

/** Puts a reading into the sorted few; true when its moment was there. Replaces it unless `fill`. */
function place(recent: Observation[], seen: Observation, fill: boolean): boolean {
  let at = recent.length
  while (at > 0 && (recent[at - 1]?.observedAt ?? 0) > seen.observedAt) at -= 1
  if (at > 0 && recent[at - 1]?.observedAt === seen.observedAt) {
    if (!fill) recent[at - 1] = seen
    return true
  }
  if (at === recent.length) recent.push(seen)
  else recent.splice(at, 0, seen)
  if (recent.length > recentCount) recent.shift()
  return false
}

interface Slots {
  /** Marks the slot of a moment and returns what stood there, 0 = nothing; null when it is older than a day before the newest, or `fill` met a mark. */
  mark(at: number, mark: Flag, fill: boolean): number | null
  startOf(at: number): number
  worst(firstCell: number): number[]
}

/**
 * One byte for each slot of the last day: the flag of its reading. A slot is a quarter of the expected interval, so that jitter puts no
 * two readings into one, and at least 5 s (17,281 bytes). Slots are places in a ring, told by their number from the epoch.
 */
function createSlots(everyMs: number | null, lead: number): Slots {
  const slotMs = Math.max(5_000, everyMs === null ? 75_000 : everyMs / 4)
  const marks = new Uint8Array(Math.ceil((dayMs + lead * cellMs) / slotMs) + 1)
  let newest = -Infinity

  const advance = (slot: number): void => {
    if (slot - newest >= marks.length) marks.fill(0)
    else for (let passed = newest + 1; passed <= slot; passed += 1) marks[passed % marks.length] = 0
    newest = slot
  }
  return {
    startOf: (at) => Math.floor(at / slotMs) * slotMs,
    mark(at, mark, fill) {
      const slot = Math.floor(at / slotMs)
      if (slot > newest) advance(slot)
      if (slot <= newest - marks.length) return null
      const before = marks[slot % marks.length] ?? 0
      if (fill && before !== 0) return null
      marks[slot % marks.length] = mark
      return before
    },
    worst(firstCell) {
      const worst = Array.from({ length: cellCount }, () => 0)
      const first = Math.max(Math.ceil((firstCell * cellMs) / slotMs), newest - marks.length + 1)
      for (let slot = first; slot <= newest; slot += 1) {
        const mark = (marks[slot % marks.length] ?? 0) as Flag | 0
        const cell = Math.floor((slot * slotMs) / cellMs) - firstCell
        if (mark !== 0 && cell < cellCount) worst[cell] = worst[cell] ? worse(worst[cell] as Flag, mark) : mark
      }
      return worst
    },
  }
}

interface Cells {
  /** Adds to the readings that came in the cell of a moment. */
  count(at: number, change: number): void
  put(at: number, value: number, fill: boolean): void
  came(cell: number): number
  last(cell: number): number | null
}

/** Count and last value of each half hour, in a ring; a cell is told by its number from the epoch. */
function createCells(size: number): Cells {
  const length = size + 1
  const numbers = new Float64Array(length).fill(-1)
  const cameIn = new Uint16Array(length)
  const lastAt = new Float64Array(length)
  const lastValue = new Float64Array(length)

  /** The place of a cell, made anew when it holds an older one; -1 when it holds a newer one. */
  const open = (cell: number): number => {
    const ring = cell % length
    const held = numbers[ring] ?? -1
    if (held > cell) return -1
    if (held < cell) {
      numbers[ring] = cell
      cameIn[ring] = 0
      lastAt[ring] = -1
    }
    return ring
  }
  return {
    count(at, change) {
      const ring = open(Math.floor(at / cellMs))
      if (ring >= 0) cameIn[ring] = (cameIn[ring] ?? 0) + change
    },
    put(at, value, fill) {
      const ring = open(Math.floor(at / cellMs))
      const heldAt = ring < 0 ? Infinity : (lastAt[ring] ?? -1)
      if (at < heldAt || (fill && at === heldAt)) return
      lastAt[ring] = at
      lastValue[ring] = value
    },
    came: (cell) => (numbers[cell % length] === cell ? (cameIn[cell % length] ?? 0) : 0),
    last: (cell) => (numbers[cell % length] === cell && (lastAt[cell % length] ?? -1) >= 0 ? (lastValue[cell % length] ?? null) : null),
  }
}
