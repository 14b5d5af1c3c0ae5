import { season } from './air.ts'
import { solarHour } from './sewage.ts'

/** Who takes water, and how much. */
export interface AbstractionFacts {
  user: 'town' | 'industry' | 'farm'
  /** m3/s: of a town the mean of a year, of industry the mean of a working day, of a farm what its fields need in dry midsummer. */
  flow: number
}

/** An intake, carried on step by step. */
export interface Intake {
  /** m3/s that it wants at a moment. */
  wanted(at: number): number
  /** What became of a step of so many hours: rain, mm/h, and m3/s that it got. */
  step(at: number, hours: number, rain: number, got: number): void
}

const hour = 3_600_000

/** Only a farm remembers: the water that its fields lack. Times are those of the sun at its longitude, near enough to those of clocks in China. */
export function createIntake({ user, flow }: AbstractionFacts, lon: number): Intake {
  if (user === 'farm') return createFarm(flow, lon)
  const of = user === 'town' ? townAt : industryAt
  return { wanted: (at) => flow * of(at, lon), step: () => undefined }
}

/**
 * How a town drinks, hour by hour, in shares of its mean: up at seven, a meal at noon, the evening, a quarter to a half of it by night. The
 * highest hour is 1.46 of the mean; GB 50013-2018 tells designers to take 1.2 to 1.6 where nothing was measured.
 */
const townHours = [
  ...[0.55, 0.45, 0.4, 0.4, 0.5, 0.75, 1.15, 1.4, 1.35, 1.2, 1.1, 1.15],
  ...[1.15, 1, 0.95, 0.95, 1.05, 1.25, 1.45, 1.45, 1.3, 1.15, 0.95, 0.75],
]
const townMean = townHours.reduce((sum, share) => sum + share, 0) / 24

/** At weekends people rise an hour and a half later and use 6 % more; 12 % more in July than in the mean, as much less in January. */
function townAt(at: number, lon: number): number {
  const isWeekend = [0, 6].includes(weekday(at, lon))
  const clock = solarHour(at, lon)
  const later = isWeekend && clock < 14 ? 1.5 : 0
  return (joined(townHours, clock - later) / townMean) * (isWeekend ? 1.06 : 1) * (1 + 0.12 * season(at))
}

/**
 * Two shifts from six to ten at night, Monday to Saturday, with a lull when they change; at night and on Sundays what must be cooled. No
 * holidays.
 */
function industryAt(at: number, lon: number): number {
  if (weekday(at, lon) === 0) return 0.3
  const clock = solarHour(at, lon)
  const works = Math.max(0, Math.min(1, 2 * (clock - 5.75), 2 * (22.25 - clock)))
  const lull = Math.max(0, 1 - 4 * Math.abs(clock - 14))
  return 0.4 + 0.9 * works - 0.35 * lull
}

/**
 * mm a day that paddy fields of two crops lack without rain, in the middle of each month: evaporation of the crop and what seeps away (FAO,
 * Irrigation Water Management 3, 4.4: ET 5 to 6 and percolation 2 to 4 in the growing months; nothing in winter).
 */
const needByMonth = [0, 0, 0.5, 3, 5, 6, 9, 9, 6, 3, 0.5, 0]
const mostNeed = 9

/** mm below which the pumps do not run at full, most that fields lack, and the share of the rain that stays in them. */
const [patience, mostLack, effectiveRain] = [15, 60, 0.8]

/**
 * Pumps run from four to nine and from six to midnight, when little evaporates and current is cheap. What they bring and what rains fills the
 * lack.
 */
function createFarm(flow: number, lon: number): Intake {
  const areaM2 = (flow * 86_400) / (mostNeed / 1000)
  let lack = 0
  return {
    wanted(at) {
      const clock = solarHour(at, lon)
      const isPumping = (4 <= clock && clock < 9) || clock >= 18
      return isPumping ? ((flow * 24) / 11) * Math.min(1, lack / patience) : 0
    },
    step(at, hours, rain, got) {
      const brought = (got * 3600 * hours * 1000) / areaM2
      const change = (needAt(at) / 24) * hours - effectiveRain * rain * hours - brought
      lack = Math.max(0, Math.min(mostLack, lack + change))
    },
  }
}

function needAt(at: number): number {
  const date = new Date(at)
  return joined(needByMonth, date.getUTCMonth() + (date.getUTCDate() - 15) / 30.4)
}

/** A value between the entries of a list that begins again at its end. */
function joined(list: readonly number[], place: number): number {
  const whole = Math.floor(place)
  const of = (i: number): number => list[((i % list.length) + list.length) % list.length] ?? 0
  return of(whole) + (of(whole + 1) - of(whole)) * (place - whole)
}

/** 0 = Sunday. The first day of the epoch was a Thursday. */
const weekday = (at: number, lon: number): number => (Math.floor((at / hour + lon / 15) / 24) + 4) % 7
