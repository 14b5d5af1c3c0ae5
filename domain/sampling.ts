import type { Sensor } from './network.ts'
import type { Parameter } from './parameter.ts'

/**
 * What a value of a series stands for: a moment (`value`), or all moments of a period. `converted`: brought to the reference oxygen or air
 * excess of a flue (HJ 212 `Zs`).
 */
export const statistics = [
  'value',
  'mean',
  'minimum',
  'maximum',
  'total',
  'converted',
  'converted-mean',
  'converted-minimum',
  'converted-maximum',
] as const
export type Statistic = (typeof statistics)[number]

/** How a reading came about, where its protocol says so. */
export interface Sampling {
  statistic: Statistic
  /** The period that it sums up, ms, as far as the protocol tells: from `shortestMs` to `longestMs`, both inclusive; 0 = a moment. */
  shortestMs: number
  longestMs: number
}

const hour = 3_600_000

/** The statistics that belong to a moment; all others need a period. */
export const isMomentary = (statistic: Statistic): boolean => statistic === 'value' || statistic === 'converted'

/** The statistic that somebody means who says only how often: the total of rain, the mean of everything else. */
export const usualStatistic = ({ key }: Parameter): Statistic => (key === 'rainfall' ? 'total' : 'mean')

/**
 * Whether a series takes readings that came about so. With a `statistic` of its own it takes that one, of periods as long as its `every`.
 * Without one, a series of `every: 1h` or longer takes the usual statistic of such periods, and every other the values of moments; a
 * total is taken for any period.
 */
export function fits(sensor: Pick<Sensor, 'statistic' | 'everyMs' | 'parameter'>, sampling: Sampling): boolean {
  const { statistic: said, everyMs, parameter } = sensor
  const isMoment = sampling.longestMs === 0
  if (isMoment) return said === null ? sampling.statistic === 'value' && (everyMs ?? 0) < hour : said === sampling.statistic
  if (everyMs === null || everyMs < sampling.shortestMs || everyMs > sampling.longestMs) return false
  if (said !== null) return said === sampling.statistic
  return sampling.statistic === usualStatistic(parameter) && (sampling.statistic === 'total' || everyMs >= hour)
}

/** What the values of a series stand for, of a period as long as its `every`, when its device tells (HJ 212): by the same rules as `fits`. */
export function standsFor({ statistic, everyMs, parameter }: Pick<Sensor, 'statistic' | 'everyMs' | 'parameter'>): Statistic {
  return statistic ?? ((everyMs ?? 0) >= hour ? usualStatistic(parameter) : 'value')
}

/** What a station is asked for that keeps records: a statistic of periods where the series takes one, by the same rules as `fits`; else moments. */
export function recordedAs(sensor: Pick<Sensor, 'statistic' | 'everyMs' | 'parameter'>): Statistic {
  const usual = usualStatistic(sensor.parameter)
  return sensor.statistic === null && usual === 'total' ? usual : standsFor(sensor)
}

/** Units of what flows or stands in a volume -> the unit of its total over a period. */
const totalUnits: ReadonlyMap<string, string> = new Map([
  ['L/s', 'm3'],
  ['m3/s', 'm3'],
  ['m3/h', 'm3'],
  ['mg/L', 'kg'],
  ['mg/m3', 'kg'],
  ['ug/L', 'kg'],
  ['ug/m3', 'kg'],
  ['mm', 'mm'],
])

/** The parameter of a series of totals: volume of a flow, load of a concentration, in a unit of its own. Null where a total means nothing. */
export function totalOf(parameter: Parameter): Parameter | null {
  const unit = totalUnits.get(parameter.unit)
  if (unit === undefined) return null
  if (unit === parameter.unit) return parameter
  return { ...parameter, unit, display: unit === 'm3' ? 'm³' : unit, grossRange: { min: 0, max: null }, resolution: null }
}
