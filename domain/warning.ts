import type { RuleId, RunId, SensorId, StationId, WarningId } from './ids.ts'

/** 蓝黄橙红, low to high; CAP Minor, Moderate, Severe, Extreme. */
export const levels = ['blue', 'yellow', 'orange', 'red'] as const
export type Level = (typeof levels)[number]

export type RuleKind = 'threshold' | 'rate-of-rise' | 'rain-accumulation' | 'silence' | 'trend'

/** A sentence in the two languages of the product. */
export interface Words {
  en: string
  zh: string
}

export type WarningState = 'pending' | 'active' | 'cleared' | 'expired'

/** Facts beside the state, independent of it and of each other. */
export interface WarningMarks {
  /** Who took note, and when (epoch ms). */
  acknowledged: { by: string; at: number; note: string | null } | null
  /** The station went quiet under the warning; only data or a person clears it. */
  blind: boolean
  /** Raised from back-filled data: notifies nobody. */
  retrospective: boolean
  /** An exercise. */
  drill: boolean
}

/** One line of a warning's story; `revised`: a forecast that was told anew. `at` is event time for what the water did, wall time for what people did. */
export interface TimelineEntry {
  at: number
  what: 'crossed' | 'raised' | 'level' | 'revised' | 'blind' | 'seen-again' | 'acknowledged' | 'notified' | 'cleared' | 'expired'
  level: Level | null
  /** Who, or which channel. */
  by: string | null
  words: Words
}

/** What the decision rests on; frozen at the last change of level or state. */
export interface Evidence {
  /** Window the rule looked at, epoch ms, both ends inclusive. */
  from: number
  to: number
  /** Readings in the window that the rule trusted, and those that quality kept from it. */
  trusted: number
  rejected: number
  /** Of those it trusted, the ones that quality doubts all the same (flag 3 or 4); left out = none. */
  doubtful?: number
  /** The value that decided and its limit, in `unit`; what `value` is depends on the rule (level, m/h, mm in 3 h, minutes silent). */
  value: number | null
  limit: number | null
  unit: string
  /** Extra figures of the method, e.g. slope, p, timeToThresholdMs, lower and upper bounds. */
  figures: Record<string, number | null>
}

/**
 * What a warning was raised by and when that was there. It depends on how readings came, not only on what they say: the same water told
 * later is another decision.
 */
export interface Decision {
  /** When the reading that came last of those that raised it was measured; null = the clock did (silence, trends). */
  observedAt: number | null
  /** When that was received, or what the clock showed, by the clock of the run (ours for the real fleet); the same in every replay. */
  receivedAt: number
  /** The same by our own clock; null = not known. */
  arrivedAt: number | null
  /**
   * When the warning was kept and told of, by our own clock; says nothing of the water. Null = not known: decided by the clock of a run, or
   * from recorded deliveries that are replayed.
   */
  keptAt: number | null
}

/** A condition in the water that a duty officer must know, from crossing to end. Versioned: each change is a new version. */
export interface Warning {
  id: WarningId
  /** Counts from 1. */
  version: number
  rule: RuleId
  /** Fingerprint of the rule as it stood, so that a changed rule is told apart. */
  ruleVersion: string
  kind: RuleKind
  station: StationId
  /** The series that decided; null for a rule on a whole station. */
  series: SensorId | null
  /** Highest level that holds now; for an ended warning, the last one. */
  level: Level
  state: WarningState
  marks: WarningMarks
  /** Simulation or replay it belongs to; null = real. */
  run: RunId | null
  /** Event time of the first reading beyond the limit. */
  onset: number
  /** Event time it became active, of its last change and of its end. */
  raisedAt: number | null
  changedAt: number
  endedAt: number | null
  evidence: Evidence
  /** Of the change that raised it. Left out: not known (kept by an older release, or raised by a changed rule). */
  decided?: Decision
  /** Why it stands. */
  why: Words
  /** What would clear it. */
  clears: Words
  timeline: TimelineEntry[]
  /**
   * Late readings moved the onset, and the onset is part of the id: the same event goes on under another one. Who was told of
   * `replaces` need not be told again; an officer who holds `replacedBy`'s old form is led to the new one.
   */
  replaces?: WarningId
  replacedBy?: WarningId
}
