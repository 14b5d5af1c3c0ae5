import type { Sensor } from '../../domain/network.ts'
import { createSpoil } from '../faults/values.ts'
import type { FaultWindow } from '../faults/fault.ts'
import type { PlaceFaults } from '../faults/schedule.ts'
import { keyOf, normal } from './random.ts'

/** Noise (deviation: `sd` in the parameter's unit plus `share` of the value) and the step of what an instrument shows. */
interface Instrument {
  sd: number
  share: number
  decimals: number
}

const instruments: ReadonlyMap<string, Instrument> = new Map([
  ['water_level', { sd: 0.0012, share: 0, decimals: 3 }],
  ['reservoir_level_upstream', { sd: 0.0012, share: 0, decimals: 3 }],
  ['water_depth', { sd: 0.002, share: 0, decimals: 3 }],
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

/**
 * How far from the truth a sound instrument may be, in the parameter's unit, at a true value: three deviations of its noise and a step of what it
 * shows; a rain gauge by one tip.
 */
export function soundWithin(parameter: string, truth: number): number {
  if (parameter === 'rainfall') return tipMm
  if (parameter === 'rain_accumulated') return 1
  const { sd, share, decimals } = instruments.get(parameter) ?? usual
  return 3 * (sd + share * Math.abs(truth)) + 10 ** -decimals
}

/** What an instrument shows: in the parameter's unit, with its noise and in its steps. */
export interface SimulatedReading {
  sensor: Sensor
  /** Epoch ms. */
  at: number
  /** Null = the instrument gave nothing. */
  value: number | null
  /** What a perfect instrument would have shown. */
  truth: number
  /** What was wrong with the instrument. */
  faults: readonly FaultWindow[]
}

interface SamplerParts {
  sensor: Sensor
  /** The true value at a moment; for rainfall the sum since the beginning, mm. */
  truth: (at: number) => number
  seed: number
  faults: PlaceFaults
  /** How often it looks where the network does not say, ms. */
  everyMs?: number
  /** Whether it measures at all at a moment; left out: always. */
  measures?: (at: number) => boolean
}

/** A value that was measured, and the one that is so. */
interface Measured {
  value: number
  truth: number
}

/**
 * Shows a sensor's readings at its own interval; stations report some seconds apart from each other, so that something moves all the time.
 * The rain gauge gives the tips since its last reading: its sums are the rain's, to one tip; its first call has nothing to compare with.
 * One with a counter gives all tips since it was set up. Adds its readings of (from, to] to a list.
 */
export function createSampler(parts: SamplerParts): (from: number, to: number, into: SimulatedReading[]) => void {
  const { sensor, truth, seed, faults, measures } = parts
  const everyMs = sensor.everyMs ?? parts.everyMs ?? 300_000
  const phase = (((keyOf(sensor.station) >>> 0) % 12) * 5000) % everyMs
  const instrument = instruments.get(sensor.parameter.key) ?? usual
  const spoil = createSpoil(sensor, seed)
  const read = sensor.parameter.key === 'rainfall' ? createGauge(sensor, truth) : createProbe(sensor, instrument, { truth, seed })
  const steps = 10 ** instrument.decimals
  const least = sensor.parameter.grossRange.min ?? -Infinity
  // No instrument shows less than its range begins with.
  const shown = (value: number): number => Math.round(Math.max(least, value) * steps) / steps
  return (from, to, into) => {
    for (let at = Math.ceil((from + 1 - phase) / everyMs) * everyMs + phase; at <= to; at += everyMs) {
      if (measures?.(at) === false) continue
      const windows = faults.at(at)
      const measured = read(at, windows)
      if (measured === null) continue
      const value = spoil(measured.value, at, windows)
      into.push({ sensor, at, value: value === null ? null : shown(value), truth: measured.truth, faults: windows })
    }
  }
}

type Read = (at: number, windows: readonly FaultWindow[]) => Measured | null

function createProbe(sensor: Sensor, { sd, share }: Instrument, { truth, seed }: Pick<SamplerParts, 'truth' | 'seed'>): Read {
  const key = keyOf(sensor.id)
  return (at) => {
    const value = truth(at)
    return { value: value + normal(seed, key, Math.floor(at / 1000)) * (sd + share * Math.abs(value)), truth: value }
  }
}

function createGauge(sensor: Sensor, fallen: (at: number) => number): Read {
  return sensor.from === 'counter' ? createCounter(sensor, fallen) : createTips(fallen)
}

function createTips(fallen: (at: number) => number): Read {
  let [tips, sum] = [NaN, NaN]
  return (at) => {
    const [tipsBefore, before] = [tips, sum]
    sum = fallen(at)
    tips = Math.floor(sum / tipMm + 1e-9)
    return Number.isNaN(before) ? null : { value: (tips - tipsBefore) * tipMm, truth: sum - before }
  }
}

/** Counts its tips from 0; a reset of the count is a fault that lasts. */
function createCounter({ perTip }: Sensor, fallen: (at: number) => number): Read {
  const each = perTip ?? 1
  let [zero, real, resetBy] = [NaN, NaN, '']
  return (at, windows) => {
    const tips = Math.floor(fallen(at) / each + 1e-9)
    const reset = windows.find(({ type }) => type === 'counter-reset')
    if (Number.isNaN(real)) zero = real = tips
    if (reset !== undefined && reset.id !== resetBy) [zero, resetBy] = [tips, reset.id]
    return { value: tips - zero, truth: tips - real }
  }
}
