import type { ParameterKey } from './ids.ts'

/** One entry of the catalogue (domain/parameters.ts). */
export interface Parameter {
  key: ParameterKey
  name: { en: string; zh: string }
  /** Canonical unit, UCUM; every stored value is in it. */
  unit: string
  /** The unit as a reader sees it. */
  display: string
  /** Sensor gross range in the canonical unit, ends inclusive: a quality bound, not a legal limit. null = open. */
  grossRange: { min: number | null; max: number | null }
  /** Smallest step worth showing, canonical unit; null = unknown. */
  resolution: number | null
  direction: string
  medium: readonly string[]
  /** Molar mass in g/mol for gases that come in ppb or ppm; absent otherwise. */
  molarMass?: number
  /** `unverified`: the code was seen in one public source only, not in the standard's own table. */
  hj212: readonly { code2017: string | null; code2005: string | null; unit: string | null; unverified?: true }[]
  sl651: readonly { ascii: string | null; id: string | null; definition: string | null }[]
}
