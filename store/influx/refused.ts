import type { CarriedRepair } from '../../domain/amendment.ts'
import type { Quarantined } from '../../domain/rejection.ts'
import type { Commit, DeviceCount, StoredRow } from '../ports/ledger.ts'
import { pointTopic } from '../ports/refused-point.ts'
import type { RefusedRow } from './append.ts'

/**
 * Refused values are quarantined, so that the device's counts still add up; a refused judgement changes nothing. A row that was not counted,
 * such as an increment of a count, is an entry of no value: it is known that it is missing.
 */
export function withoutRefused(batch: Commit, refused: readonly RefusedRow[]): Commit {
  const gone = new Set<StoredRow>(refused.map(({ row }) => row))
  const counted = new Set<StoredRow>(batch.counted === undefined ? batch.rows : batch.rows.slice(0, batch.counted))
  const aside = refused.filter(({ row }) => row.arrival !== 'judged')
  const values = aside.filter(({ row }) => counted.has(row))
  return {
    ...batch,
    rows: batch.rows.filter((row) => !gone.has(row)),
    counted: Math.max(0, counted.size - values.length),
    quarantined: [...batch.quarantined, ...aside.map((one) => quarantinedOf(one, counted.has(one.row) ? 1 : 0))],
    counts: batch.counts.map((count) => recounted(count, values)),
    ...(batch.repaired !== undefined && { repaired: batch.repaired.map((repair) => refusedAgain(repair, values)) }),
  }
}

/** What was run again and refused once more is told with it. */
function refusedAgain(repair: CarriedRepair, values: readonly RefusedRow[]): CarriedRepair {
  const own = values.filter(({ row }) => row.delivery === repair.delivery)
  if (own.length === 0) return repair
  const versions = own.filter(({ row }) => row.arrival === 'revised').length
  const { outcome } = repair
  const [stored, quarantined] = [outcome.stored - (own.length - versions), outcome.quarantined + own.length]
  return { ...repair, outcome: { ...outcome, stored, versions: outcome.versions - versions, quarantined } }
}

function quarantinedOf({ row, line, reason }: RefusedRow, values: number): Quarantined {
  return {
    reason: 'refused-by-store',
    detail: `InfluxDB refused the point of ${row.series} at ${new Date(row.observedAt).toISOString()}: ${reason}`,
    values,
    item: null,
    device: row.device,
    delivery: row.delivery,
    receivedAt: row.receivedAt,
    topic: pointTopic,
    payload: new TextEncoder().encode(line),
  }
}

function recounted(count: DeviceCount, values: readonly RefusedRow[]): DeviceCount {
  const own = values.filter(({ row }) => row.device === count.device)
  const versions = own.filter(({ row }) => row.arrival === 'revised').length
  return {
    ...count,
    stored: count.stored - (own.length - versions),
    versions: count.versions - versions,
    quarantined: count.quarantined + own.length,
    late: count.late - own.filter(({ row }) => row.arrival === 'late').length,
  }
}
