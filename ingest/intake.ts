import type { CarriedAmendment, ClosingOrder, RepairOrder } from '../domain/amendment.ts'
import type { JournalledDelivery } from '../domain/delivery.ts'
import { runId, type RunId } from '../domain/ids.ts'
import type { Quarantined, Rejection } from '../domain/rejection.ts'
import { earliestTime } from '../domain/time.ts'
import { measuredAt } from '../domain/sequence.ts'
import { quoted, refusedWhole, rejection, unknownDevice, type Decoded } from '../domain/codec.ts'
import type { ReadPoint } from '../store/ports/refused-point.ts'
import { readJson } from './codecs/json-text.ts'
import type { CodecOf } from './codecs/registry.ts'
import type { ClockCorrections } from './clock-corrections.ts'
import type { Directory } from './directory.ts'
import type { AsideNumber } from './receipts/drafts.ts'
import { isBackfill, type Lane } from './lanes.ts'
import { quarantined } from './quarantine.ts'
import type { BatchClocks } from './run-clocks.ts'
import { createRestorePoint } from './refused-points.ts'
import { isClosing, readClosing } from './repair-order.ts'
import { createTakeAgain } from './take-again.ts'
import { createValidate, type ValidatedRows } from './validate.ts'

/** What a batch of deliveries holds: rows to be judged, and what was put aside. */
export interface Taken extends ValidatedRows {
  quarantined: Quarantined[]
  /** The device's own numbers of groups that were put aside. */
  asideNumbers: AsideNumber[]
  /** Numbers of the deliveries that the live lane leaves to the deferred one. */
  deferred: number[]
  /** Entries of the quarantine that are run again, by the delivery that says so, with the values that are refused once more. */
  repairs: Map<number, { order: RepairOrder; refused: number }>
  /** Entries of the quarantine that are closed, by the delivery that says so. */
  closings: Map<number, ClosingOrder>
  /** What a person changed; then nothing else is in the batch. */
  amendment: Pick<CarriedAmendment, 'amendment' | 'refused'> | null
}

export const takenNothing = (): Taken => ({
  rows: [],
  clocks: [],
  quarantined: [],
  asideNumbers: [],
  deferred: [],
  repairs: new Map(),
  closings: new Map(),
  amendment: null,
})

/** Takes deliveries one by one, in journal order. */
export interface Intake {
  /**
   * Decodes and validates; on the live lane, back-fill of the real fleet is only noted as deferred. A delivery that makes it throw is put
   * aside alone; the error is told and the rest goes on.
   */
  take(delivery: JournalledDelivery, into: Taken, lane: Lane): void
  /** Puts a delivery aside as a whole: the pipeline cannot carry it. */
  putAside(delivery: JournalledDelivery, error: unknown, into: Taken): void
}

interface IntakeParts {
  codecOf: CodecOf
  directory: Directory
  clocks: BatchClocks
  corrections: Pick<ClockCorrections, 'correct'>
  readPoint: ReadPoint
  onFailed: (delivery: JournalledDelivery, error: unknown) => void
}

export function createIntake({ codecOf, directory, clocks, corrections, readPoint, onFailed }: IntakeParts): Intake {
  const validate = createValidate(clocks, corrections)
  const takeAgain = createTakeAgain({ read, restorePoint: createRestorePoint(readPoint, directory), clocks })

  /** Decodes and validates what `of` leaves of a delivery; returns what is refused. Back-fill that the live lane passes over is only noted. */
  function read(delivery: JournalledDelivery, into: Taken, lane: Lane, of: (decoded: Decoded) => Decoded): readonly Rejection[] {
    const codec = codecOf(delivery.topic)
    if (codec === 'message') return []
    const entry = directory.device(delivery.device)
    const decoded =
      codec === null
        ? refusedWhole(unknownTopic(delivery))
        : of(codec.decode(delivery.payload, entry?.device ?? unknownDevice, delivery.receivedAt))
    if (lane === 'live' && entry?.device.run === null && isBackfill(delivery, decoded)) {
      into.deferred.push(delivery.number)
      return []
    }
    const refused = validate(delivery, decoded, entry, into)
    if (refused.length + decoded.rejections.length > 0) noteNumbers({ delivery, run: entry?.device.run ?? null }, decoded, refused, into)
    return decoded.rejections.length === 0 ? refused : [...decoded.rejections, ...refused]
  }

  function takeReadings(delivery: JournalledDelivery, into: Taken, lane: Lane): void {
    const refused = read(delivery, into, lane, (decoded) => decoded)
    if (refused.length > 0) for (const entry of quarantined(delivery, refused)) into.quarantined.push(entry)
  }

  function putAside(delivery: JournalledDelivery, error: unknown, into: Taken): void {
    const why = error instanceof Error ? error.message : String(error)
    const detail = `carrying this delivery went wrong inside (${quoted(why)}); its bytes are kept, please report it`
    into.quarantined.push(...quarantined(delivery, [rejection('wrong-shape', detail)]))
    onFailed(delivery, error)
  }

  return {
    take(delivery, into, lane) {
      if (delivery.source === 'tick') return tick(delivery, clocks)
      const [rows, aside, numbers] = [into.rows.length, into.quarantined.length, into.asideNumbers.length]
      try {
        if (isClosing(delivery)) into.closings.set(delivery.number, readClosing(delivery.payload))
        else if (delivery.source === 'correction') takeAgain(delivery, into)
        else takeReadings(delivery, into, lane)
      } catch (error) {
        into.rows.length = rows
        into.clocks.length = rows
        into.quarantined.length = aside
        into.asideNumbers.length = numbers
        putAside(delivery, error, into)
      }
    },
    putAside,
  }
}

/** What was put aside has come all the same: its number is not missing. */
function noteNumbers(
  { delivery, run }: { delivery: JournalledDelivery; run: RunId | null },
  { groups, items, rejections }: Decoded,
  refused: readonly Rejection[],
  into: Taken,
): void {
  const { receivedAt } = delivery
  for (const { item } of refused) {
    const group = groups[item === null ? 0 : (items?.indexOf(item) ?? 0)]
    if (group?.seq == null) continue
    // the time of a clock that was reset tells nothing
    const observedAt = group.at === null || group.at < earliestTime ? receivedAt : group.at
    noteAside(delivery, group.seq, measuredAt({ observedAt, receivedAt, run }), into)
  }
  for (const { seq } of rejections) if (seq !== undefined) noteAside(delivery, seq, receivedAt, into)
}

function noteAside({ device, number }: JournalledDelivery, seq: number, at: number, into: Taken): void {
  into.asideNumbers.push({ device, delivery: number, seq, at })
}

/** A reading of a clock: `wall` for the real fleet, `run/<id>` for a run, payload `{ "at": epoch ms }`. */
function tick({ topic, payload, receivedAt, number }: JournalledDelivery, clocks: BatchClocks): void {
  const json = readJson(payload)
  const at: unknown = json.refused === undefined && json.root !== null ? (json.root as { at?: unknown }).at : undefined
  const run = topic.startsWith('run/') ? runId(topic.slice('run/'.length)) : null
  clocks.tick(run, typeof at === 'number' && Number.isFinite(at) ? at : receivedAt, number)
}

function unknownTopic({ topic }: JournalledDelivery): Rejection {
  return rejection('unknown-topic', `no readings are expected on ${quoted(topic)}; send them to devices/{device}/readings`)
}
