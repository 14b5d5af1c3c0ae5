import { carrying } from './amounts.ts'
import type { LandFacts } from './hydrology.ts'

/** What their water carries, mg/L. */
const clean = carrying({ salt: 150, sediment: 3, ammonia: 0.08, organic: 5, phosphorus: 0.02 })
const farmed = carrying({ salt: 240, sediment: 8, ammonia: 0.3, organic: 9, phosphorus: 0.08 })
const hillRunoff = carrying({ salt: 35, sediment: 45, ammonia: 0.12, organic: 9, phosphorus: 0.05 })
const fieldRunoff = carrying({ salt: 60, sediment: 90, ammonia: 0.6, organic: 16, phosphorus: 0.2 })
const townRunoff = carrying({ salt: 90, sediment: 70, ammonia: 0.9, organic: 24, phosphorus: 0.25 })

/** Forested hills: runoff of `quickHours`. */
export const hills = (areaKm2: number, quickHours = 2.5): LandFacts => ({
  areaKm2,
  sealed: 0.05,
  quickHours,
  groundwater: clean,
  surface: hillRunoff,
})
/** Farmed valleys. */
export const fields = (areaKm2: number, quickHours = 4): LandFacts => ({
  areaKm2,
  sealed: 0.08,
  quickHours,
  groundwater: farmed,
  surface: fieldRunoff,
})
/** A town: roofs, roads, and what lies on them. */
export const town = (areaKm2: number): LandFacts => ({ areaKm2, sealed: 0.35, quickHours: 1.2, groundwater: farmed, surface: townRunoff })
