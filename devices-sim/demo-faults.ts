import type { FaultOrder, FaultType } from './faults/fault.ts'
import type { HistoryRecord } from './hj212-memory.ts'

const [minute, hour] = [60_000, 3_600_000]

const now = (type: FaultType, where: string, everyHours: number, minutes: number, height: number | null = null): FaultOrder => ({
  ...{ type, where, height, share: 1, at: 0 },
  everyMs: everyHours * hour,
  lastsMs: minutes * minute,
})

/** What goes wrong in the demo catchment. Real gauges have these: a radio that drops out, a branch before the sonde, a wiper that sticks. */
export const demoFaults: readonly FaultOrder[] = [
  now('gap', 'zhuling', 72, 95),
  now('gap', 'lower-weir', 60, 45),
  now('gap', 'gaoxin-air/pm10', 40, 120),
  now('spike', 'baishui/water_level', 22, 1, 1.3),
  now('spike', 'nanwan/turbidity', 30, 5, 480),
  now('spike', 'gaoxin-air/pm2_5', 36, 5, 320),
  now('flat-line', 'dongqiao/turbidity', 96, 30 * 60, 14),
]

/** What a station of a field protocol does wrong while it lives. Its history is sent whole: what came before it stays as it was. */
export interface StationHabits {
  /** Data of periods that it keeps in its memory only, until they are recalled (HJ 212). */
  loses?: (record: HistoryRecord, now: number) => boolean
  /** It loses its line so often, ms; it comes back after a second. */
  losesLineEveryMs?: number
}

/**
 * The outfall of the treatment works leaves every fifth hour unsent, which the ledger recalls with 2061; the weir of Stone Bridge loses its line every
 * three hours, and what was not confirmed goes out again.
 */
export const demoHabits: ReadonlyMap<string, StationHabits> = new Map([
  ['logger-chengnan', { loses: ({ cn, at }: HistoryRecord, now: number) => cn === '2061' && isLost(at) && now - at < 2 * hour }],
  ['rtu-shiqiao', { losesLineEveryMs: 3 * hour }],
])

const isLost = (at: number): boolean => Math.floor(at / hour) % 5 === 0
