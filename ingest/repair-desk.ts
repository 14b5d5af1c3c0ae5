import { amendmentTopics, type AmendmentHead, type CarriedRepair, type ClosingOrder, type RepairTrial } from '../domain/amendment.ts'
import type { Acting, AmendmentDesk, GivenUp, QuarantineFilter, RanAgain, RunAgain } from '../domain/amendment-desk.ts'
import type { Delivery } from '../domain/delivery.ts'
import { deviceId } from '../domain/ids.ts'
import type { QuarantineEntry } from '../store/ports/ledger.ts'
import { openEntries } from './open-entries.ts'
import { orderOf, writeOrder } from './repair-order.ts'
import { askedAfter, type Turns } from './turns.ts'
import { createTrials, isTakeable, type TrialsParts } from './repair-trial.ts'

export interface RepairDeskParts extends TrialsParts {
  turns: Turns
  now: () => number
  newId: () => string
}

/** Runs what was put aside again, with the settings as they are now, or closes it. */
export type RepairDesk = Pick<AmendmentDesk, 'runAgain' | 'giveUp' | 'trial'>

export function createRepairDesk(parts: RepairDeskParts): RepairDesk {
  const { turns, store, now, newId } = parts
  const trials = createTrials(parts)

  async function tryAll(filter: QuarantineFilter): Promise<Tried> {
    const tryAgain = await trials()
    const { entries, more } = await openEntries(store.ledger, filter, 'whole')
    const tried: RepairTrial[] = []
    const takeable: QuarantineEntry[] = []
    for (const entry of entries) {
      const trial = await tryAgain(entry)
      tried.push(trial)
      if (isTakeable(trial.outcome)) takeable.push(entry)
    }
    return { tried, takeable, more }
  }

  /** Within a turn nothing waits to be carried: what is open has no order on its way. */
  async function run(filter: QuarantineFilter, { by, reason }: Acting): Promise<RunAgain> {
    const { tried, takeable, more } = await tryAll(filter)
    const head = { id: newId(), by, reason }
    if (takeable.length > 0) await turns.keep(ordersOf(takeable, head))
    const ids = takeable.map(({ id }) => id)
    const repairs = await askedAfter(store.ledger.repairsOf(ids), new Map(ids.map((id) => [id, null])))
    const state = [...repairs.values()].includes(null) ? 'waiting' : 'carried'
    const entries = tried.map((trial) => becameOf(trial, repairs))
    return { state, entries, takeable: entries.filter(({ outcome }) => outcome === null || isTakeable(outcome)).length, more }
  }

  async function closable(filter: QuarantineFilter): Promise<{ closed: ClosingOrder['entries']; more: boolean }> {
    const { entries, more } = await openEntries(store.ledger, filter, 'head')
    return { closed: entries.map(({ id, values }) => ({ entry: id, values })), more }
  }

  async function close(filter: QuarantineFilter, { by, reason }: Acting): Promise<GivenUp> {
    const { closed, more } = await closable(filter)
    if (closed.length === 0) return { state: 'carried', ...sumOf(closed), more }
    const payload = writeOrder({ kind: 'closing', id: newId(), by, reason, entries: closed })
    await turns.keep([{ device: deviceId(by), source: 'correction', topic: amendmentTopics.closing, payload, receivedAt: now() }])
    const ids = closed.map(({ entry }) => entry)
    const repairs = await askedAfter(store.ledger.repairsOf(ids), new Map(ids.map((id) => [id, null])))
    return { state: [...repairs.values()].includes(null) ? 'waiting' : 'carried', ...sumOf(closed), more }
  }

  function* ordersOf(entries: readonly QuarantineEntry[], head: AmendmentHead): Generator<Delivery> {
    const order = { device: deviceId(head.by), source: 'correction', topic: amendmentTopics.repair } as const
    for (const entry of entries) yield { ...order, payload: writeOrder(orderOf(entry, head)), receivedAt: now() }
  }

  return {
    async runAgain(filter, acting) {
      if (!acting.dryRun) return turns.take('running entries of the quarantine again', () => run(filter, acting))
      const { tried, takeable, more } = await tryAll(filter)
      return { state: 'tried', entries: tried, takeable: takeable.length, more }
    },
    async giveUp(filter, acting) {
      if (!acting.dryRun) return turns.take('closing entries of the quarantine', () => close(filter, acting))
      const { closed, more } = await closable(filter)
      return { state: 'tried', ...sumOf(closed), more }
    },
    async trial(id) {
      const entry = await store.ledger.quarantineEntry(id)
      return entry === null || entry.repaired !== null ? null : (await trials())(entry)
    },
  }
}

const sumOf = (closed: ClosingOrder['entries']): Pick<GivenUp, 'entries' | 'values'> => ({
  entries: closed.length,
  values: closed.reduce((sum, { values }) => sum + values, 0),
})

interface Tried {
  tried: RepairTrial[]
  takeable: QuarantineEntry[]
  more: boolean
}

/** What became of an entry, where it was ordered to run again: only the store could say whether it takes a point by now. */
function becameOf(trial: RepairTrial, repairs: ReadonlyMap<number, CarriedRepair | null>): RanAgain {
  const repaired = repairs.get(trial.entry)
  if (repaired === undefined) return trial
  if (repaired === null) return { ...trial, outcome: null }
  const isRefused = trial.reason === 'refused-by-store' && repaired.outcome.quarantined > 0
  return { ...trial, outcome: repaired.outcome, ...(isRefused && { refused: 'the store refused it once more, which is a new entry' }) }
}
