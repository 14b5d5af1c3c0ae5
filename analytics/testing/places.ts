import { createFleet, type Fleet } from '../../domain/fleet.ts'
import { parameterKey, ruleId, runId, sensorId, stationId } from '../../domain/ids.ts'
import type { Network, RuleDefinition, Sensor, Station } from '../../domain/network.ts'
import { parameters } from '../../domain/parameters.ts'
import type { RuleKind } from '../../domain/warning.ts'
import type { Place } from '../rule-kind.ts'

export const minute = 60_000
export const hour = 60 * minute
/** 2026-11-22 00:00 UTC. */
export const dawn = Date.UTC(2026, 10, 22)

/** A parameter of the catalogue; throws on a slip of the test. */
export function parameterNamed(key: string): Sensor['parameter'] {
  const found = parameters.get(key)
  if (!found) throw new Error(`no parameter ${key}`)
  return found
}

export function sensorAt(station: string, key: string, content: Partial<Sensor> = {}): Sensor {
  const number = content.number ?? 1
  return {
    id: sensorId(stationId(station), parameterKey(key), number),
    station: stationId(station),
    parameter: parameterNamed(key),
    number,
    everyMs: 5 * minute,
    from: 'value',
    perTip: null,
    modulus: null,
    stages: new Map(),
    range: { fail: null, suspect: null },
    statistic: null,
    latenessMs: 24 * hour,
    ...content,
  }
}

export function stationWith(id: string, sensors: readonly Sensor[], network = 'demo'): Station {
  return {
    id: stationId(id),
    name: { en: id, zh: id },
    kind: 'river',
    location: null,
    reach: null,
    targetClass: null,
    zone: null,
    permit: null,
    sensors,
    network,
  }
}

export function ruleOf(kind: RuleKind, content: Partial<RuleDefinition> & { settings?: Record<string, unknown> } = {}): RuleDefinition {
  return {
    id: ruleId(content.id ?? kind),
    kind,
    parameter: content.parameter ?? null,
    stations: content.stations ?? null,
    network: content.network ?? 'demo',
    trusts: content.trusts ?? null,
    levels: content.levels ?? {},
    settings: content.settings ?? {},
  }
}

export function networkWith(stations: readonly Station[], rules: readonly RuleDefinition[], run: string | null = null): Network {
  return {
    id: 'demo',
    name: { en: 'Demo', zh: '示范' },
    timeZone: 'Asia/Shanghai',
    dayStartsAtMinutes: 480,
    recorded: false,
    stations,
    devices: [],
    rules,
    file: null,
    run: run === null ? null : runId(run),
  }
}

export function placeOf(sensors: readonly Sensor[]): Place {
  const station = stationWith(sensors[0]?.station ?? 'qingxi', sensors)
  return { station, network: networkWith([station], []) }
}

export const fleetOf = (network: Network): Fleet => createFleet([network])
