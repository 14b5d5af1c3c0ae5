import { parameterKey } from './ids.ts'
import { nearest } from './nearest.ts'
import type { Parameter } from './parameter.ts'
import { parameterRows, type ParameterRow } from './parameters-table.ts'

/** The catalogue: every parameter that can be stored, by key. A new one is one line in parameters-table.ts. */
export const parameters: ReadonlyMap<string, Parameter> = new Map(parameterRows.map((row) => [row.key, toParameter(row)]))

/**
 * Names met in recorded data and in the field -> catalogue key. Used by import, replay and search; a live device's channel map does
 * the same for its own names.
 */
export const aliases: ReadonlyMap<string, string> = new Map([
  ['ammonia_n', 'ammonia_nitrogen'],
  ['ammonium_n', 'ammonia_nitrogen'],
  ['permanganate_index', 'codmn'],
  ['electrical_conductivity', 'conductivity'],
  ['specific_conductance', 'conductivity'],
  ['redox_potential', 'orp'],
  ['discharge', 'river_discharge'],
  ['stage', 'water_level'],
  ['algal_density', 'cyanobacteria'],
  ['total_organic_carbon', 'toc'],
  ['nitrate_n', 'nitrate_nitrogen'],
  ['nitrite_n', 'nitrite_nitrogen'],
  ['chlorine', 'residual_chlorine'],
  ['rainfall_cumulative', 'rain_accumulated'],
  ['depth', 'water_depth'],
  ['depth_corrected', 'water_depth'],
  ['orthophosphate_p', 'orthophosphate_phosphorus'],
])

/** The parameter of a key or an alias, letter case aside; null when there is none. */
export function findParameter(keyOrAlias: string): Parameter | null {
  return exactly(keyOrAlias) ?? exactly(keyOrAlias.toLowerCase()) ?? null
}

/** The parameter that a text most likely means, by key, alias, English or Chinese name; null when nothing is near. */
export function nearestParameter(text: string): Parameter | null {
  const found = nearest(text.trim().replaceAll(' ', '_'), words.keys()) ?? nearest(text, words.keys())
  return found === null ? null : (parameters.get(words.get(found) ?? '') ?? null)
}

/**
 * The gross range that fits the interval a series sums over, in the canonical unit, ends inclusive. For `rainfall` the upper end grows
 * with the interval as the SL 651 sums do (1 min 40, 5 min 60, 10 min 100, 1 h 305, 24 h 1825 mm; in between by power law; longer: so
 * many days). Every other parameter has one range. An irregular series (`null`) gets the catalogue's.
 */
export function grossRangeFor(parameter: Parameter, everyMs: number | null): { min: number | null; max: number | null } {
  if (parameter.key !== 'rainfall' || everyMs === null || everyMs <= 0) return parameter.grossRange
  return { min: parameter.grossRange.min, max: mostRain(everyMs) }
}

const minute = 60_000
/** Interval in minutes -> mm; the upper ends of rain_5min … rain_24h, and 40 mm for the minute (the highest recorded is 38). */
const rainLimits: readonly (readonly [minutes: number, mm: number])[] = [
  [1, 40],
  [5, 60],
  [10, 100],
  [60, 305],
  [180, 700],
  [360, 900],
  [720, 1200],
  [1440, 1825],
]

function mostRain(everyMs: number): number {
  const minutes = everyMs / minute
  const above = rainLimits.findIndex(([limit]) => limit >= minutes)
  const [high, highMm] = rainLimits[above] ?? [0, 0]
  if (above === -1) return 1825 * Math.ceil(minutes / 1440)
  if (above === 0 || high === minutes) return highMm
  const [low, lowMm] = rainLimits[above - 1] ?? [high, highMm]
  return Math.ceil(lowMm * (highMm / lowMm) ** (Math.log(minutes / low) / Math.log(high / low)))
}

/** Every word that leads to a parameter -> its key. */
const words: ReadonlyMap<string, string> = new Map([
  ...parameterRows.flatMap((row): [string, string][] => [
    [row.zh, row.key],
    [row.en, row.key],
  ]),
  ...aliases,
  ...parameterRows.map((row): [string, string] => [row.key, row.key]),
])

function exactly(text: string): Parameter | undefined {
  return parameters.get(text) ?? parameters.get(aliases.get(text) ?? '')
}

function toParameter(row: ParameterRow): Parameter {
  return {
    key: parameterKey(row.key),
    name: { en: row.en, zh: row.zh },
    unit: row.unit,
    display: row.display,
    grossRange: { min: row.range[0], max: row.range[1] },
    resolution: row.step,
    direction: row.direction,
    medium: row.medium,
    ...(row.molarMass === undefined ? {} : { molarMass: row.molarMass }),
    hj212: row.hj212.map(([code2017, code2005, unit, doubt]) => ({
      code2017,
      code2005,
      unit,
      ...(doubt === undefined ? {} : { unverified: true as const }),
    })),
    sl651: row.sl651.map(([ascii, id, definition]) => ({ ascii, id, definition })),
  }
}
