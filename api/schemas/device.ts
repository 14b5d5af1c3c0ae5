import Type from 'typebox'
import { commandOutcomes } from '../../domain/command.ts'
import { Moment, nullable, RunName } from './words.ts'

/** Counted in values; received = stored + versions + duplicate + quarantined, exact. Refused ones were never acknowledged. */
export const ValueCounts = Type.Object({
  received: Type.Integer(),
  stored: Type.Integer({ description: 'New rows' }),
  versions: Type.Integer({ description: 'New versions of rows that were there: another value for the same moment' }),
  duplicate: Type.Integer(),
  quarantined: Type.Integer(),
  refused: Type.Integer(),
  late: Type.Integer({ description: 'Of the stored and versions: beyond the lateness allowed' }),
})
export type ValueCounts = Type.Static<typeof ValueCounts>

export const DeviceNote = Type.Object({
  id: Type.String(),
  protocol: Type.Enum(['mqtt', 'hj212', 'sl651']),
  network: Type.String(),
  stations: Type.Array(Type.String()),
  run: RunName,
  simulated: Type.Boolean(),
  lastReceivedAt: nullable(Moment),
  counts: ValueCounts,
})
export type DeviceNote = Type.Static<typeof DeviceNote>

/** GET /devices */
export const DeviceList = Type.Object({ devices: Type.Array(DeviceNote), totals: ValueCounts })
export type DeviceList = Type.Static<typeof DeviceList>

/** POST /devices/{id}/secret: shown this once. */
export const DeviceSecret = Type.Object({ device: Type.String(), secret: Type.String() })
export type DeviceSecret = Type.Static<typeof DeviceSecret>

/** Answer of POST /devices/{device}/commands */
export const CommandAnswer = Type.Object({
  outcome: Type.Enum([...commandOutcomes]),
  detail: Type.String({ description: 'One sentence' }),
})
export type CommandAnswer = Type.Static<typeof CommandAnswer>
