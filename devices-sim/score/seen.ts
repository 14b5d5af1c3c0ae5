import type { Flag } from '../../domain/flag.ts'
import type { RejectionReason } from '../../domain/rejection.ts'
import type { Decision, Level, RuleKind } from '../../domain/warning.ts'

/** A stored value as the system under test shows it. */
export interface SeenObservation {
  /** `station/parameter/number` */
  series: string
  observedAt: number
  value: number | null
  flag: Flag
  /** Names of the tests behind the flag. */
  tests: readonly string[]
}

/** A warning as it stands at the end, with the highest level that it came to. */
export interface SeenWarning {
  rule: string
  kind: RuleKind
  station: string
  series: string | null
  /** It steps down before it clears: not the last one. */
  level: Level
  /** Of a silence: when the last reading before it was measured. */
  onset: number
  /** Event time it became active; null = never. */
  raisedAt: number | null
  retrospective: boolean
  /** What raised it and when that was there; null = not known. */
  decided: Decision | null
  limit: number | null
  figures: Readonly<Record<string, number | null>>
}

/** A stretch without readings that the system found. `to` null = it lasts. */
export interface SeenGap {
  series: string
  from: number
  to: number | null
}

/** What became of values of a device that are not stored: how many came twice, and how many wait in the quarantine, by reason. */
export interface SeenCounts {
  device: string
  duplicate: number
  quarantined: ReadonlyMap<RejectionReason, number>
}

export const seriesOf = ({ station, parameter, number }: { station: string; parameter: string; number: number }): string =>
  `${station}/${parameter}/${number}`
