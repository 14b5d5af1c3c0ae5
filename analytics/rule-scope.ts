import type { StationId } from '../domain/ids.ts'
import type { RuleDefinition } from '../domain/network.ts'

const known = new WeakMap<readonly StationId[], ReadonlySet<StationId>>()

/** Whether a rule is about a station. It is asked of each rule for each station: of thousands that a rule may name a set is made once. */
export function isAbout({ stations }: Pick<RuleDefinition, 'stations'>, station: StationId): boolean {
  if (stations === null) return true
  const named = known.get(stations) ?? new Set(stations)
  known.set(stations, named)
  return named.has(station)
}
