import type { Sensor } from '../../domain/network.ts'
import { keyOf, normal } from './random.ts'
import type { Fault } from './warts.ts'

/** Noise (deviation: `sd` in the parameter's unit plus `share` of the value) and the step of what an instrument shows. */
interface Instrument {
  sd: number
  share: number
  decimals: number
}

const instruments: ReadonlyMap<string, Instrument> = new Map([
  ['water_level', { sd: 0.0012, share: 0, decimals: 3 }],
  ['reservoir_level_upstream', { sd: 0.0012, share: 0, decimals: 3 }],
  ['river_discharge', { sd: 0, share: 0.0008, decimals: 3 }],
  ['water_temperature', { sd: 0.006, share: 0, decimals: 2 }],
  ['ph', { sd: 0.004, share: 0, decimals: 2 }],
  ['dissolved_oxygen', { sd: 0.015, share: 0, decimals: 2 }],
  ['conductivity', { sd: 0.2, share: 0.001, decimals: 1 }],
  ['turbidity', { sd: 0.1, share: 0.02, decimals: 1 }],
  ['ammonia_nitrogen', { sd: 0.003, share: 0.02, decimals: 3 }],
  ['codmn', { sd: 0.02, share: 0.02, decimals: 2 }],
  ['cod', { sd: 0.2, share: 0.02, decimals: 1 }],
  ['total_phosphorus', { sd: 0.001, share: 0.02, decimals: 3 }],
  ['total_nitrogen', { sd: 0.01, share: 0.02, decimals: 2 }],
  ['chlorophyll_a', { sd: 0.1, share: 0.02, decimals: 1 }],
  ['wastewater_flow', { sd: 0.5, share: 0.004, decimals: 1 }],
  ['water_flow', { sd: 2, share: 0.002, decimals: 0 }],
  ['pm2_5', { sd: 0.6, share: 0.01, decimals: 0 }],
  ['pm10', { sd: 0.9, share: 0.01, decimals: 0 }],
  ['co', { sd: 0.008, share: 0.005, decimals: 2 }],
  ['air_temperature', { sd: 0.03, share: 0, decimals: 1 }],
  ['relative_humidity', { sd: 0.2, share: 0, decimals: 1 }],
])
const usual: Instrument = { sd: 0.3, share: 0.01, decimals: 1 }

/** mm of one tip of a rain gauge's bucket: what it counts, and what its increments are made of. */
export const tipMm = 0.2

/** What an instrument shows: in the parameter's unit, with its noise and in its steps. */
export interface SimulatedReading {
  sensor: Sensor
  /** Epoch ms. */
  at: number
  value: number
}

interface SamplerParts {
  sensor: Sensor
  /** The true value at a moment; for rainfall the sum since the beginning, mm. */
  truth: (at: number) => number
  seed: number
  fault: (at: number) => Fault | null
}

/**
 * Shows a sensor's readings at its own interval; stations report some seconds apart from each other, so that something moves all the time.
 * The rain gauge gives the tips since its last reading: its sums are the rain's, to one tip; its first call has nothing to compare with.
 * Adds its readings of (from, to] to a list.
 */
export function createSampler({ sensor, truth, seed, fault }: SamplerParts): (from: number, to: number, into: SimulatedReading[]) => void {
  const everyMs = sensor.everyMs ?? 300_000
  const phase = (((keyOf(sensor.station) >>> 0) % 12) * 5000) % everyMs
  const instrument = instruments.get(sensor.parameter.key) ?? usual
  const key = keyOf(sensor.id)
  let tips: number | null = null
  const tipped = (at: number): number | null => {
    const before = tips
    tips = Math.floor(truth(at) / tipMm + 1e-9)
    return before === null ? null : (tips - before) * tipMm
  }
  const show = (at: number): number => {
    const value = truth(at)
    return value + normal(seed, key, Math.floor(at / 1000)) * (instrument.sd + instrument.share * Math.abs(value))
  }
  const read = sensor.parameter.key === 'rainfall' ? tipped : show
  const steps = 10 ** instrument.decimals
  const least = sensor.parameter.grossRange.min ?? -Infinity
  return (from, to, into) => {
    for (let at = Math.ceil((from + 1 - phase) / everyMs) * everyMs + phase; at <= to; at += everyMs) {
      const value = spoilt(read(at), fault(at))
      // No instrument shows less than its range begins with.
      if (value !== null) into.push({ sensor, at, value: Math.round(Math.max(least, value) * steps) / steps })
    }
  }
}

function spoilt(value: number | null, fault: Fault | null): number | null {
  if (fault === null || value === null) return value
  if (fault.what === 'lost') return null
  return fault.what === 'stuck' ? fault.value : value + fault.by
}
