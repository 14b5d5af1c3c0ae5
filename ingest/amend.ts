import { amendmentTopics, type Amendment, type CarriedAmendment, type ValueChange, type ValueCorrection } from '../domain/amendment.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import { flag } from '../domain/flag.ts'
import type { DeviceId, SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import { testBit, testBits } from '../domain/quality-tests.ts'
import type { Ledger } from '../store/ports/ledger.ts'
import type { TelemetryStore } from '../store/ports/telemetry.ts'
import type { ClockCorrections } from './clock-corrections.ts'
import { clockMoves, goesNowhere, movesBack, type Move, type ReadOwn } from './clock-moves.ts'
import { correctedBy, whyNoCorrection, whyNoValues, whyNoWithdrawal } from './contradictions.ts'
import type { CountingFleet } from './counters.ts'
import type { Taken } from './intake.ts'
import type { RunClocks } from './validate.ts'

/** Marks of how a value came in, which stay with it when a person changes it; whether it is late is found anew. */
export const keptMarks = testBits(['arrival_time', 'source_suspect', 'source_fail', 'corrected', 'clock_corrected', 'clock_reset'])
const corrected = testBit('corrected')
const clockMarks = testBits(['clock_corrected', 'clock_reset'])
const moved = testBit('moved')

/**
 * Makes the rows of an amendment from what is stored at that moment: everything before it in the journal is, because it is carried in a
 * batch of its own. Rejects with StoreUnavailable.
 */
export type Amend = (delivery: JournalledDelivery, into: Taken) => Promise<void>

interface AmendParts {
  telemetry: Pick<TelemetryStore, 'range'>
  /** The fleet of the batch. */
  fleet: () => CountingFleet
  clocks: RunClocks
  corrections: Pick<ClockCorrections, 'holding'>
  ledger: Pick<Ledger, 'amendments'>
}

/** Whether a delivery is an amendment, which needs what is stored. */
export const isAmendment = ({ source, topic }: JournalledDelivery): boolean =>
  source === 'correction' && topic === amendmentTopics.amendment

export function createAmend({ telemetry, fleet, clocks, corrections, ledger }: AmendParts): Amend {
  async function made(amendment: Amendment): Promise<Made> {
    if (amendment.kind === 'values') return madeOfValues(amendment)
    const holding = corrections.holding(amendment.device)
    if (amendment.kind === 'clock') {
      const why = whyNoCorrection(holding, amendment)
      if (why !== null) return nothing(why)
      const replaced = holding.find(({ id }) => id === amendment.replaces) ?? null
      return { rows: movedRows(await clockMoves(readerOf(amendment.device), amendment, replaced)), refused: null }
    }
    const taken = holding.find(({ id }) => id === amendment.correction)
    if (taken === undefined) return nothing(whyNoWithdrawal(holding, amendment))
    return { rows: movedRows(await movesBack(readerOf(amendment.device), taken)), refused: null }
  }

  async function madeOfValues(amendment: ValueCorrection): Promise<Made> {
    const rows = await readCorrected(telemetry, amendment)
    const why = whyNoValues(await earlierOf(ledger, rows), amendment)
    return why === null ? { rows: correctedRows(rows, amendment.change), refused: null } : nothing(why)
  }

  function readerOf(device: DeviceId): ReadOwn {
    return (from, to) => readOf(telemetry, fleet(), { device, from, to })
  }

  return async (delivery, into) => {
    const amendment = JSON.parse(Buffer.from(delivery.payload).toString('utf8')) as Amendment
    const { rows, refused } = await made(amendment)
    for (const { row: stored, value, tests } of rows) {
      const { judged: _, ...row } = stored
      into.rows.push({
        ...row,
        value,
        tests,
        flag: value === null ? flag.missing : flag.notEvaluated,
        receivedAt: delivery.receivedAt,
        delivery: delivery.number,
        arrival: 'next',
      })
      into.clocks.push(row.run === null ? delivery.receivedAt : (clocks.get(row.run) ?? row.observedAt))
    }
    into.amendment = refused === null ? { amendment } : { amendment, refused }
  }
}

/** What an amendment makes, or why it makes nothing. */
interface Made {
  rows: AmendedRow[]
  refused: string | null
}

const nothing = (refused: string | null): Made => ({ rows: [], refused })

/** The amendments that made the readings what they are. */
export async function earlierOf(ledger: Pick<Ledger, 'amendments'>, rows: readonly Observation[]): Promise<CarriedAmendment[]> {
  const deliveries = correctedBy(rows)
  return deliveries.length === 0 ? [] : ledger.amendments({ deliveries })
}

interface AmendedRow {
  row: Observation
  value: number | null
  tests: number
}

/** The readings that a correction of values concerns. */
export async function readCorrected(
  telemetry: AmendParts['telemetry'],
  { series, from, to, at, limit }: Pick<ValueCorrection, 'series' | 'from' | 'to' | 'at'> & { limit?: number },
): Promise<Observation[]> {
  const chosen = at === null ? null : new Set(at)
  const rows = await telemetry.range({ series: [series], from, to, ...(limit !== undefined && { limit }) })
  return rows.filter((row) => (row.tests & moved) === 0 && (chosen === null || chosen.has(row.observedAt)))
}

function correctedRows(rows: readonly Observation[], change: ValueChange): AmendedRow[] {
  return rows.map((row) => ({ row, value: changed(row.value, change), tests: (row.tests & keptMarks) | corrected }))
}

/** A missing value stays missing unless it is set; a product beyond the double is missing. */
export function changed(value: number | null, change: ValueChange): number | null {
  if ('reject' in change) return null
  if ('set' in change) return change.set
  const made = value === null ? NaN : value * change.factor + change.offset
  return Number.isFinite(made) ? made : null
}

/** Series that a device writes to; increments follow from their counts. */
export function seriesOfDevice({ devices, stations, sensors, increments, counts }: CountingFleet, id: DeviceId): SensorId[] {
  const device = devices.get(id)
  if (device === undefined) return []
  const own = device.stations.flatMap((station) => stations.get(station)?.sensors.map((sensor) => sensor.id) ?? [])
  const derived = new Set([...increments.values()].map((sensor) => sensor.id))
  const all = [...own, ...device.channels.values()].flatMap((series) => [series, counts.get(series)?.id ?? series])
  return [...new Set(all)].filter((series) => sensors.has(series) && !derived.has(series))
}

/** The device's readings in a span of the time they are stored under; what moved away from there is none. */
export async function readOf(
  telemetry: Pick<TelemetryStore, 'range'>,
  fleet: CountingFleet,
  { device, from, to, limit }: { device: DeviceId; from: number; to: number; limit?: number },
): Promise<Observation[]> {
  const series = seriesOfDevice(fleet, device)
  if (series.length === 0) return []
  const rows = await telemetry.range({ series, from, to, ...(limit !== undefined && { limit }) })
  return rows.filter((row) => row.device === device && (row.tests & moved) === 0)
}

/** What stays behind is missing, unless another reading moves there. In time order within a series. */
function movedRows(given: readonly Move[]): AmendedRow[] {
  const moves = given.filter((move) => move.row.observedAt !== move.to && !goesNowhere(move))
  const made = new Map<string, AmendedRow>()
  const keyOf = (row: Observation): string => `${row.observedAt} ${row.series}`
  for (const { row } of moves) made.set(keyOf(row), { row, value: null, tests: moved })
  for (const { row, to, mark } of moves) {
    const there = { ...row, observedAt: to }
    made.set(keyOf(there), { row: there, value: row.value, tests: (row.tests & keptMarks & ~clockMarks) | mark })
  }
  return [...made.values()].sort((a, b) => a.row.observedAt - b.row.observedAt)
}
