import Type from 'typebox'
import { Moment, nullable } from './words.ts'

export const AuditNote = Type.Object({
  id: Type.String(),
  at: Moment,
  until: Moment,
  count: Type.Integer({ description: 'So many of this kind from this address in this minute; the first is shown' }),
  action: Type.String({ description: 'Operation of this api, or start, mqtt-login, mqtt-refused' }),
  outcome: Type.Enum(['done', 'refused']),
  who: nullable(Type.String()),
  target: nullable(Type.String()),
  address: nullable(Type.String()),
  reason: nullable(Type.String({ description: 'Why it was refused' })),
  detail: Type.String(),
})

/** GET /audit */
export const AuditList = Type.Object({
  entries: Type.Array(AuditNote),
  next: nullable(
    Type.String({
      description:
        'cursor of the next page; null = this is the last one. With a filter a page may be short, or empty, and have more behind it',
    }),
  ),
})
export type AuditList = Type.Static<typeof AuditList>
