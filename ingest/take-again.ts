import type { Decoded } from '../domain/codec.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import type { Rejection } from '../domain/rejection.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { pointTopic } from '../store/ports/refused-point.ts'
import type { Taken } from './intake.ts'
import type { Lane } from './lanes.ts'
import { quarantined } from './quarantine.ts'
import type { RestorePoint } from './refused-points.ts'
import { itemsOf, originalOf, readOrder } from './repair-order.ts'
import type { RunClocks, ValidatedRows } from './validate.ts'

interface TakeAgainParts {
  /** Decodes and validates what the function leaves of a delivery; returns what is refused. */
  read: (delivery: JournalledDelivery, into: Taken, lane: Lane, of: (decoded: Decoded) => Decoded) => readonly Rejection[]
  restorePoint: RestorePoint
  clocks: RunClocks
}

/**
 * Runs an entry of the quarantine again. Its times are held against the moment it first came, and its readings are known from now on;
 * what is refused once more is a new entry of the old delivery.
 */
export function createTakeAgain({ read, restorePoint, clocks }: TakeAgainParts): (delivery: JournalledDelivery, into: Taken) => void {
  function takePoint(restored: StoredRow | Rejection, into: ValidatedRows): readonly Rejection[] {
    if ('reason' in restored) return [restored]
    into.rows.push(restored)
    into.clocks.push(restored.run === null ? restored.receivedAt : (clocks.get(restored.run) ?? restored.observedAt))
    return []
  }

  return (delivery, into) => {
    const order = readOrder(delivery.payload)
    const original = originalOf(order)
    const from = into.rows.length
    // whatever its age, it has waited long enough
    const refused =
      original.topic === pointTopic
        ? takePoint(restorePoint(original, delivery, order), into)
        : read({ ...original, number: delivery.number }, into, 'deferred', (decoded) => itemsOf(decoded, order))
    for (let i = from; i < into.rows.length; i++) {
      const row = into.rows[i]
      if (row === undefined) break
      row.receivedAt = delivery.receivedAt
      if (row.run === null) into.clocks[i] = delivery.receivedAt
    }
    if (refused.length > 0) into.quarantined.push(...quarantined(original, refused))
    into.repairs.set(delivery.number, { order, refused: refused.reduce((sum, { values }) => sum + values, 0) })
  }
}
