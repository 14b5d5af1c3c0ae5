import Type, { type Static, type TObject } from 'typebox'
import { parameterKind } from '../domain/parameter-kinds.ts'
import type { Parameter } from '../domain/parameter.ts'
import type { Level } from '../domain/warning.ts'
import { parseDuration } from '../domain/time.ts'
import type { Ladder } from './ladder.ts'

const optional = Type.Optional
const length = (description: string, byDefault?: string) =>
  Type.String({ description, ...(byDefault !== undefined && { default: byDefault }) })

/** Settings that all kinds with limits share, as a network file writes them. */
export const ladderFields = {
  hold: optional(length('how long it must last before it is raised, such as 15m', '0s')),
  onCount: optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'trusted readings in a row beyond the limit before it is raised' }),
  ),
  deadband: optional(Type.Number({ minimum: 0, description: 'how far back behind the limit the level is left' })),
  clearAfter: optional(length('how long it must stay on the safe side before it is left, such as 30m')),
  offCount: optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'trusted readings in a row on the safe side before it is left' }),
  ),
  direction: optional(
    Type.Unsafe<'up' | 'down'>({
      type: 'string',
      enum: ['up', 'down'],
      default: 'up',
      description: 'down: smaller is worse (oxygen, low water)',
    }),
  ),
  inclusive: optional(
    Type.Boolean({ default: true, description: 'false: only beyond the limit counts, not the limit itself (limits of the GB standards)' }),
  ),
}

export type LadderSettings = Static<TObject<typeof ladderFields>>

/** A length of time of a checked setting, ms. */
export function lengthMs(text: string | undefined, byDefault: number): number {
  return text === undefined ? byDefault : (parseDuration(text) ?? byDefault)
}

export interface LadderDefaults {
  /** Readings in a row to enter, when neither hold nor onCount is given. */
  onCount: number
  /** Time and readings to leave, when neither clearAfter nor offCount is given. */
  clearAfterMs: number
  offCount: number
  deadband(limit: number): number
  unit: string
}

/**
 * The ladder of a rule at one series. A given time needs no count beside it and the other way round; where both are given, both must be
 * met.
 */
export function ladderOf(limits: readonly { level: Level; limit: number }[], settings: LadderSettings, defaults: LadderDefaults): Ladder {
  const sign = settings.direction === 'down' ? -1 : 1
  const isTimed = settings.hold !== undefined
  const leavesTimed = settings.clearAfter !== undefined
  const leavesCounted = settings.offCount !== undefined
  return {
    rungs: limits.map(({ level, limit }) => ({ level, limit, off: limit - sign * (settings.deadband ?? defaults.deadband(limit)) })),
    sign,
    inclusive: settings.inclusive ?? true,
    holdMs: lengthMs(settings.hold, 0),
    onCount: settings.onCount ?? (isTimed ? 1 : defaults.onCount),
    clearAfterMs: lengthMs(settings.clearAfter, leavesCounted ? 0 : defaults.clearAfterMs),
    offCount: settings.offCount ?? (leavesTimed ? 1 : defaults.offCount),
    unit: defaults.unit,
  }
}

/** Quantities counted from an arbitrary zero: a share of their limit means nothing. */
const fromDatum = new Set(['stage', 'water-temperature', 'ph', 'weather'])

/** 5 % of the limit, at least three steps of the sensor; three steps alone where the zero is arbitrary (levels, temperatures, pH). */
export function defaultDeadband(parameter: Parameter, limit: number): number {
  const steps = 3 * (parameter.resolution ?? 0)
  return fromDatum.has(parameterKind(parameter.key)) ? steps : Math.max(0.05 * Math.abs(limit), steps)
}
