import {
  amendmentTopics,
  correctedTime,
  deviceTime,
  isInSpan,
  type Amendment,
  type ClockCorrection,
  type RepairTrial,
} from '../domain/amendment.ts'
import type { Acting, Amended, AmendmentDesk, AmendmentPreview, GivenUp, QuarantineFilter, RunAgain } from '../domain/amendment-desk.ts'
import type { Accept } from '../domain/delivery.ts'
import type { CurrentFleet } from '../domain/fleet.ts'
import { deviceId, type DeviceId, type SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import { testBit } from '../domain/quality-tests.ts'
import type { Store } from '../store/ports/store.ts'
import { changed, readOf } from './amend.ts'
import { withCounts } from './counters.ts'
import { AmendmentRefused } from './errors.ts'
import type { RepairDesk } from './repair-desk.ts'

export interface AmendmentDeskParts {
  accept: Accept
  store: Pick<Store, 'telemetry' | 'ledger'>
  fleet: CurrentFleet
  repairs: RepairDesk
  /** Resolves when what was accepted so far has been carried, or it takes too long. */
  carried: () => Promise<void>
  now: () => number
  /** A short word that was never given before. */
  newId: () => string
}

/** Readings that one amendment may concern. */
const mostReadings = 100_000
const shown = 20
const [moved, arrivalTime, clockCorrected] = [testBit('moved'), testBit('arrival_time'), testBit('clock_corrected')]

export function createAmendmentDesk(parts: AmendmentDeskParts): AmendmentDesk {
  const { accept, store, fleet, repairs, carried, now, newId } = parts

  async function make(preview: AmendmentPreview[], acting: Acting, build: (head: Head) => Amendment): Promise<Amended> {
    const concerned = { readings: preview.length, preview: preview.slice(0, shown) }
    if (acting.dryRun) return { ...concerned, id: null, carried: null }
    const id = newId()
    const amendment = build({ id, by: acting.by, reason: acting.reason })
    const topic = amendmentTopics.amendment
    const payload = Buffer.from(JSON.stringify(amendment))
    await accept({ device: deviceId(acting.by), source: 'correction', topic, payload, receivedAt: now() })
    await carried()
    const found = (await store.ledger.amendments({ kind: amendment.kind })).find((one) => one.amendment.id === id)
    return { ...concerned, id, carried: found ?? null }
  }

  async function readingsOf(device: DeviceId, from: number, to: number): Promise<Observation[]> {
    const rows = await readOf(store.telemetry, withCounts(fleet()), { device, from, to, limit: mostReadings + 1 })
    return few(rows)
  }

  return {
    async correctValues(asked, acting) {
      const { series, from, to, at, change } = asked
      refuseIncrements(series, fleet)
      const chosen = at === null ? null : new Set(at)
      const rows = few(await store.telemetry.range({ series: [series], from, to, limit: mostReadings + 1 }))
      const concerned = rows.filter((row) => (row.tests & moved) === 0 && (chosen === null || chosen.has(row.observedAt)))
      if (concerned.length === 0) throw new AmendmentRefused(`correcting ${series}`, 'no reading is stored there; look at the span')
      return make(
        concerned.map((row) => previewOf(row, row.observedAt, changed(row.value, change))),
        acting,
        (head) => ({ ...head, kind: 'values', ...asked }),
      )
    },
    async correctClock(asked, acting) {
      const correction = { id: '', by: '', reason: '', kind: 'clock', ...asked } as const
      const other = (await holding(store.ledger, asked.device)).find((one) => overlap(one, correction))
      if (other !== undefined) throw new AmendmentRefused(`correcting the clock of ${asked.device}`, overlapping(other))
      const rows = await readingsOf(asked.device, asked.from, asked.to ?? Infinity)
      const concerned = rows.filter(({ tests }) => (tests & (clockCorrected | arrivalTime)) === 0)
      return make(
        concerned.map((row) => previewOf(row, correctedTime(correction, row.observedAt), row.value)),
        acting,
        (head) => ({ ...head, kind: 'clock', ...asked }),
      )
    },
    async withdrawClock(device, id, acting) {
      const correction = (await holding(store.ledger, device)).find((one) => one.id === id)
      if (correction === undefined)
        throw new AmendmentRefused(`taking back the clock correction ${id}`, `none of that name holds for ${device}`)
      const span = [correction.from, correction.to ?? Infinity].map((at) => (at === Infinity ? at : correctedTime(correction, at)))
      const rows = await readingsOf(device, Math.min(...span), Math.max(...span))
      return make(movedBack(rows, correction), acting, (head) => ({ ...head, kind: 'clock-withdrawn', device, correction: id }))
    },
    runAgain: (filter, acting) => runAgain(parts, filter, acting),
    giveUp: (filter, acting) => giveUp(parts, filter, acting),
    trial: repairs.trial,
  }
}

async function runAgain({ repairs, carried, store }: AmendmentDeskParts, filter: QuarantineFilter, acting: Acting): Promise<RunAgain> {
  const ran = await repairs.runAgain(filter, acting)
  if (acting.dryRun || ran.takeable === 0) return ran
  await carried()
  return { ...ran, entries: await Promise.all(ran.entries.map((trial) => becameOf(trial, store.ledger))) }
}

async function giveUp({ repairs, carried }: AmendmentDeskParts, filter: QuarantineFilter, acting: Acting): Promise<GivenUp> {
  const closed = await repairs.giveUp(filter, acting)
  if (!acting.dryRun && closed.entries > 0) await carried()
  return closed
}

/** What became of it, where only the store could say whether it takes it by now. */
async function becameOf(trial: RepairTrial, ledger: Store['ledger']): Promise<RepairTrial> {
  if (trial.reason !== 'refused-by-store' || trial.refused !== null) return trial
  const outcome = (await ledger.quarantineEntry(trial.entry))?.repaired?.outcome
  if (outcome === undefined) return trial
  return { ...trial, outcome, refused: outcome.quarantined === 0 ? null : 'the store refused it once more, which is a new entry' }
}

/** The corrections of a device that were not taken back. */
async function holding(ledger: Store['ledger'], device: DeviceId): Promise<ClockCorrection[]> {
  const all = (await ledger.amendments({ device })).map(({ amendment }) => amendment)
  const withdrawn = new Set(all.flatMap((one) => (one.kind === 'clock-withdrawn' ? one.correction : [])))
  return all.flatMap((one) => (one.kind === 'clock' && !withdrawn.has(one.id) ? one : []))
}

/** What taking a correction back does to these readings. */
function movedBack(rows: readonly Observation[], correction: ClockCorrection): AmendmentPreview[] {
  return rows
    .filter(({ tests }) => (tests & clockCorrected) !== 0)
    .map((row) => previewOf(row, deviceTime(correction, row.observedAt), row.value))
    .filter(({ becomes }) => isInSpan(correction, becomes.observedAt))
}

type Head = Pick<Amendment, 'id' | 'by' | 'reason'>

function few(rows: Observation[]): Observation[] {
  if (rows.length <= mostReadings) return rows
  throw new AmendmentRefused('changing stored readings', `it concerns more than ${mostReadings}; do it in shorter spans`)
}

/** Increments follow from their counts: those are corrected. */
function refuseIncrements(series: SensorId, fleet: CurrentFleet): void {
  const counting = withCounts(fleet())
  const counts = counting.counts.get(series)
  if (counts !== undefined)
    throw new AmendmentRefused(`correcting ${series}`, `its values follow from the counts of ${counts.id}; correct those`)
}

function overlap(a: ClockCorrection, b: ClockCorrection): boolean {
  return a.from < (b.to ?? Infinity) && b.from < (a.to ?? Infinity)
}

const overlapping = ({ id, from, to }: ClockCorrection): string => {
  const end = to === null ? 'on' : `to ${new Date(to).toISOString()}`
  return `correction ${id} holds from ${new Date(from).toISOString()} ${end}; take it back first, or choose another span`
}

function previewOf({ series, observedAt, value }: Observation, toAt: number, toValue: number | null): AmendmentPreview {
  return { series, observedAt, value, becomes: { observedAt: toAt, value: toValue } }
}
