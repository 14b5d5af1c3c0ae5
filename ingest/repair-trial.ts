import { amendmentTopics, type Outcome, type RepairTrial } from '../domain/amendment.ts'
import type { Codec } from '../domain/codec.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import type { CurrentFleet } from '../domain/fleet.ts'
import type { SensorId } from '../domain/ids.ts'
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
import { orderOf, writeOrder } from './repair-order.ts'
import { createRunClocks } from './run-clocks.ts'

export interface TrialsParts {
  store: Pick<Store, 'telemetry' | 'ledger'>
  fleet: CurrentFleet
  fieldCodecs: readonly Codec[]
  readPoint: ReadPoint
  /** As the pipeline has it. */
  maxSeries: number
}

/** What running an entry again would do. */
export type TryAgain = (entry: QuarantineEntry) => Promise<RepairTrial>

/** Trials with the settings as they are when they begin. */
export function createTrials({ store, fleet, fieldCodecs, readPoint, maxSeries }: TrialsParts): () => Promise<TryAgain> {
  const codecOf = createCodecOf(fieldCodecs)

  /** A trial of its own for each call: nothing of it is kept. */
  async function trials(): Promise<TryAgain> {
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

  return trials
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
