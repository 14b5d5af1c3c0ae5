import { levelRank } from '../domain/levels.ts'
import type { StationSummary } from '../api/schemas/station.ts'
import { leadOf } from './say.ts'

export const filters = ['all', 'reporting', 'silent', 'warnings', 'unacknowledged', 'incomplete'] as const
/** What the counters of the overview choose. */
export type Filter = (typeof filters)[number]

/** Under this share of the expected readings of a day a station counts as incomplete. */
const completeEnough = 0.95

/** Stations that a counter and a search text leave. The text is looked for in ids and both names. */
export function chosen(stations: readonly StationSummary[], filter: Filter, search: string): StationSummary[] {
  const wanted = search.trim().toLowerCase()
  return stations.filter((station) => passes(station, filter) && named(station, wanted))
}

function passes(station: StationSummary, filter: Filter): boolean {
  const active = station.warnings.filter((warning) => warning.state === 'active')
  if (filter === 'reporting') return station.state === 'reporting'
  if (filter === 'silent') return station.state !== 'reporting'
  if (filter === 'warnings') return active.length > 0
  if (filter === 'unacknowledged') return active.some((warning) => !warning.acknowledged)
  if (filter === 'incomplete') return station.completeness !== null && station.completeness < completeEnough
  return true
}

const named = ({ id, name }: StationSummary, wanted: string): boolean =>
  wanted === '' || [id, name.en, name.zh].some((text) => text.toLowerCase().includes(wanted))

/**
 * Most urgent first: level, then what nobody acknowledged, then how soon the next stage is reached, then silence, then the order given.
 */
export function byUrgency(stations: readonly StationSummary[]): StationSummary[] {
  const ranked = stations.map((station, place) => ({ station, place, key: rank(station) }))
  ranked.sort((a, b) => {
    const differs = a.key.findIndex((value, i) => value !== b.key[i])
    return differs < 0 ? a.place - b.place : (a.key[differs] ?? 0) - (b.key[differs] ?? 0)
  })
  return ranked.map(({ station }) => station)
}

function rank(station: StationSummary): number[] {
  const open = station.warnings.some((warning) => warning.state === 'active' && !warning.acknowledged)
  return [-levelRank(station.level), open ? 0 : 1, hoursToNextStage(station), station.state === 'reporting' ? 1 : 0]
}

/** Hours until the next stage at the present rate; Infinity when it does not rise or is more than two days away. */
export function hoursToNextStage(station: StationSummary): number {
  const lead = leadOf(station)
  if (lead?.trend.direction !== 'rising' || !lead.standing?.next) return Infinity
  const { perHour } = lead.trend
  const hours = perHour !== null && perHour > 0 ? (lead.standing.below ?? Infinity) / perHour : Infinity
  return hours <= 48 ? hours : Infinity
}
