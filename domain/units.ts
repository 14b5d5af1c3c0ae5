import { nearest } from './nearest.ts'
import type { Parameter } from './parameter.ts'
import { parameterRows } from './parameters-table.ts'
import { parseUnit, type Ratio } from './ucum.ts'

/** Units as written in recorded data and by devices -> UCUM. */
export const unitAliases: ReadonlyMap<string, string> = new Map([
  ['degC', 'Cel'],
  ['°C', 'Cel'],
  ['degF', '[degF]'],
  ['°F', '[degF]'],
  ['psu', '1'],
  ['PSU', '1'],
  ['mb', 'hPa'],
  ['ft', '[ft_i]'],
  ['in', '[in_i]'],
  ['ft3/s', '[cft_i]/s'],
  ['cfs', '[cft_i]/s'],
  ['gpm', '[gal_us]/min'],
  ['psi', '[psi]'],
  ['ppb', '[ppb]'],
  ['ppm', '[ppm]'],
  ['pH', '[pH]'],
  ['NTU', '{NTU}'],
  ['cells/L', '{cells}/L'],
  ['cells/mL', '{cells}/mL'],
  ['count/L', '{count}/L'],
  ['%RH', '%'],
  ['dB', 'dB[SPL]'],
  ['dB(A)', 'dB[SPL]'],
  ['°', 'deg'],
])

export interface UnitProblem {
  problem: 'unknown-unit' | 'unit-mismatch'
  /** One sentence with the words of the input and what to do. */
  detail: string
}

export type Converter = (value: number) => number

/**
 * One value from a unit into another. Units are UCUM codes or the aliases above. Exact where the numbers are: 635 mm is 0.635 m.
 * A parameter opens what only it can say: ppb and ppm of a gas with a molar mass become mass per volume at 25 °C and 101.325 kPa, of a
 * substance in water at 1 kg/L (1 ppm = 1 mg/L). A catalogue unit of `1` (practical salinity, status bits) is a bare number: no ratio
 * such as % is taken for it.
 * @example convert(635, 'mm', 'm') // { value: 0.635 }
 */
export function convert(value: number, from: string, to: string, parameter?: Parameter): { value: number } | UnitProblem {
  const turn = converter(from, to, parameter)
  return typeof turn === 'function' ? { value: turn(value) } : turn
}

/** The conversion of `convert` worked out once, for callers that keep it: a call is one or two operations. */
export function converter(from: string, to: string, parameter?: Parameter): Converter | UnitProblem {
  const [source, target] = [ucumOf(from), ucumOf(to)]
  if (source === target && parseUnit(source) !== null) return same
  const temperature = betweenTemperatures(source, target)
  if (temperature !== null) return temperature
  const [a, b] = [parseUnit(source), parseUnit(target)]
  if (a === null || b === null) return unknownUnit(a === null ? from : to)
  if (target === '1' && source !== '1' && parameter?.unit === '1') return mismatch(from, to, parameter)
  if (a.dimension === b.dimension) return byRatio(a, b)
  return throughConcentration(a, b, parameter) ?? mismatch(from, to, parameter)
}

/** True when the text is a unit that can be converted at all. */
export function isKnownUnit(text: string): boolean {
  return parseUnit(ucumOf(text)) !== null
}

/** The UCUM code behind a unit as people write it: aliases, µ, raised digits. Text that is none comes back as it is. */
export function ucumOf(text: string): string {
  const alias = unitAliases.get(text)
  if (alias !== undefined) return alias
  const plain = text.trim().replace(/[µμ]/g, 'u').replaceAll('³', '3').replaceAll('²', '2').replaceAll('℃', 'Cel')
  return unitAliases.get(plain) ?? plain
}

/** Celsius is the base; each scale is read as value × 5/9 or × 1 after a shift, so that 50 °F is 10 °C to the last bit. */
const temperatures: ReadonlyMap<string, { read: Converter; write: Converter }> = new Map([
  ['Cel', { read: (value: number) => value, write: (value: number) => value }],
  ['K', { read: (value: number) => value - 273.15, write: (value: number) => value + 273.15 }],
  ['[degF]', { read: (value: number) => ((value - 32) * 5) / 9, write: (value: number) => (value * 9) / 5 + 32 }],
])

function betweenTemperatures(source: string, target: string): Converter | null {
  const [from, to] = [temperatures.get(source), temperatures.get(target)]
  if (from === undefined || to === undefined) return null
  return (value) => to.write(from.read(value))
}

const same: Converter = (value) => value

/** Divides where the ratio is 1/n and multiplies where it is n: 635 / 1000 is 0.635, 635 * 0.001 is not always. */
function byRatio(from: Ratio, to: Ratio): Converter {
  const [up, down] = reduced(from.num * to.den, from.den * to.num)
  if (down === 1) return up === 1 ? same : (value) => value * up
  return up === 1 ? (value) => value / down : (value) => (value * up) / down
}

function reduced(num: bigint, den: bigint): [number, number] {
  let [a, b] = [num, den]
  while (b !== 0n) [a, b] = [b, a % b]
  return [Number(num / a), Number(den / a)]
}

/** mol/m3 of an ideal gas at 25 °C (298.15 K) and 101325 Pa; R of CODATA 2018. 1/24.4654 L. */
const molesPerCubicMetre = 101_325 / (8.314462618 * 298.15)

/** Share of the whole (ppb, ppm, %) <-> mass in a volume, which needs to know of what. */
function throughConcentration(from: Ratio, to: Ratio, parameter: Parameter | undefined): Converter | null {
  const gramsPerCubicMetre = densityOf(parameter)
  if (gramsPerCubicMetre === null) return null
  const scale = Number(from.num) / Number(from.den) / (Number(to.num) / Number(to.den))
  if (from.dimension === '' && to.dimension === massConcentration) return (value) => value * scale * gramsPerCubicMetre
  if (from.dimension === massConcentration && to.dimension === '') return (value) => (value * scale) / gramsPerCubicMetre
  return null
}

const massConcentration = 'g1 m-3'

function densityOf(parameter: Parameter | undefined): number | null {
  if (parameter?.molarMass !== undefined) return molesPerCubicMetre * parameter.molarMass
  return parameter?.medium.includes('water') ? 1_000_000 : null
}

function mismatch(from: string, to: string, parameter: Parameter | undefined): UnitProblem {
  const whose = parameter === undefined ? '' : `, the unit of ${parameter.key}`
  return { problem: 'unit-mismatch', detail: `unit "${from}" cannot become "${to}"${whose}: they measure different things` }
}

function unknownUnit(text: string): UnitProblem {
  const near = nearest(text.slice(0, 40), knownUnits)
  return { problem: 'unknown-unit', detail: `unit "${text.slice(0, 40)}" is not known${near === null ? '' : `; did you mean ${near}?`}` }
}

const knownUnits: readonly string[] = [...new Set([...parameterRows.map((row) => row.unit), ...unitAliases.keys()])]
