import type { Fleet } from '../../domain/fleet.ts'
import type { Network, Station } from '../../domain/network.ts'
import type { RunId } from '../../domain/ids.ts'
import { levels, type Warning } from '../../domain/warning.ts'
import type { Board } from '../board.ts'
import type { ClockOf } from '../clocks.ts'
import type { SeriesSummary } from '../schemas/series.ts'
import type { NetworkNote, Neighbour, OpenWarning, StationDetail, StationList, StationSummary } from '../schemas/station.ts'
import { dayCells, mean, seriesDetail, seriesSummary } from './series.ts'

/** What stations are seen by: the fleet, the newest readings, the clocks, and the pending and active warnings by station. */
export interface Scene {
  fleet: Fleet
  board: Board
  clockOf: ClockOf
  catchingUp: readonly RunId[]
  open: ReadonlyMap<string, readonly Warning[]>
}

/** Warnings by station, highest level first, then oldest. */
export function openByStation(warnings: readonly Warning[]): Map<string, Warning[]> {
  const rank = (warning: Warning): number => (warning.state === 'active' ? 10 : 0) + levels.indexOf(warning.level)
  const sorted = [...warnings].sort((a, b) => rank(b) - rank(a) || a.onset - b.onset)
  const byStation = new Map<string, Warning[]>()
  for (const warning of sorted) byStation.set(warning.station, [...(byStation.get(warning.station) ?? []), warning])
  return byStation
}

export function networkNote(network: Network, { clockOf, catchingUp }: Pick<Scene, 'clockOf' | 'catchingUp'>): NetworkNote {
  const { id, name, timeZone, dayStartsAtMinutes, recorded, run, file } = network
  const past = { now: clockOf(run), catchingUp: run !== null && catchingUp.includes(run) }
  return { id, name: { ...name }, timeZone, dayStartsAtMinutes, run, simulated: run !== null, recorded, ...past, file }
}

export function stationSummary(station: Station, scene: Scene, withCells: boolean): StationSummary {
  const run = scene.fleet.runOf(station.id)
  const now = scene.clockOf(run)
  const series = station.sensors.map((sensor) => seriesSummary(sensor, scene.board.of(sensor.id), run, now))
  const warnings = scene.open.get(station.id) ?? []
  const lead = leadOf(series, warnings)
  const leadSensor = station.sensors.find((sensor) => sensor.id === lead)
  const shares = series.flatMap(({ completeness }) => completeness ?? [])
  return {
    id: station.id,
    name: { ...station.name },
    kind: station.kind,
    location: station.location && { ...station.location },
    network: station.network,
    run,
    simulated: run !== null,
    recorded: scene.fleet.networkOf(station.id)?.recorded ?? false,
    downstream: station.reach?.downstream ?? null,
    targetClass: station.targetClass ?? station.zone?.targetClass ?? null,
    state: stateOf(series, run !== null && scene.catchingUp.includes(run)),
    level: warnings.find((warning) => warning.state === 'active')?.level ?? null,
    warnings: warnings.map(openWarning),
    lead,
    series,
    cells: withCells && leadSensor ? dayCells(leadSensor, scene.board.of(leadSensor.id), now) : null,
    completeness: shares.length > 0 ? mean(shares) : null,
    lastReceivedAt: newest(series.map(({ latest }) => latest?.receivedAt ?? null)),
  }
}

export function stationList(stations: readonly StationSummary[], networks: readonly NetworkNote[], now: number): StationList {
  const active = stations.flatMap(({ warnings }) => warnings.filter((warning) => warning.state === 'active'))
  const shares = stations.flatMap(({ completeness }) => completeness ?? [])
  const count = (state: StationSummary['state']): number => stations.filter((station) => station.state === state).length
  return {
    now,
    networks: [...networks],
    counts: {
      stations: stations.length,
      reporting: count('reporting'),
      silent: count('silent'),
      never: count('never'),
      warnings: active.length,
      unacknowledged: active.filter((warning) => !warning.acknowledged).length,
      completeness: shares.length > 0 ? mean(shares) : null,
    },
    lastReceivedAt: newest(stations.map((station) => station.lastReceivedAt)),
    stations: [...stations],
  }
}

export function stationDetail(station: Station, network: Network, scene: Scene): StationDetail {
  const { fleet, board, clockOf } = scene
  const now = clockOf(network.run)
  const { reach, zone, permit } = station
  const below = reach && fleet.stations.get(reach.downstream)
  return {
    now,
    network: networkNote(network, scene),
    station: stationSummary(station, scene, true),
    series: station.sensors.map((sensor) => seriesDetail(sensor, board.of(sensor.id), network.run, now)),
    upstream: network.stations.flatMap((other) => (other.reach?.downstream === station.id ? neighbour(other, other.reach) : [])),
    downstream: below && reach ? neighbour(below, reach) : null,
    devices: network.devices.flatMap(({ id, protocol, stations }) => (stations.includes(station.id) ? [{ id, protocol }] : [])),
    zone: zone && { name: { ...zone.name }, targetClass: zone.targetClass },
    permit: permit && { parameter: permit.parameter, amount: permit.amount, unit: permit.unit },
  }
}

const neighbour = ({ id, name }: Station, { travelTimeMs, lengthKm }: NonNullable<Station['reach']>): Neighbour => ({
  id,
  name: { ...name },
  travelTimeMs,
  lengthKm,
})

const openWarning = ({ id, rule, kind, series, level, state, marks, raisedAt, why }: Warning): OpenWarning => ({
  id,
  rule,
  kind,
  series,
  level,
  state,
  acknowledged: marks.acknowledged !== null,
  blind: marks.blind,
  raisedAt,
  why: { ...why },
})

/** The series of the highest warning, else the first with stages, else the first. */
function leadOf(series: readonly SeriesSummary[], warnings: readonly Warning[]): string | null {
  const warned = warnings.find((warning) => warning.series !== null)?.series
  return warned ?? series.find(({ stages }) => stages.length > 0)?.series ?? series[0]?.series ?? null
}

/** Nobody is silent whose past is still being sent: its devices send as they can. */
function stateOf(series: readonly SeriesSummary[], catchingUp: boolean): StationSummary['state'] {
  const heard = series.filter(({ latest }) => latest !== null)
  if (heard.length === 0) return 'never'
  const regular = heard.filter(({ everyMs }) => everyMs !== null)
  return !catchingUp && regular.length > 0 && regular.every(({ silent }) => silent) ? 'silent' : 'reporting'
}

const newest = (times: readonly (number | null)[]): number | null =>
  times.reduce<number | null>((last, at) => (at !== null && (last === null || at > last) ? at : last), null)
