import type { DeviceId } from '../domain/ids.ts'
import { testBit } from '../domain/quality-tests.ts'
import type { RunId } from '../domain/ids.ts'
import type { StoredRow } from '../store/ports/ledger.ts'

/** Smallest delays of a device's live readings, ms, by hour and by day since the epoch; newest last. */
interface Delays {
  hours: [hour: number, delayMs: number][]
  days: [day: number, delayMs: number][]
}

export interface ClockSkew {
  /** The device's time minus ours, ms. */
  offsetMs: number
  driftMsPerDay: number | null
  hours: number
  days: number
}

/** Follows the clocks of devices by when their live readings come. Bounded: 24 hours and 30 days for each device that was heard. */
export interface ClockWatch {
  /** Rows of a commit. Back-fill says nothing of a clock: only readings newer than all of their series count, and of those the live ones. */
  take(rows: readonly StoredRow[]): void
  skew(device: DeviceId): ClockSkew | null
  /** Forgets devices that are no more. */
  retain(devices: ReadonlySet<DeviceId>): void
  /** Everything, as JSON. */
  save(): SavedClocks
}

/** The newest reading of a device, and when it came. */
interface Heard {
  receivedAt: number
  observedAt: number
}

export type SavedClocks = [device: string, delays: Delays][]

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const mostHours = 24
const mostDays = 30
const fewestDays = 3
const arrivalTime = testBit('arrival_time')

/**
 * @param followsClock whether the devices of a run are on our clock (null = the real fleet); those of other runs say nothing
 * @param saved what `save` gave before the process ended
 */
export function createClockWatch(followsClock: (run: RunId | null) => boolean, saved: SavedClocks = []): ClockWatch {
  const byDevice = new Map<DeviceId, Delays>(saved.map(([device, delays]) => [device as DeviceId, delays]))
  const heard = new Map<DeviceId, Heard>()

  /** Time goes on as fast in the readings as it does here; a device that empties its memory sends hours in seconds. */
  function isLive({ device, receivedAt, observedAt }: StoredRow): boolean {
    const before = heard.get(device)
    if (before !== undefined && observedAt <= before.observedAt) return false
    heard.set(device, { receivedAt, observedAt })
    return before !== undefined && receivedAt - before.receivedAt >= (observedAt - before.observedAt) / 2
  }

  function note({ device, receivedAt, observedAt }: StoredRow): void {
    const delays = byDevice.get(device) ?? { hours: [], days: [] }
    byDevice.set(device, delays)
    keepSmallest(delays.hours, [Math.floor(receivedAt / hourMs), receivedAt - observedAt], mostHours)
    keepSmallest(delays.days, [Math.floor(receivedAt / dayMs), receivedAt - observedAt], mostDays)
  }

  return {
    take(rows) {
      let last = -1
      for (const row of rows) {
        if (row.delivery === last || row.arrival !== 'next' || (row.tests & arrivalTime) !== 0 || !followsClock(row.run)) continue
        last = row.delivery
        if (isLive(row)) note(row)
      }
    },
    skew(device) {
      const delays = byDevice.get(device)
      if (delays === undefined || delays.hours.length === 0) return null
      const offsetMs = -median(delays.hours.map(([, delay]) => delay))
      return { offsetMs, driftMsPerDay: driftOf(delays.days), hours: delays.hours.length, days: delays.days.length }
    },
    retain(devices) {
      for (const device of byDevice.keys()) if (!devices.has(device)) byDevice.delete(device)
      for (const device of heard.keys()) if (!devices.has(device)) heard.delete(device)
    },
    save: () => [...byDevice],
  }
}

function keepSmallest(kept: [number, number][], [place, delayMs]: [number, number], most: number): void {
  const newest = kept.at(-1)
  if (newest !== undefined && place <= newest[0]) {
    if (place === newest[0]) newest[1] = Math.min(newest[1], delayMs)
    return
  }
  kept.push([place, delayMs])
  if (kept.length > most) kept.shift()
}

/** Theil-Sen: the median of the slopes between all pairs of days; an offset grows as the delay falls. */
function driftOf(days: readonly [number, number][]): number | null {
  if (days.length < fewestDays) return null
  const slopes = days.flatMap(([day, delay], i) => days.slice(i + 1).map(([later, other]) => (delay - other) / (later - day)))
  return Math.round(median(slopes))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}
