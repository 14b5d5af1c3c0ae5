import { amendmentTopics, type Outcome, type RepairTrial } from '../domain/amendment.ts'
import type { Acting, AmendmentDesk, GivenUp, RunAgain } from '../domain/amendment-desk.ts'
import type { Codec } from '../domain/codec.ts'
import type { Accept, JournalledDelivery } from '../domain/delivery.ts'
import type { CurrentFleet } from '../domain/fleet.ts'
import { deviceId, type SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { QuarantineEntry, StoredRow } from '../store/ports/ledger.ts'
import { pointTopic, type ReadPoint } from '../store/ports/refused-point.ts'
import type { Store } from '../store/ports/store.ts'
import { noOutcome } from './acts.ts'
import { createClockCorrections } from './clock-corrections.ts'
import { createCodecOf } from './codecs/registry.ts'
import { withCounts } from './counters.ts'
import { createDirectory } from './directory.ts'
import { createIntake, takenNothing, type Intake } from './intake.ts'
import { openEntries } from './open-entries.ts'
import { orderOf, writeOrder } from './repair-order.ts'
import { createRunClocks } from './run-clocks.ts'

export interface RepairDeskParts {
  accept: Accept
  store: Pick<Store, 'telemetry' | 'ledger'>
  fleet: CurrentFleet
  fieldCodecs: readonly Codec[]
  readPoint: ReadPoint
  /** As the pipeline has it. */
  maxSeries: number
  now: () => number
  newId: () => string
}

/** Runs what was put aside again, with the settings as they are now, or closes it. */
export type RepairDesk = Pick<AmendmentDesk, 'runAgain' | 'giveUp' | 'trial'>

export function createRepairDesk(parts: RepairDeskParts): RepairDesk {
  const { accept, store, fleet, fieldCodecs, readPoint, maxSeries, now, newId } = parts
  const codecOf = createCodecOf(fieldCodecs)

  /** A trial of its own for each call: nothing of it is kept. */
  async function trials(): Promise<(entry: QuarantineEntry) => Promise<RepairTrial>> {
    const counting = withCounts(fleet())
    const corrections = createClockCorrections((await store.ledger.amendments({})).reverse())
    const clocks = createRunClocks(await store.ledger.watermarks())
    let failure: unknown = null
    const intake = createIntake({
      codecOf,
      directory: createDirectory(() => counting, maxSeries),
      clocks,
      corrections,
      readPoint,
      onFailed: (_delivery, error) => {
        failure = error
      },
    })
    const seen = new Map<string, number | null>()
    return async (entry) => {
      failure = null
      return tryOne(entry, { intake, telemetry: store.telemetry, seen, failed: () => failure })
    }
  }

  return {
    async runAgain(filter, { by, reason, dryRun }: Acting): Promise<RunAgain> {
      const tryAgain = await trials()
      const { entries, more } = await openEntries(store.ledger, filter, 'whole')
      const tried: RepairTrial[] = []
      const takeable: QuarantineEntry[] = []
      for (const entry of entries) {
        const trial = await tryAgain(entry)
        tried.push(trial)
        if (isTakeable(trial.outcome)) takeable.push(entry)
      }
      if (!dryRun) {
        const head = { id: newId(), by, reason }
        const topic = amendmentTopics.repair
        for (const entry of takeable)
          await accept({ device: deviceId(by), source: 'correction', topic, payload: writeOrder(orderOf(entry, head)), receivedAt: now() })
      }
      return { entries: tried, takeable: takeable.length, more }
    },
    async giveUp(filter, { by, reason, dryRun }): Promise<GivenUp> {
      const { entries, more } = await openEntries(store.ledger, filter, 'head')
      const closed = entries.map(({ id, values }) => ({ entry: id, values }))
      if (!dryRun && closed.length > 0) {
        const payload = writeOrder({ kind: 'closing', id: newId(), by, reason, entries: closed })
        await accept({ device: deviceId(by), source: 'correction', topic: amendmentTopics.closing, payload, receivedAt: now() })
      }
      return { entries: closed.length, values: closed.reduce((sum, { values }) => sum + values, 0), more }
    },
    async trial(id) {
      const entry = await store.ledger.quarantineEntry(id)
      return entry === null || entry.repaired !== null ? null : (await trials())(entry)
    },
  }
}

/** Whether something of an entry can be taken. */
export const isTakeable = ({ stored, versions, duplicate }: Outcome): boolean => stored + versions + duplicate > 0

interface TrialParts {
  intake: Intake
  telemetry: Store['telemetry']
  /** Values that earlier trials of the same call would store, by key. */
  seen: Map<string, number | null>
  failed: () => unknown
}

async function tryOne(entry: QuarantineEntry, { intake, telemetry, seen, failed }: TrialParts): Promise<RepairTrial> {
  const taken = takenNothing()
  const order = orderOf(entry, { id: '', by: '', reason: '' })
  intake.take(trialDelivery(entry, writeOrder(order)), taken, 'deferred')
  const standing = await telemetry.existing(taken.rows)
  const newer = entry.topic === pointTopic ? standing.find((row) => overrules(row, taken.rows, entry)) : undefined
  if (newer !== undefined) return overruled(entry, newer)
  const known = new Map(standing.map((row) => [keyOf(row), row.value]))
  const outcome = noOutcome()
  const times: number[] = []
  for (const row of taken.rows) {
    const key = keyOf(row)
    const before = seen.has(key) ? seen.get(key) : known.get(key)
    outcome[before === undefined ? 'stored' : before === row.value ? 'duplicate' : 'versions'] += 1
    seen.set(key, row.value)
    times.push(row.observedAt)
  }
  outcome.quarantined = taken.quarantined.reduce((sum, { values }) => sum + values, 0)
  const refused = failed() === null ? (taken.quarantined[0]?.detail ?? null) : String(failed())
  return { entry: entry.id, device: entry.device, reason: entry.reason, outcome, observed: spanOf(times), refused }
}

/** At most 10,000 values are in a delivery. */
const spanOf = (times: readonly number[]): RepairTrial['observed'] =>
  times.length === 0 ? null : { from: Math.min(...times), to: Math.max(...times) }

/** The device said something else of that moment since its point was refused: that stands. */
function overrules(standing: Observation, rows: readonly StoredRow[], { receivedAt }: QuarantineEntry): boolean {
  return standing.receivedAt > receivedAt && rows.some((row) => keyOf(row) === keyOf(standing) && row.value !== standing.value)
}

function overruled({ id, device, reason, values }: QuarantineEntry, { value, receivedAt }: Observation): RepairTrial {
  const refused = `another value (${value ?? 'missing'}) has been stored for that moment at ${new Date(receivedAt).toISOString()} and stands; close this entry`
  return { entry: id, device, reason, outcome: { ...noOutcome(), quarantined: values }, observed: null, refused }
}

const keyOf = ({ series, observedAt }: { series: SensorId; observedAt: number }): string => `${observedAt} ${series}`

function trialDelivery({ device, receivedAt }: QuarantineEntry, payload: Uint8Array): JournalledDelivery {
  return { device, source: 'correction', topic: amendmentTopics.repair, payload, receivedAt, number: Number.MAX_SAFE_INTEGER }
}
