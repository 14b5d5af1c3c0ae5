import { localTime, offsetAt } from '../domain/time-zone.ts'
import { momentOf } from './zone.ts'
import { clock, dayAndMonth, monthAndYear, type Language } from './words.ts'

/** Maps a domain onto pixels; a domain without extent maps to the middle. */
export function linearScale(domain: readonly [number, number], range: readonly [number, number]): (value: number) => number {
  const [d0, d1] = domain
  const [r0, r1] = range
  const extent = d1 - d0
  if (extent === 0) return () => (r0 + r1) / 2
  return (value) => r0 + ((value - d0) / extent) * (r1 - r0)
}

/**
 * Round values from `min` to `max` (both inclusive), about `count` of them, in steps of 1, 2 or 5 times a power of ten.
 * Empty when an end is not finite or the range is turned round.
 */
export function linearTicks(min: number, max: number, count: number): number[] {
  if (!Number.isFinite(min) || !Number.isFinite(max) || max < min || count < 1) return []
  if (max - min <= Math.max(1e-9, Math.abs(max) * 1e-12)) return [min] // closer than a double can divide
  const step = niceStep((max - min) / count)
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  const ticks: number[] = []
  for (let k = first; k <= last && ticks.length < 1000; k++) ticks.push(k === 0 ? 0 : Number((k * step).toPrecision(12)))
  return ticks
}

/** The smallest of 1, 2, 5 times a power of ten that is at least `rough`. */
export function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const lead = rough / power
  const nice = lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10
  return nice * power
}

/** Decimals that tell the ticks of a step apart, 0 to 6. */
export function decimalsOfStep(step: number): number {
  return Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
}

export interface TimeTick {
  /** Epoch ms. */
  at: number
  label: string
  /** A new local day (or month) begins here. */
  major: boolean
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const clockSteps = [5, 10, 15, 30].map((n) => n * minute).concat([1, 2, 3, 6, 12].map((n) => n * hour))
const daySteps = [1, 2, 5, 7, 14].map((n) => n * day)

/**
 * Round local times from `from` to `to` (epoch ms, both inclusive), at most `count` (at least 1): clock times, days or months of an IANA zone.
 * Days are 23 or 25 h long where the clocks change; a wall-clock time that was skipped has no tick, one that came twice has its first.
 * The first tick carries its date when no midnight is among the ticks, so that a time never stands without a day.
 */
export function timeTicks(from: number, to: number, zone: string, count: number, language: Language): TimeTick[] {
  if (!(to > from) || count < 1) return []
  const span = to - from
  const step = [...clockSteps, ...daySteps].find((candidate) => span / candidate <= count)
  const ticks = step === undefined ? monthTicks(from, to, zone, count, language) : stepTicks(from, to, zone, step, language)
  const first = ticks[0]
  if (first && step !== undefined && step < day && !ticks.some((tick) => tick.major))
    ticks[0] = { ...first, label: `${dayAndMonth(first.at, zone, language)} ${first.label}` }
  return ticks
}

function stepTicks(from: number, to: number, zone: string, step: number, language: Language): TimeTick[] {
  const ticks: TimeTick[] = []
  const end = to + offsetAt(to, zone)
  const start = from + offsetAt(from, zone)
  for (let local = Math.ceil(start / step) * step; local <= end + 2 * hour; local += step) {
    const at = momentOf(local, zone)
    if (at === null || at < from || at > to) continue
    const major = local % day === 0
    ticks.push({ at, major, label: major ? dayAndMonth(at, zone, language) : clock(at, zone) })
  }
  return ticks
}

function monthTicks(from: number, to: number, zone: string, count: number, language: Language): TimeTick[] {
  const first = localTime(from, zone)
  const last = localTime(to, zone)
  const months = (last.year - first.year) * 12 + last.month - first.month + 1
  const step = [1, 2, 3, 6, 12, 24, 60, 120, 600, 1200].find((n) => months / n <= count) ?? Math.ceil(months / count / 1200) * 1200
  const ticks: TimeTick[] = []
  const index = first.year * 12 + first.month - 1
  for (let month = Math.ceil(index / step) * step; month <= last.year * 12 + last.month - 1; month += step) {
    const at = momentOf(Date.UTC(Math.floor(month / 12), month % 12, 1), zone)
    if (at !== null && at >= from && at <= to) ticks.push({ at, major: true, label: monthAndYear(at, zone, language) })
  }
  return ticks
}
