import type { Network, RuleDefinition, Sensor } from '../../domain/network.ts'
import { levels, type Level } from '../../domain/warning.ts'
import { meantBy } from './meant.ts'
import type { TruthEvent, TruthReading } from './truth.ts'

const minute = 60_000
/**
 * A silence deserves a warning when it lasts so much longer than the rule allows: the clock of a run moves every quarter of an hour, and a
 * device that sends once an hour what it measures every five minutes has nothing new for longer than an hour, each hour.
 */
const surelyMs = 15 * minute
/** Intervals without a reading that make a silence, where the rule says nothing. */
const patience = 3

export interface SilenceWatch {
  /** Takes what was sent, in the order of leaving; the silences that it ended. */
  hear(readings: readonly TruthReading[]): TruthEvent[]
  /** The silences that last at the end of the simulation; what is heard behind it ends none. */
  finish(endAt: number): TruthEvent[]
}

/**
 * Finds the stretches in which a server could hear nothing new of a series, by what its device sent and when: what the rules of the network
 * on the silence of single series ought to warn of. A reading counts from when it leaves; one that had waited for longer than the rule allows
 * ends nothing. What cannot be read or dated is not heard. What the server does meanwhile is no part of it.
 */
export function createSilenceWatch(network: Pick<Network, 'rules' | 'stations'>): SilenceWatch {
  const watched = new Map<string, Listening[]>()
  const rules = network.rules.flatMap((rule) => (rule.kind === 'silence' ? [{ rule, isMeant: meantBy(rule) }] : []))
  for (const station of network.stations)
    for (const sensor of station.sensors) {
      const own = rules.flatMap(({ rule, isMeant }) => (isMeant(sensor) ? (listeningTo(rule, sensor) ?? []) : []))
      if (own.length > 0) watched.set(nameOf(sensor.station, sentParameter(sensor), sensor.number), own)
    }
  return {
    hear: (readings) =>
      readings.flatMap((reading) => {
        if (reading.outcome !== 'stored' || reading.value === null || reading.sent === null) return []
        const { made, sent } = reading
        const own = watched.get(nameOf(reading.station, reading.parameter, reading.number)) ?? []
        return own.flatMap((one) => heard(one, made, sent) ?? [])
      }),
    finish: (endAt) => {
      const all = [...watched.values()].flat()
      watched.clear()
      return all.flatMap((one) => eventOf(one, endAt) ?? [])
    },
  }
}

/** A rule at one series. `last`: when the newest reading heard was measured; null = none was. */
interface Listening {
  rule: RuleDefinition
  sensor: Sensor
  afterMs: number
  level: Level
  last: number | null
  /** When the silence became long enough; null = there is none. */
  onset: number | null
}

function listeningTo(rule: RuleDefinition, sensor: Sensor): Listening | null {
  const [first] = levels.flatMap((level) => {
    const minutes = rule.levels[level]
    return typeof minutes === 'number' ? [{ level, afterMs: minutes * minute }] : []
  })
  const afterMs = first?.afterMs ?? Number(rule.settings['afterMs'] ?? patience * (sensor.everyMs ?? Infinity))
  const level = first?.level ?? levels.find((one) => one === rule.settings['level']) ?? 'blue'
  return Number.isFinite(afterMs) ? { rule, sensor, afterMs, level, last: null, onset: null } : null
}

/** A gauge that counts says the count; its rain is made of that. */
const sentParameter = ({ parameter, from }: Sensor): string =>
  from === 'counter' && parameter.key === 'rainfall' ? 'rain_accumulated' : parameter.key

const nameOf = (station: string, parameter: string, number: number): string => `${station}/${parameter}/${number}`

/** Takes note of a reading; the silence that it ended. */
function heard(one: Listening, made: number, sent: number): TruthEvent | null {
  const { last, afterMs } = one
  if (last !== null && one.onset === null && sent >= last + afterMs) one.onset = last + afterMs
  const isOver = one.onset !== null && sent - made < afterMs
  const ended = isOver ? eventOf(one, sent) : null
  if (isOver) one.onset = null
  one.last = Math.max(made, last ?? made)
  return ended
}

/** Null where the silence was too short. */
function eventOf({ rule, sensor, level, onset, last, afterMs }: Listening, end: number): TruthEvent | null {
  const from = onset ?? (last ?? end) + afterMs
  if (end - from < surelyMs) return null
  return {
    ...{ kind: 'event', id: `${rule.id}:${sensor.station}:${Math.round(from / 1000).toString(36)}` },
    ...{ type: 'silence', rule: rule.id, ruleKind: 'silence' },
    ...{ station: sensor.station, parameter: sensor.parameter.key, number: sensor.number },
    ...{ level, onset: from, end },
    peak: { at: end, value: (end - from + afterMs) / minute },
    cause: null,
  }
}
