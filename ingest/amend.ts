import { amendmentTopics, type Amendment, type ValueChange, type ValueCorrection } from '../domain/amendment.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import { flag } from '../domain/flag.ts'
import type { DeviceId, SensorId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import { testBit, testBits } from '../domain/quality-tests.ts'
import type { TelemetryStore } from '../store/ports/telemetry.ts'
import type { ClockCorrections } from './clock-corrections.ts'
import { clockMoves, goesNowhere, movesBack, type Move } from './clock-moves.ts'
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
  corrections: ClockCorrections
}

/** Whether a delivery is an amendment, which needs what is stored. */
export const isAmendment = ({ source, topic }: JournalledDelivery): boolean =>
  source === 'correction' && topic === amendmentTopics.amendment

export function createAmend({ telemetry, fleet, clocks, corrections }: AmendParts): Amend {
  async function rowsOf(amendment: Amendment): Promise<AmendedRow[]> {
    if (amendment.kind === 'values') return correctedRows(await readCorrected(telemetry, amendment), amendment.change)
    const read = (from: number, to: number) => readOf(telemetry, fleet(), { device: amendment.device, from, to })
    if (amendment.kind === 'clock') {
      const replaced = amendment.replaces === undefined ? null : corrections.find(amendment.replaces)
      return movedRows(await clockMoves(read, amendment, replaced))
    }
    const taken = corrections.find(amendment.correction)
    return taken === null ? [] : movedRows(await movesBack(read, taken))
  }

  return async (delivery, into) => {
    const amendment = JSON.parse(Buffer.from(delivery.payload).toString('utf8')) as Amendment
    for (const { row: stored, value, tests } of await rowsOf(amendment)) {
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
    into.amendment = amendment
  }
}

interface AmendedRow {
  row: Observation
  value: number | null
  tests: number
}

async function readCorrected(telemetry: AmendParts['telemetry'], { series, from, to, at }: ValueCorrection): Promise<Observation[]> {
  const chosen = at === null ? null : new Set(at)
  const rows = await telemetry.range({ series: [series], from, to })
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
