import type { RepairOrder } from '../domain/amendment.ts'
import { rejection } from '../domain/codec.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import { flag } from '../domain/flag.ts'
import type { Rejection } from '../domain/rejection.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import type { ReadPoint } from '../store/ports/refused-point.ts'
import { keptMarks } from './amend.ts'
import type { Directory } from './directory.ts'

/**
 * The reading of a point that a store refused for good, as it was validated then: series, time and value stand, also where the mapping of its
 * device has changed since. It is known from now on, and judged anew. Or why it is not taken.
 */
export type RestorePoint = (original: JournalledDelivery, delivery: JournalledDelivery, order: RepairOrder) => StoredRow | Rejection

export function createRestorePoint(read: ReadPoint, directory: Pick<Directory, 'refusal'>): RestorePoint {
  return (original, { number, receivedAt }, { values }) => {
    if (values === 0) return rejection('refused-by-store', noValue, 0)
    const point = read(original.payload)
    if (point === null) return rejection('refused-by-store', unreadable, values)
    const refusal = directory.refusal(point.series)
    if (refusal !== null) return rejection(refusal.reason, refusal.detail, values)
    const { judged: _, ...row } = point
    const came = { device: original.device, delivery: number, receivedAt }
    const isMissing = row.value === null
    return { ...row, ...came, tests: row.tests & keptMarks, flag: isMissing ? flag.missing : flag.notEvaluated, arrival: 'next' }
  }
}

const noValue =
  'this point follows from values that are counted by themselves: run those again, or make the change again; then close this entry'
const unreadable = 'its bytes are no point that could be stored as it is; let the device send it again, then close this entry'
