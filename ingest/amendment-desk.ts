import { amendmentTopics, type Amendment, type RepairTrial } from '../domain/amendment.ts'
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
import { movesBack, type Move, type ReadOwn } from './clock-moves.ts'
import { declaredClock, holding, refuseNowhere } from './declared-clock.ts'
import { isTakeable, type RepairDesk } from './repair-desk.ts'

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
const moved = testBit('moved')

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

  const readerOf =
    (device: DeviceId): ReadOwn =>
    async (from, to) =>
      few(await readOf(store.telemetry, withCounts(fleet()), { device, from, to, limit: mostReadings + 1 }))

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
    correctClock: async (asked, acting) => {
      const { correction, moves } = await declaredClock(asked, { ledger: store.ledger, read: readerOf(asked.device), now: now() })
      return make(moves.map(previewOfMove), acting, (head) => ({ ...correction, ...head }))
    },
    async withdrawClock(device, id, acting) {
      const correction = (await holding(store.ledger, device)).find((one) => one.id === id)
      if (correction === undefined)
        throw new AmendmentRefused(`taking back the clock correction ${id}`, `none of that name holds for ${device}`)
      const moves = await movesBack(readerOf(device), correction)
      refuseNowhere(moves, `taking back the clock correction ${id}`)
      return make(moves.map(previewOfMove), acting, (head) => ({ ...head, kind: 'clock-withdrawn', device, correction: id }))
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
  const entries = await Promise.all(ran.entries.map((trial) => becameOf(trial, store.ledger)))
  return { ...ran, entries, takeable: entries.filter(({ outcome }) => isTakeable(outcome)).length }
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

function previewOf({ series, observedAt, value }: Observation, toAt: number, toValue: number | null): AmendmentPreview {
  return { series, observedAt, value, becomes: { observedAt: toAt, value: toValue } }
}

const previewOfMove = ({ row, to }: Move): AmendmentPreview => previewOf(row, to, row.value)
