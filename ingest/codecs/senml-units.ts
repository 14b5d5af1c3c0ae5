import { ucumOf } from '../../domain/units.ts'

/** Units of the SenML registry (RFC 8428, RFC 8798) whose UCUM code is another text; most are the same, some are known aliases. Those that cannot be taken are named in docs/payloads.md. */
const others: readonly (readonly [senml: string, ucum: string])[] = [
  ['pH', '[pH]'],
  ['NTU', '{NTU}'],
  ['ppm', '[ppm]'],
  ['%RH', '%'],
  ['%EL', '%'],
  ['/100', '%'],
  ['/1000', '[ppth]'],
  ['/', '1'],
  ['count', '1'],
  ['EL', '1'],
  ['lat', 'deg'],
  ['lon', 'deg'],
  // electricity is a product in UCUM; reactive power, which it does not know, is counted apart, so that nobody takes it for W
  ['VA', 'V.A'],
  ['kVA', 'kV.A'],
  ['VAs', 'V.A.s'],
  ['kVAh', 'kV.A.h'],
  ['var', '{var}'],
  ['kvar', '1000.{var}'],
  ['vars', '{var}.s'],
  ['varh', '{var}.h'],
  ['kvarh', '1000.{var}.h'],
  ['Ah', 'A.h'],
  ['Wh', 'W.h'],
  ['kWh', 'kW.h'],
  ['Wh/km', 'W.h/km'],
]
const toUcum: ReadonlyMap<string, string> = new Map(others)
/** The first of several names is written; `%` alone is registered, though `/100` is preferred. */
const toSenml: ReadonlyMap<string, string> = new Map([...others.map(([senml, ucum]) => [ucum, senml] as const).reverse(), ['%', '/100']])

/** The UCUM code of a SenML unit. What the registry does not have is taken for UCUM. */
export function ucumOfSenml(unit: string): string {
  return toUcum.get(unit) ?? ucumOf(unit)
}

/** The SenML unit of a UCUM code, so that `ucumOfSenml` gives the code back. */
export function senmlOfUcum(unit: string): string {
  return toSenml.get(unit) ?? unit
}
