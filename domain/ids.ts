declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A place; kebab-case, unique over all networks of the system. */
export type StationId = Branded<'StationId'>
/** A login and a wire; what stands in `devices/{device}/readings`. */
export type DeviceId = Branded<'DeviceId'>
/** An entry of the parameter catalogue, e.g. `water_level`. */
export type ParameterKey = Branded<'ParameterKey'>
/** One series: `station/parameter/number`, e.g. `qingxi/water_level/1`. */
export type SensorId = Branded<'SensorId'>
/** A rule of a network, e.g. `level-high`. */
export type RuleId = Branded<'RuleId'>
/** One warning: made from rule, series and onset, so that a replay gives the same one. URL-safe. */
export type WarningId = Branded<'WarningId'>
/** One simulation, replay or drill. Its rows carry it to the end; real data has no run. */
export type RunId = Branded<'RunId'>

export const stationId = (text: string): StationId => text as StationId
export const deviceId = (text: string): DeviceId => text as DeviceId
export const parameterKey = (text: string): ParameterKey => text as ParameterKey
export const ruleId = (text: string): RuleId => text as RuleId
export const warningId = (text: string): WarningId => text as WarningId
export const runId = (text: string): RunId => text as RunId

/** Joins the three parts of a series; `number` is 1 unless a station has several sensors of one parameter. */
export function sensorId(station: StationId, parameter: ParameterKey, number = 1): SensorId {
  return `${station}/${parameter}/${number}` as SensorId
}

export interface SensorParts {
  station: StationId
  parameter: ParameterKey
  number: number
}

/** Splits a series id; accepts `station/parameter` for number 1. Returns null for anything else. */
export function parseSensorId(text: string): SensorParts | null {
  const match = /^([^/]+)\/([^/]+)(?:\/([1-9]\d{0,3}))?$/.exec(text)
  if (!match) return null
  return { station: stationId(match[1] ?? ''), parameter: parameterKey(match[2] ?? ''), number: Number(match[3] ?? 1) }
}
