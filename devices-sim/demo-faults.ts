import type { FaultOrder, FaultType } from './faults/fault.ts'

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
