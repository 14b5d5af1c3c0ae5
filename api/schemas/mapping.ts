import Type from 'typebox'
import { Moment, nullable } from './words.ts'

const words = () => Type.Record(Type.String(), Type.String())

/** PUT /devices/{device}/mapping */
export const MappingWritten = Type.Object({
  device: Type.String(),
  version: Type.Integer(),
  at: Moment,
  by: Type.String(),
  reason: Type.String(),
  mapping: Type.Object({
    channels: Type.Optional(words()),
    units: Type.Optional(words()),
    zone: Type.Optional(Type.String()),
    noTime: Type.Optional(Type.Boolean()),
  }),
})
export type MappingWritten = Type.Static<typeof MappingWritten>

/** GET /devices/{device}/mapping */
export const MappingPage = Type.Object({
  device: Type.String(),
  file: nullable(Type.String({ description: 'Network file of the device; what it declares wins' })),
  holds: Type.Object({ channels: words(), units: words(), zone: nullable(Type.String()), noTime: Type.Boolean() }),
  versions: Type.Array(MappingWritten, { description: 'Newest first; the first one holds' }),
})
export type MappingPage = Type.Static<typeof MappingPage>
