import Type from 'typebox'
import { levels } from '../../domain/warning.ts'

/*
 * The words all answers share. Answers are plain JSON: times are epoch milliseconds UTC, values are in the parameter's canonical unit,
 * a missing value is null. Schemas of answers are closed by construction and open by declaration: a later release may add fields.
 */

/** A value or null. */
export const nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

/** A moment, epoch milliseconds UTC. */
export const Moment = Type.Integer({ description: 'Epoch milliseconds, UTC' })

export const Words = Type.Object({ en: Type.String(), zh: Type.String() }, { description: 'The same in English and Chinese' })
export type Words = Type.Static<typeof Words>

export const LevelName = Type.Enum([...levels], { description: 'Warning level 蓝黄橙红, low to high' })
export type LevelName = Type.Static<typeof LevelName>

export const RuleKindName = Type.Enum(['threshold', 'rate-of-rise', 'rain-accumulation', 'silence', 'trend'])
export type RuleKindName = Type.Static<typeof RuleKindName>

export const WarningStateName = Type.Enum(['pending', 'active', 'cleared', 'expired'])
export type WarningStateName = Type.Static<typeof WarningStateName>

export const FlagNumber = Type.Unsafe<1 | 2 | 3 | 4 | 9>({
  type: 'integer',
  enum: [1, 2, 3, 4, 9],
  description: 'Quality: 1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing',
})

export const LonLat = Type.Unsafe<[lon: number, lat: number, altitude?: number]>({
  type: 'array',
  items: { type: 'number' },
  minItems: 2,
  maxItems: 3,
  description: 'Longitude and latitude in degrees, WGS 84; for what flies or dives its altitude, m above the sea',
})

/** The run of simulated data; null = real. */
export const RunName = nullable(Type.String({ description: 'Simulation or replay it belongs to; null = real data' }))
