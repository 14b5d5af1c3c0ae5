import { amendmentTopics, type Amendment } from '../domain/amendment.ts'
import type { Acting, Amended, AmendmentDesk, AmendmentPreview } from '../domain/amendment-desk.ts'
import type { CurrentFleet } from '../domain/fleet.ts'
import { deviceId, type DeviceId, type SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { Store } from '../store/ports/store.ts'
import { changed, earlierOf, readCorrected, readOf } from './amend.ts'
import { whyNoValues, whyNoWithdrawal } from './contradictions.ts'
import { withCounts } from './counters.ts'
import { AmendmentRefused } from './errors.ts'
import { movesBack, type Move, type ReadOwn } from './clock-moves.ts'
import { declaredClock, holding, refuseNowhere } from './declared-clock.ts'
import type { RepairDesk } from './repair-desk.ts'
import { askedAfter, type Turns } from './turns.ts'

export interface AmendmentDeskParts {
  turns: Turns
  store: Pick<Store, 'telemetry' | 'ledger'>
  fleet: CurrentFleet
  repairs: RepairDesk
  now: () => number
  /** A short word that was never given before. */
  newId: () => string
}

/** Readings that one amendment may concern. */
const mostReadings = 100_000
const shown = 20

/** What an amendment would do, and how it is written. */
interface Plan {
  preview: AmendmentPreview[]
  build: (head: Head) => Amendment
}

export function createAmendmentDesk(parts: AmendmentDeskParts): AmendmentDesk {
  const { turns, store, fleet, repairs, now, newId } = parts

  /** In a turn, so that what was planned is what is found when it is carried. */
  async function make(doing: string, acting: Acting, plan: () => Promise<Plan>): Promise<Amended> {
    if (!acting.dryRun) return turns.take(doing, async () => keep(doing, acting, await plan()))
    return { state: 'tried', ...concernedBy(await plan()), id: null, carried: null }
  }

  async function keep(doing: string, { by, reason }: Acting, plan: Plan): Promise<Amended> {
    const id = newId()
    const amendment = plan.build({ id, by, reason })
    const payload = Buffer.from(JSON.stringify(amendment))
    await turns.keep([{ device: deviceId(by), source: 'correction', topic: amendmentTopics.amendment, payload, receivedAt: now() }])
    const carried = (await askedAfter(store.ledger.amendments({ kind: amendment.kind }), [])).find((one) => one.amendment.id === id) ?? null
    if (carried?.refused !== undefined) throw new AmendmentRefused(doing, carried.refused)
    return { state: carried === null ? 'waiting' : 'carried', ...concernedBy(plan), id, carried }
  }

  const readerOf =
    (device: DeviceId): ReadOwn =>
    async (from, to) =>
      few(await readOf(store.telemetry, withCounts(fleet()), { device, from, to, limit: mostReadings + 1 }))

  return {
    async correctValues(given, acting) {
      const asked = { ...given, seen: turns.carried() }
      const doing = `correcting ${asked.series}`
      refuseIncrements(asked.series, fleet)
      return make(doing, acting, async () => {
        const concerned = few(await readCorrected(store.telemetry, { ...asked, limit: mostReadings + 1 }))
        if (concerned.length === 0) throw new AmendmentRefused(doing, 'no reading is stored there; look at the span')
        refuse(doing, whyNoValues(await earlierOf(store.ledger, concerned), asked))
        const preview = concerned.map((row) => previewOf(row, row.observedAt, changed(row.value, asked.change)))
        return { preview, build: (head) => ({ ...head, kind: 'values', ...asked }) }
      })
    },
    correctClock: async (asked, acting) =>
      make(`correcting the clock of ${asked.device}`, acting, async () => {
        const { correction, moves } = await declaredClock(asked, { ledger: store.ledger, read: readerOf(asked.device), now: now() })
        return { preview: moves.map(previewOfMove), build: (head) => ({ ...correction, ...head }) }
      }),
    async withdrawClock(device, id, acting) {
      const doing = `taking back the clock correction ${id}`
      return make(doing, acting, async () => {
        const held = await holding(store.ledger, device)
        refuse(doing, whyNoWithdrawal(held, { device, correction: id }))
        const correction = held.find((one) => one.id === id)
        const moves = correction === undefined ? [] : await movesBack(readerOf(device), correction)
        refuseNowhere(moves, doing)
        return { preview: moves.map(previewOfMove), build: (head) => ({ ...head, kind: 'clock-withdrawn', device, correction: id }) }
      })
    },
    runAgain: repairs.runAgain,
    giveUp: repairs.giveUp,
    trial: repairs.trial,
  }
}

function refuse(doing: string, why: string | null): void {
  if (why !== null) throw new AmendmentRefused(doing, why)
}

const concernedBy = ({ preview }: Plan): Pick<Amended, 'readings' | 'preview'> => ({
  readings: preview.length,
  preview: preview.slice(0, shown),
})

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
