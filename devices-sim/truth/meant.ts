import type { RuleDefinition, Sensor } from '../../domain/network.ts'

/** Tells of a series whether a rule on single series is meant for it; made once for a rule, whose list of stations may be long. */
export function meantBy({ parameter, stations }: RuleDefinition): (sensor: Sensor) => boolean {
  const named = stations === null ? null : new Set(stations)
  return (sensor) => parameter === sensor.parameter.key && (named === null || named.has(sensor.station))
}
