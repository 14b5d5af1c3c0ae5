import type { Sensor } from '../../domain/network.ts'
import { keyOf, normal } from '../world/random.ts'
import type { FaultWindow } from './fault.ts'

/**
 * Takes what an instrument shows through the faults that hold; null = it gives nothing. Called for every reading, in time order: some faults
 * remember what came before.
 */
export type Spoil = (value: number, at: number, windows: readonly FaultWindow[]) => number | null

/** How far wrong an instrument is by default, in its unit. */
const usualHeights: ReadonlyMap<string, number> = new Map([
  ['water_level', 1.2],
  ['reservoir_level_upstream', 1.2],
  ['water_depth', 1.5],
  ['water_temperature', 4],
  ['ph', 1.8],
  ['dissolved_oxygen', 4],
  ['conductivity', 200],
  ['turbidity', 300],
  ['pm2_5', 300],
  ['pm10', 400],
  ['noise_leq', 25],
  ['soil_moisture_10cm', 20],
  ['gamma_dose_rate', 400],
])

/** Faults of the instrument of one sensor. */
export function createSpoil(sensor: Sensor, seed: number): Spoil {
  const key = keyOf(sensor.id)
  const counts = sensor.from === 'counter'
  let [stuckBy, stuckAt] = ['', 0]
  let last: number | null = null
  /** Tips of a counting gauge that its count lacks for good, by a share of those since the last reading. */
  let lacking = 0
  const missed = (value: number, share: number): number => {
    if (last !== null && value > last) lacking += share * (value - last)
    return Math.round(lacking)
  }
  const held = (value: number, { id, height }: FaultWindow): number => {
    if (stuckBy !== id) [stuckBy, stuckAt] = [id, height ?? last ?? value]
    return stuckAt
  }
  const spoilt = (value: number, at: number, window: FaultWindow): number | null => {
    const { type, from, to } = window
    const part = (at - from) / (to - from)
    const height = window.height ?? usualHeights.get(sensor.parameter.key) ?? 0.6 * Math.abs(value) + 1
    switch (type) {
      case 'gap':
        return null
      case 'flat-line':
        return held(value, window)
      case 'spike':
        return value + (window.draw < 0.25 ? -height : height)
      case 'offset':
        return value + height
      case 'drift':
        return value + height * part
      case 'fouling':
        return value + height * part ** 2
      case 'noise-burst':
        return value + height * normal(seed, key, Math.floor(at / 1000) + 1)
      case 'quantisation':
        return Math.round(value / height) * height
      case 'unit-slip':
        return value * 100
      case 'stuck-bucket':
        return counts ? value - missed(value, 1) : 0
      case 'blocked-gauge':
        return counts ? value - missed(value, 0.8) : 0.2 * value
      case 'out-of-water':
        return 0.02 * Math.abs(normal(seed, key, Math.floor(at / 1000) + 2))
      case 'ice':
        return held(value, { ...window, height: null }) + height * Math.min(1, 8 * part)
      default:
        return value
    }
  }
  return (value, at, windows) => {
    // a count that began again lacks nothing
    if (last !== null && value < last) lacking = 0
    const isStopped = windows.some(({ type }) => type === 'stuck-bucket' || type === 'blocked-gauge')
    let shown: number | null = counts && !isStopped ? value - Math.round(lacking) : value
    for (const window of windows) shown = shown === null ? null : spoilt(shown, at, window)
    last = value
    return shown
  }
}
