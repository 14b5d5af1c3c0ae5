import Type from 'typebox'
import { Moment } from './words.ts'

/**
 * Answer of POST /deliveries: the bytes are on disk. What becomes of each item is not known yet; it is decoded and judged afterwards:
 * its receipt says it.
 */
export const DeliveryReceipt = Type.Object({
  accepted: Type.Literal(true, { description: 'The bytes are in the journal and synced; not that their content was understood' }),
  delivery: Type.Integer({ description: 'Its number; GET /deliveries/{delivery}/receipt says what became of it' }),
  receivedAt: Moment,
  bytes: Type.Integer(),
})
export type DeliveryReceipt = Type.Static<typeof DeliveryReceipt>
