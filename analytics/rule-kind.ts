import { createHash } from 'node:crypto'
import type { Static, TObject } from 'typebox'
import type { RunId, SensorId } from '../domain/ids.ts'
import type { Network, RuleDefinition, Sensor, Station } from '../domain/network.ts'
import type { Level, RuleKind, Words } from '../domain/warning.ts'
import type { Change, Episode } from './episode.ts'
import type { LadderState } from './ladder.ts'
import type { Samples } from './samples.ts'
import type { Trust } from './trust.ts'

/** Where a rule may hold. */
export interface Place {
  network: Network
  station: Station
}

/** What a kind says of its warnings, in both languages. */
export interface Sentences {
  /** Why the level of `change` holds (its level is not null); `before` is the level that held until then. */
  why(change: Change, before: Level | null): Words
  /** What would clear it (and lower it), standing at this level. */
  clears(level: Level): Words
  /** Why it ended; `change` has level null. */
  cleared(change: Change): Words
}

/** A rule bound to one series or station with its limits resolved. Immutable. */
interface Bound {
  /** Rule and series (or station): unique over all networks. */
  key: string
  rule: RuleDefinition
  /** Fingerprint of all that decides: another one is another rule. */
  version: string
  station: Station
  network: Network
  run: RunId | null
  /** Null for a rule on a whole station. */
  series: SensorId | null
  sentences: Sentences
}

/**
 * What surely changes nothing while a rule is calm: a reading strictly between `low` and `high` that comes at least `stepMs` after the one
 * before it, trusted or not. Nothing is promised where low >= high.
 */
export interface Calm {
  low: number
  high: number
  stepMs: number
}

export const neverCalm: Calm = { low: Infinity, high: -Infinity, stepMs: 0 }

/** Advances with every reading of its series. */
export interface ReadingRule extends Bound {
  drivenBy: 'readings'
  series: SensorId
  trust: Trust
  /** How far back `advance` looks, ms; 0 = only at the reading itself. */
  lookbackMs: number
  /**
   * Advances by the sample at place `i`; those before it may be looked at, those after it not. Pure, and the same object comes back when
   * nothing changed: history replays to the same warnings.
   */
  advance(state: LadderState, samples: Samples, i: number): LadderState
  /** For a calm state, seen from the sample at place `i`: which next readings need no look. It saves time and decides nothing. */
  calm(samples: Samples, i: number): Calm
}

/** Judged by the clock: who has not been heard for how long. */
export interface SilenceRule extends Bound {
  drivenBy: 'clock'
  /** Any of these is a sign of life. */
  members: readonly SensorId[]
  /** Shortest first; levels rise with the time. */
  steps: readonly { level: Level; afterMs: number }[]
}

/** A limit ahead of a trend. */
export interface LimitAhead {
  value: number
  /** 1: passed upward. */
  sign: 1 | -1
}

/** Judged every hour from the series' past. */
export interface TrendRule extends Bound {
  drivenBy: 'job'
  series: SensorId
  sensor: Sensor
  flags: readonly number[]
  windowMs: number
  horizonMs: number
  alpha: number
  confidence: number
  least: number
  /** Take the hour-of-day cycle out first. */
  isDiurnal: boolean
  /** Rain moves it within the hour: it goes on at the pace of its newest readings, not of its hours. */
  isFlashy: boolean
  /** Its own, else those of the threshold rules of the series, else its stages. */
  limits: readonly LimitAhead[]
}

export type BoundRule = ReadingRule | SilenceRule | TrendRule

/** One kind of rule: `analytics/rules/<kind>.ts` and one line in the registry. */
export interface RuleKindModule {
  kind: RuleKind
  /** Its settings as a network file writes them, each with description and (where it has one) default. */
  settings: TObject
  /** The rule at one station, for each of its series; empty where it is off (no such parameter, no such stage). Settings are checked. */
  bind(rule: RuleDefinition, settings: unknown, place: Place): BoundRule[]
}

/** Declares a kind; its `bind` gets its settings typed. */
export function ruleKind<Schema extends TObject>(module: {
  kind: RuleKind
  settings: Schema
  bind(rule: RuleDefinition, settings: Static<Schema>, place: Place): BoundRule[]
}): RuleKindModule {
  return { ...module, bind: (rule, settings, place) => module.bind(rule, settings as Static<Schema>, place) }
}

/** What all bound rules share. `deciding`: everything that decides beside kind and series, for the fingerprint. */
export function boundTo(
  rule: RuleDefinition,
  { network, station }: Place,
  series: SensorId | null,
  deciding: unknown,
): Omit<Bound, 'sentences'> {
  return {
    key: `${rule.id}~${series ?? station.id}`,
    rule,
    version: fingerprint([rule.kind, rule.trusts, deciding]),
    station,
    network,
    run: network.run,
    series,
  }
}

/** Eight hex digits of SHA-256 over JSON. */
function fingerprint(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 8)
}

/** Series of a station that a rule on one parameter is about. */
export function sensorsOf(rule: RuleDefinition, station: Station, byDefault: string | null = null): readonly Sensor[] {
  const wanted = rule.parameter ?? byDefault
  return station.sensors.filter((sensor) => sensor.parameter.key === wanted)
}

/** The level that held before a change of an episode. */
export function levelBefore(episode: Episode, change: Change): Level | null {
  const place = episode.changes.indexOf(change)
  return episode.changes[place - 1]?.level ?? null
}
