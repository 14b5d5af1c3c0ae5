import Type from 'typebox'
import { rejectionReasons } from '../../domain/rejection.ts'
import { Moment, nullable } from './words.ts'

/** Something that was received, acknowledged and put aside, with its bytes and the reason. */
export const QuarantineNote = Type.Object({
  id: Type.Integer(),
  device: Type.String(),
  delivery: Type.Integer(),
  receivedAt: Moment,
  topic: Type.String(),
  reason: Type.Enum([...rejectionReasons]),
  detail: Type.String(),
  values: Type.Integer({ description: 'How many values it stands for' }),
  item: nullable(Type.Integer({ description: 'Index of the item in an array payload; null = the whole delivery' })),
  payload: Type.Object({
    bytes: Type.Integer(),
    base64: Type.String(),
    text: nullable(Type.String({ description: 'The bytes as text when they are UTF-8' })),
  }),
})
export type QuarantineNote = Type.Static<typeof QuarantineNote>

/** GET /quarantine, newest first. */
export const QuarantineList = Type.Object({
  entries: Type.Array(QuarantineNote),
  next: nullable(Type.Integer({ description: 'Give it as before= to get the next page; null = this was the last' })),
})
export type QuarantineList = Type.Static<typeof QuarantineList>
