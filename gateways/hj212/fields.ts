import { nearest } from '../../domain/nearest.ts'
import type { Parameter } from '../../domain/parameter.ts'
import { parameters } from '../../domain/parameters.ts'
import type { Sampling, Statistic } from '../../domain/sampling.ts'
import { ucumOf } from '../../domain/units.ts'
import type { Edition } from './frame.ts'
import { otherFactors } from './other-factors.ts'

/** What an uploaded command holds: `data` of a period, other facts (`note`) that are kept in the journal and hold no values. */
export type Upload = { kind: 'data'; period: Period } | { kind: 'note'; meaning: string }
export type Period = 'moment' | 'minutes' | 'hour' | 'day'

const note = (meaning: string): Upload => ({ kind: 'note', meaning })
const data = (period: Period): Upload => ({ kind: 'data', period })

/** Commands that a station sends by itself or as the answer to a request (HJ 212-2017 table 9), by CN. */
export const uploads: ReadonlyMap<string, Upload> = new Map([
  ['2011', data('moment')],
  ['2021', data('moment')],
  ['2051', data('minutes')],
  ['2061', data('hour')],
  ['2031', data('day')],
  ['2041', data('day')],
  ['1011', note('device time')],
  ['1013', note('asks for the time')],
  ['1061', note('real-time interval')],
  ['1063', note('minute interval')],
  ['2081', note('start-up of the logger')],
  ['3015', note('sample kept')],
  ['3017', note('sampling period')],
  ['3018', note('output time')],
  ['3019', note('unique id')],
  ['3020', note('device information')],
])

/** Answers of a station: QnRtn, ExeRtn, notify answer, data answer. */
export const answers: ReadonlySet<string> = new Set(['9011', '9012', '9013', '9014'])

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const spans: Readonly<Record<Period, readonly [shortestMs: number, longestMs: number]>> = {
  moment: [0, 0],
  minutes: [minute, 30 * minute], // MinInterval, 2017 table 9
  hour: [hour, hour],
  day: [day, day],
}

/** Endings of a field's name (2017 table 4) that carry a value -> what it stands for. `Data`: noise. */
const suffixes: ReadonlyMap<string, Statistic> = new Map([
  ['Rtd', 'value'],
  ['ZsRtd', 'converted'],
  ['Avg', 'mean'],
  ['Data', 'mean'],
  ['Min', 'minimum'],
  ['Max', 'maximum'],
  ['Cou', 'total'],
  ['ZsAvg', 'converted-mean'],
  ['ZsMin', 'converted-minimum'],
  ['ZsMax', 'converted-maximum'],
])
/** A statistic -> the ending that says it. */
export const suffixOf: ReadonlyMap<Statistic, string> = new Map(
  [...suffixes].filter(([suffix]) => suffix !== 'Data').map(([suffix, statistic]) => [statistic, suffix]),
)

/** One object for each: the pipeline remembers series by it. */
const samplings: Readonly<Record<Period, ReadonlyMap<Statistic, Sampling>>> = {
  moment: samplingsOf(...spans.moment),
  minutes: samplingsOf(...spans.minutes),
  hour: samplingsOf(...spans.hour),
  day: samplingsOf(...spans.day),
}

function samplingsOf(shortestMs: number, longestMs: number): ReadonlyMap<Statistic, Sampling> {
  return new Map([...suffixes.values()].map((statistic) => [statistic, samplingOf(statistic, shortestMs, longestMs)]))
}

/** A momentary value is one whatever command brings it; a mean among real-time data is one of minutes. */
function samplingOf(statistic: Statistic, shortestMs: number, longestMs: number): Sampling {
  if (statistic === 'value' || statistic === 'converted') return { statistic, shortestMs: 0, longestMs: 0 }
  return longestMs === 0 ? { statistic, shortestMs: minute, longestMs: 30 * minute } : { statistic, shortestMs, longestMs }
}

/** A factor of the standard's tables that is in our catalogue. */
export interface Factor {
  parameter: Parameter
  /** Unit of its values on the wire, UCUM; null = the parameter's own. */
  unit: string | null
  /** Unit of its `-Cou`. */
  totalUnit: string | null
  code2005: string | null
}

/** Unit of concentrations and flows -> unit of the discharge in a period (2017 tables B.1, B.2). */
const totalUnits: ReadonlyMap<string, string> = new Map([
  ['mg/L', 'kg'],
  ['ug/L', 'g'],
  ['ng/L', 'mg'],
  ['mg/m3', 'kg'],
  ['ng/m3', 'g'],
  ['L/s', 'm3'],
  ['m3/s', 'm3'],
])

/** Noise has names of its own (2017 C.25-C.28): the loudest and the quietest moment are extremes of LA. */
const noise: readonly (readonly [code: string, key: string])[] = [
  ...['LA', 'Leq', 'L5', 'L10', 'L50', 'L90', 'L95', 'Ldn', 'Ld', 'Ln'].map((code): [string, string] => [
    code,
    `noise_${code.toLowerCase()}`,
  ]),
]

/** Factor code, in small letters, of either edition -> factor. */
const factors: ReadonlyMap<string, Factor> = new Map([
  ...[...parameters.values()].flatMap((parameter) =>
    parameter.hj212.flatMap(({ code2017, code2005, unit }): [string, Factor][] => {
      const factor: Factor = { parameter, unit: unitFor(parameter, unit), totalUnit: totalUnits.get(unit ?? '') ?? null, code2005 }
      return [code2017, code2005].flatMap((code): [string, Factor][] => (code === null ? [] : [[code.toLowerCase(), factor]]))
    }),
  ),
  ...noise.flatMap(([code, key]): [string, Factor][] => {
    const parameter = parameters.get(key)
    return parameter === undefined ? [] : [[code.toLowerCase(), { parameter, unit: null, totalUnit: null, code2005: null }]]
  }),
])

/** pH has the unit 1 in the standard, colour a degree: those are the parameter's own. */
function unitFor(parameter: Parameter, unit: string | null): string | null {
  if (unit === null || unit === '1' || unit === 'colour degree') return null
  return ucumOf(unit) === parameter.unit ? null : ucumOf(unit)
}

/** Parameter key -> the code it is sent under. */
const codes: ReadonlyMap<string, string> = new Map([
  ...[...parameters.values()].flatMap(({ key, hj212 }): [string, string][] => {
    const code = hj212.find(({ code2017 }) => code2017 !== null)?.code2017
    return code == null ? [] : [[key, code]]
  }),
  ...noise.map(([code, key]): [string, string] => [key, code]),
])

/** The code of a parameter in an edition (2005 had fewer: then the later one); null when the standard has none. */
export function codeOf(key: string, edition: Edition): string | null {
  const code = codes.get(key) ?? null
  return (edition === '2005' && code !== null && factors.get(code.toLowerCase())?.code2005) || code
}

/**
 * The factor of a code: letter case aside, of the 2017 or the 2005 table, or (a misprint of 2017 C.14 that devices copy) without its
 * letter: then the system code ST tells water from air.
 */
export function findFactor(code: string, st: string): Factor | null {
  const small = code.toLowerCase()
  const exact = factors.get(small)
  if (exact !== undefined || !/^\d{5}$/.test(small)) return exact ?? null
  const letters = /^(?:22|27|31|39)$/.test(st) ? 'aw' : 'wa'
  return factors.get(`${letters[0]}${small}`) ?? factors.get(`${letters[1]}${small}`) ?? null
}

/** For a code that is none of ours: what was meant, and what to do. */
export function factorHint(code: string): string {
  const name = otherFactors.get(code.toLowerCase())
  if (name !== undefined) return `; it is ${name}, which the catalogue does not have: map it in the device's channels, or add it there`
  const near = nearest(code, factors.keys())
  const meant = near === null ? '' : `; did you mean ${near} (${factors.get(near)?.parameter.key ?? ''})?`
  return `${meant === '' ? ';' : `${meant} If not,`} map it in the device's channels, or add it to the catalogue`
}

/** What the name of a field says of a factor. */
export type FactorField =
  { kind: 'value'; code: string; statistic: Statistic } | { kind: 'flag'; code: string } | { kind: 'sample-time'; code: string }
/** `equipment`: its state or running time, SB01-RS, SB01-RT. */
export type Field = FactorField | { kind: 'equipment'; code: string } | { kind: 'ignored'; code: string }

/** Takes a field's name apart. Day and night shares of noise, vendor flags and texts are ignored. */
export function fieldNamed(name: string): Field {
  const dash = name.lastIndexOf('-')
  if (dash <= 0) return { kind: 'ignored', code: name }
  const [code, suffix] = [name.slice(0, dash), name.slice(dash + 1)]
  const extreme = suffix === 'Data' ? extremes.get(code) : undefined
  if (extreme !== undefined) return { kind: 'value', code: 'LA', statistic: extreme }
  const statistic = suffixes.get(shares.get(code) === suffix ? 'Data' : suffix)
  if (statistic !== undefined) return { kind: 'value', code, statistic }
  if (suffix === 'Flag') return { kind: 'flag', code }
  if (suffix === 'SampleTime') return { kind: 'sample-time', code }
  return { kind: suffix === 'RS' || suffix === 'RT' ? 'equipment' : 'ignored', code }
}

/** The levels of day and night are told by their shares of a day (2017 C.27); shares of others are passed over. */
const shares: ReadonlyMap<string, string> = new Map([
  ['Ld', 'DayData'],
  ['Ln', 'NightData'],
])

const extremes: ReadonlyMap<string, Statistic> = new Map([
  ['LMx', 'maximum'],
  ['LMn', 'minimum'],
])

/** The sampling of a statistic in a command of a period. */
export function samplingIn(period: Period, statistic: Statistic): Sampling {
  return samplings[period].get(statistic) ?? samplingOf(statistic, ...spans[period])
}
