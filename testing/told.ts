import { expect } from '@jest/globals'
import { highestLevel } from '../app/scoring/seen-warning.ts'
import type { TruthEvent } from '../devices-sim/truth/truth.ts'
import { stepMs } from '../devices-sim/world/hydrology.ts'
import { stationId } from '../domain/ids.ts'
import type { StationKind } from '../domain/network.ts'
import { createRiverGraph, type RiverGraph } from '../domain/river-graph.ts'
import { levels, type Warning } from '../domain/warning.ts'
import type { Rehearsal } from './rehearsal.ts'

const hour = 3_600_000

/** A rehearsal, with what one asks of it. */
export interface Told extends Rehearsal {
  graph: RiverGraph
  /** Events of a rule at their places, by onset; of all rules on values, rain sums and rates of rise when none is named. */
  of(rule?: string): TruthEvent[]
  /** ms of travel from a station to another below it. */
  travel(from: string, to: string): number
  /** Values of a series as they were stored, with hours since the start. */
  series(id: string): { hours: number; value: number }[]
}

export function toldBy(rehearsal: Rehearsal): Told {
  const { events, network, rows, startAt } = rehearsal
  const graph = createRiverGraph(network.stations)
  const values = events.filter(({ ruleKind }) => ruleKind === undefined)
  return {
    ...rehearsal,
    graph,
    of: (rule) => values.filter((event) => rule === undefined || event.rule === rule).sort((a, b) => a.onset - b.onset),
    travel: (from, to) => graph.travelTimeMs(stationId(from), stationId(to)) ?? NaN,
    series: (id) =>
      rows.flatMap(({ series, observedAt, value }) =>
        series === id && value !== null ? [{ hours: (observedAt - startAt) / hour, value }] : [],
      ),
  }
}

export const rises = (numbers: readonly number[]): boolean => numbers.every((one, i) => i === 0 || one > (numbers[i - 1] ?? NaN))

/** A wave or a pulse: below its place only, later by its way, and lower, at each station that it passes. */
export function passesDown({ graph, travel }: Told, events: readonly TruthEvent[], place: string): void {
  const below = graph.downstreamOf(stationId(place)) as readonly string[]
  expect(events.length).toBeGreaterThan(1)
  expect(events.filter(({ station }) => !below.includes(station))).toEqual([])
  const inOrder = [...events].sort((a, b) => below.indexOf(a.station) - below.indexOf(b.station))
  expect(rises(inOrder.map(({ onset }) => onset))).toBe(true)
  for (const [i, { station, peak }] of inOrder.entries()) {
    const before = inOrder[i - 1]
    if (before === undefined) continue
    const way = travel(before.station, station)
    // 0.7 of the way is pure delay; what is spread out cannot come later than one and a half ways
    expect(peak.at - before.peak.at).toBeGreaterThanOrEqual(0.7 * way)
    expect(peak.at - before.peak.at).toBeLessThanOrEqual(1.5 * way + hour / 2)
  }
}

/** Crossings of the noise-free signal where each event of a threshold rule begins and ends. */
export function expectCrossings({ of, crossings, network, endAt }: Told): void {
  const thresholds = new Set(network.rules.filter(({ kind }) => kind === 'threshold').map(({ id }) => id as string))
  for (const { rule, station, parameter, onset, end } of of().filter((event) => thresholds.has(event.rule))) {
    const own = crossings.filter((one) => one.station === station && one.parameter === parameter)
    const begins = own.find(({ direction, at }) => direction === 'entered' && at === onset)
    const last = own.filter(({ level, at }) => level === begins?.level && at <= end).at(-1)
    // what lasts to the end of the scenario is left by nobody
    const ends = last?.direction === 'left' ? last.at === end : end >= endAt - stepMs
    expect({ rule, station, begins: begins !== undefined, ends }).toEqual({ rule, station, begins: true, ends: true })
  }
}

export interface WarningsDue {
  /** Kinds of stations that sent. */
  sends: readonly StationKind[]
  /** Events that have no warning: `rule station level`. */
  unseen?: readonly string[]
}

/**
 * Each event of a station that sends has its warning, as high as it deserves and no later than the rule holds its limit for, two readings
 * and half an hour more; and no rule on values says anything else.
 */
export function expectWarnings(told: Told, { sends, unseen = [] }: WarningsDue): void {
  const { of, warnings, network } = told
  const senders = new Set(network.stations.filter(({ kind }) => sends.includes(kind)).map(({ id }) => id as string))
  const belongs = ({ rule, station, onset, end }: TruthEvent, warning: Warning): boolean => {
    const at = warning.raisedAt ?? NaN
    return warning.rule === rule && warning.station === station && onset - hour <= at && at <= end + hour
  }
  const due = of().filter(({ station }) => senders.has(station))
  const missed = due.filter((event) => {
    const own = warnings.filter((warning) => belongs(event, warning) && (warning.raisedAt ?? NaN) <= latest(told, event))
    return !own.some((warning) => levels.indexOf(highestLevel(warning)) >= levels.indexOf(event.level))
  })
  expect(missed.map(({ rule, station, level }) => `${rule} ${station} ${level}`)).toEqual(unseen)
  const idle = warnings.filter((warning) => warning.kind !== 'trend' && !due.some((event) => belongs(event, warning)))
  expect(idle.map(({ rule, station }) => `${rule} ${station}`)).toEqual([])
}

/** When the warning of an event has to be there. */
function latest({ network, crossings }: Told, { rule, station, parameter, onset }: TruthEvent): number {
  const holdMs = Number(network.rules.find(({ id }) => id === rule)?.settings['holdMs'] ?? 0)
  const sensors = network.stations.find(({ id }) => id === station)?.sensors ?? []
  const every = sensors.find((sensor) => sensor.parameter.key === parameter)?.everyMs ?? NaN
  const own = crossings.filter((one) => one.station === station && one.parameter === parameter && one.at >= onset)
  // a signal that comes and goes begins to stay where it does not leave that level before readings could hold it
  const stays = own.find(({ level, direction, at }, i) => {
    const left = own.slice(i).find((one) => one.level === level && one.direction === 'left')
    return direction === 'entered' && level === own[0]?.level && (left?.at ?? Infinity) - at >= holdMs + 2 * every
  })
  return (stays?.at ?? onset) + holdMs + 2 * every + hour / 2
}
