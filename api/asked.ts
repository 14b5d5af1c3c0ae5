import { earliestTime, formatDuration, parseDuration, parseInstant } from '../domain/time.ts'
import { hint } from '../domain/nearest.ts'
import { parseSensorId, sensorId, type RunId, type StationId } from '../domain/ids.ts'
import type { Fleet } from '../domain/fleet.ts'
import type { Network, Sensor, Station } from '../domain/network.ts'
import { mustSee, type Sight } from './access.ts'
import { ApiProblem } from './errors.ts'

/**
 * A moment of an address: ISO 8601 with an offset, or epoch seconds or milliseconds. Nothing is kept from before 2000-01-01; an earlier one means
 * the same. Throws invalid-request.
 */
export function momentOf(text: string, name: string): number {
  return Math.max(shownTimeOf(text, name), earliestTime)
}

/** The same for what a device's clock showed, which may have been reset. */
export function shownTimeOf(text: string, name: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : null
  const { at, reason, ...more } = parseInstant(number ?? text.replace(/ (\d\d:?\d\d)$/, '+$1'))
  if (at !== undefined) return at
  if (reason === 'time-1970') return ('shown' in more ? more.shown : undefined) ?? earliestTime
  const why = reason === 'no-offset' ? 'has no offset; write Z or +08:00 behind it (in an address + is %2B)' : 'is not a time'
  throw wrong(name, `${JSON.stringify(text)} ${why}; e.g. 2026-11-22T02:15:00Z or epoch milliseconds`)
}

/** A length of time such as 1h or 15m, in ms. Throws invalid-request. */
export function durationOf(text: string, name: string, least: number, most = Infinity): number {
  const ms = parseDuration(text)
  if (ms === null) throw wrong(name, `${JSON.stringify(text)} is not a length of time; e.g. 15m, 1h or 1d`)
  if (ms < least) throw wrong(name, `${text} is shorter than ${least} ms`)
  if (ms > most) throw wrong(name, `${text} is longer than ${formatDuration(most)}`)
  return ms
}

/** A range of time: `to` is exclusive. Absent: the day up to `now`. */
export function spanOf(asked: { from?: string; to?: string }, now: number): { from: number; to: number } {
  const to = asked.to === undefined ? now + 1 : momentOf(asked.to, 'to')
  const from = asked.from === undefined ? to - 86_400_000 : momentOf(asked.from, 'from')
  if (from > to) throw wrong('from', 'lies behind to; exchange them')
  return { from, to }
}

/** Names of a list given once with commas or several times. */
export const namesOf = (given: readonly string[]): string[] => [
  ...new Set(given.flatMap((text) => text.split(',')).map((name) => name.trim())),
]

/** The sensors that a query names, in its order. Throws invalid-request for an unknown one and login-needed for one that may not be seen. */
export function sensorsOf(given: readonly string[], fleet: Fleet, sight: Sight): Sensor[] {
  const names = namesOf(given)
  if (names.length > 50) throw wrong('series', `${names.length} series at once are too many; 50 are allowed`)
  return names.map((name) => {
    const parts = parseSensorId(name)
    const sensor = parts && fleet.sensors.get(sensorId(parts.station, parts.parameter, parts.number))
    if (!sensor)
      throw wrong('series', `there is no series ${JSON.stringify(name)}${hint(name, visible(fleet.sensors.values(), fleet, sight))}`)
    mustSee(sight, fleet.runOf(sensor.station), `Series ${sensor.id}`)
    return sensor
  })
}

/** The names in a list of stations. Throws invalid-request for more than 50. */
export function stationNamesOf(given: readonly string[]): StationId[] {
  const names = namesOf(given)
  if (names.length > 50) throw wrong('station', `${names.length} stations at once are too many; 50 are allowed`)
  return names as StationId[]
}

/** The station of an address. Throws not-found with the nearest one, and login-needed for one that may not be seen. */
export function stationOf(id: string, fleet: Fleet, sight: Sight): { station: Station; network: Network } {
  const station = fleet.stations.get(id as StationId)
  const network = station && fleet.networkOf(station.id)
  if (!station || !network) {
    const near = hint(id, visible(fleet.stations.values(), fleet, sight))
    throw new ApiProblem('not-found', `There is no station ${JSON.stringify(id)}${near}. All of them: GET /api/v1/stations`)
  }
  mustSee(sight, network.run, `Station ${station.id}`)
  return { station, network }
}

/** Checks that a filter names one of some things; throws invalid-request with the nearest one. */
export function oneOf(text: string, name: string, known: readonly string[]): string {
  if (known.includes(text)) return text
  throw wrong(name, `there is no ${name} ${JSON.stringify(text)}${hint(text, known)}`)
}

export function wrong(name: string, message: string): ApiProblem {
  return new ApiProblem('invalid-request', `query.${name}: ${message}`, { places: [{ path: `query.${name}`, message }] })
}

function* visible(things: Iterable<Station | Sensor>, fleet: Fleet, sight: Sight): Generator<string> {
  for (const thing of things) if (sight.sees(runOf(thing, fleet))) yield thing.id
}

const runOf = (thing: Station | Sensor, fleet: Fleet): RunId | null => fleet.runOf('station' in thing ? thing.station : thing.id)
