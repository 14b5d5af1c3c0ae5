import type { JournalledDelivery } from '../domain/delivery.ts'
import { runId } from '../domain/ids.ts'
import type { Quarantined, Rejection } from '../domain/rejection.ts'
import { quoted, refusedWhole, rejection, unknownDevice, type Decoded } from '../domain/codec.ts'
import { readJson } from './codecs/json-text.ts'
import type { CodecOf } from './codecs/registry.ts'
import type { Directory } from './directory.ts'
import type { AsideNumber } from './receipts/drafts.ts'
import { isBackfill, type Lane } from './lanes.ts'
import { quarantined } from './quarantine.ts'
import type { BatchClocks } from './run-clocks.ts'
import { createValidate, type ValidatedRows } from './validate.ts'

/** What a batch of deliveries holds: rows to be judged, and what was put aside. */
export interface Taken extends ValidatedRows {
  quarantined: Quarantined[]
  /** The device's own numbers of groups that were put aside. */
  asideNumbers: AsideNumber[]
  /** Numbers of the deliveries that the live lane leaves to the deferred one. */
  deferred: number[]
}

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
  onFailed: (delivery: JournalledDelivery, error: unknown) => void
}

export function createIntake({ codecOf, directory, clocks, onFailed }: IntakeParts): Intake {
  const validate = createValidate(clocks)

  function takeReadings(delivery: JournalledDelivery, into: Taken, lane: Lane): void {
    const codec = codecOf(delivery.topic)
    if (codec === 'message') return
    const entry = directory.device(delivery.device)
    const decoded =
      codec === null
        ? refusedWhole(unknownTopic(delivery))
        : codec.decode(delivery.payload, entry?.device ?? unknownDevice, delivery.receivedAt)
    if (lane === 'live' && entry?.device.run === null && isBackfill(delivery, decoded)) {
      into.deferred.push(delivery.number)
      return
    }
    const refused = validate(delivery, decoded, entry, into)
    if (refused.length === 0 && decoded.rejections.length === 0) return
    for (const entry of quarantined(delivery, [...decoded.rejections, ...refused])) into.quarantined.push(entry)
    for (const { item } of refused) noteNumber(delivery, decoded, item, into)
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
        takeReadings(delivery, into, lane)
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

/** A group that was put aside has come all the same: its number is not missing. */
function noteNumber(
  { device, number, receivedAt }: JournalledDelivery,
  { groups, items }: Decoded,
  item: number | null,
  into: Taken,
): void {
  const group = groups[item === null ? 0 : (items?.indexOf(item) ?? 0)]
  if (group?.seq != null) into.asideNumbers.push({ device, delivery: number, seq: group.seq, at: group.at ?? receivedAt })
}

/** A reading of a clock: `wall` for the real fleet, `run/<id>` for a run, payload `{ "at": epoch ms }`. */
function tick({ topic, payload, receivedAt }: JournalledDelivery, clocks: BatchClocks): void {
  const json = readJson(payload)
  const at: unknown = json.refused === undefined && json.root !== null ? (json.root as { at?: unknown }).at : undefined
  const run = topic.startsWith('run/') ? runId(topic.slice('run/'.length)) : null
  clocks.tick(run, typeof at === 'number' && Number.isFinite(at) ? at : receivedAt)
}

function unknownTopic({ topic }: JournalledDelivery): Rejection {
  return rejection('unknown-topic', `no readings are expected on ${quoted(topic)}; send them to devices/{device}/readings`)
}
