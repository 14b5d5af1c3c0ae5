import type { JournalledDelivery } from '../domain/delivery.ts'
import { flag } from '../domain/flag.ts'
import type { DeviceId, RunId } from '../domain/ids.ts'
import type { Device } from '../domain/network.ts'
import { testBit } from '../domain/quality-tests.ts'
import type { Position, Reading, ReadingGroup } from '../domain/reading.ts'
import type { Rejection } from '../domain/rejection.ts'
import { earliestTime, formatDuration } from '../domain/time.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { needsNumber, quoted, rejection, type Decoded, type Misread } from '../domain/codec.ts'
import type { ClockCorrections, Corrected } from './clock-corrections.ts'
import { toCanonical, type DeviceEntry, type Target } from './directory.ts'
import { sourceMark } from './source-quality.ts'

/** How far ahead of our clock a reading may be. */
export const mostAheadMs = 10 * 60_000
const arrivalTime = testBit('arrival_time')

/** The clocks that runs are judged by: the newest tick of each; of one that is not ticked, its newest reading. */
export interface RunClocks {
  get(run: RunId): number | undefined
  /** By a reading: only the clock of a run that was never ticked. Never goes back. */
  advance(run: RunId, at: number): void
}

/** Rows as they come, each with the clock that stood when it came (epoch ms): its lateness is measured against it. */
export interface ValidatedRows {
  rows: StoredRow[]
  clocks: number[]
}

/**
 * Turns the readings of a delivery into rows of known series in canonical units. Appends the rows of every group that stands as a
 * whole and returns the others as rejections: one bad reading puts its whole group aside. Rows are not judged yet (flag 2) and carry
 * the marks of how they came in.
 */
export type Validate = (delivery: JournalledDelivery, decoded: Decoded, entry: DeviceEntry | null, into: ValidatedRows) => Rejection[]

const nothing: Rejection[] = []

export function createValidate(clocks: RunClocks, corrections: Pick<ClockCorrections, 'correct'>): Validate {
  let groupCount = 0

  return (delivery, { groups, items }, entry, into) => {
    let refused = nothing
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i]
      if (group === undefined) break
      const first = into.rows.length
      const wrong = entry === null ? unknownDevice(delivery.device) : takeGroup(delivery, group, entry, into)
      if (wrong === null) continue
      into.rows.length = first
      into.clocks.length = first
      if (refused === nothing) refused = []
      refused.push(rejection(wrong.reason, wrong.detail, Math.max(1, group.readings.length), items?.[i] ?? null))
    }
    return refused
  }

  function takeGroup(delivery: JournalledDelivery, group: ReadingGroup, entry: DeviceEntry, into: ValidatedRows): Misread | null {
    const when = timeOf(delivery, group, entry.device)
    if ('reason' in when) return when
    groupCount += 1
    for (const reading of group.readings) {
      const target = entry.resolve(reading)
      if (target === null) continue
      if ('reason' in target) return target
      if (target.group === groupCount) return saidTwice(reading, target)
      const wrong = take(reading, target, when, into)
      if (wrong !== null) return wrong
    }
    if (group.housekeeping !== undefined) takeHousekeeping(group.housekeeping, entry, when, into)
    if (when.run !== null) clocks.advance(when.run, when.observedAt)
    return null
  }

  /** What the device says of itself costs no reading: what does not fit is left out. */
  function takeHousekeeping(readings: readonly Reading[], entry: DeviceEntry, when: When, into: ValidatedRows): void {
    for (const reading of readings) {
      const target = entry.resolveHousekeeping(reading)
      if (target !== null && target.group !== groupCount) take(reading, target, when, into)
    }
  }

  function take(reading: Reading, target: Target, when: When, into: ValidatedRows): Misread | null {
    target.group = groupCount
    const unit = target.unit ?? reading.unit
    const value = unit === null || reading.value === null ? reading.value : toCanonical(target, unit, reading.value)
    if (value !== null && typeof value !== 'number') return value
    if (value !== null && !Number.isFinite(value)) return tooLarge(reading)
    into.rows.push(rowOf(target, value, reading.sourceQuality === null ? when.marks : when.marks | sourceMark(reading.sourceQuality), when))
    into.clocks.push(when.clock)
    return null
  }

  function timeOf(delivery: JournalledDelivery, group: ReadingGroup, { run }: Device): When | Misread {
    const runClock = run === null ? undefined : clocks.get(run)
    const corrected = group.at === null ? null : corrections.correct(delivery.device, group.at, delivery.receivedAt)
    const observedAt = corrected?.at ?? group.at ?? runClock ?? delivery.receivedAt
    const marks = group.at === null ? arrivalTime : corrected === null ? 0 : corrected.marks
    const wrong = wrongTime(group.at ?? observedAt, corrected, delivery.receivedAt, run)
    if (wrong !== null) return wrong
    const clock = run === null ? delivery.receivedAt : Math.max(runClock ?? observedAt, observedAt)
    return { delivery, observedAt, clock, run, marks, seq: group.seq, position: group.position }
  }
}

/** What the readings of a group share. */
interface When {
  delivery: JournalledDelivery
  observedAt: number
  clock: number
  run: RunId | null
  marks: number
  seq: number | null
  position: Position | null
}

/** Every row is made here, with the same members in the same order. */
function rowOf({ series }: Target, value: number | null, tests: number, { delivery, observedAt, run, seq, position }: When): StoredRow {
  return {
    series,
    observedAt,
    receivedAt: delivery.receivedAt,
    value,
    flag: value === null ? flag.missing : flag.notEvaluated,
    tests,
    device: delivery.device,
    delivery: delivery.number,
    seq,
    run,
    position,
    arrival: 'next',
  }
}

function unknownDevice(device: DeviceId): Misread {
  return { reason: 'unknown-station', detail: `device ${device} is in no network, so it serves no station; add it to a network` }
}

/** Runs for every group. */
function wrongTime(at: number, corrected: Corrected | null, receivedAt: number, run: RunId | null): Misread | null {
  if (at < earliestTime) return resetTime(at, corrected, receivedAt)
  const observedAt = corrected === null ? at : corrected.at
  return run === null && observedAt > receivedAt + mostAheadMs ? tooFarAhead(observedAt, receivedAt) : null
}

/** Why a time from before 2000 is not taken; null = a correction makes one of it that can be. */
function resetTime(at: number, corrected: Corrected | null, receivedAt: number): Misread | null {
  const shown = new Date(at).toISOString()
  const refused = (why: string): Misread => ({
    reason: 'time-1970',
    detail: `${shown} is before 2000-01-01, a clock that was reset; ${why}`,
  })
  if (corrected === null) return refused('set it, and declare what it said when (gaugekeeper devices clock), then run this again')
  const [made, by] = [new Date(corrected.at).toISOString(), `correction ${corrected.by}`]
  if (corrected.at < earliestTime) return refused(`${by} makes ${made} of it, which is still before 2000`)
  if (corrected.at <= receivedAt + mostAheadMs) return null
  return refused(`${by} makes ${made} of it, which is ahead of its coming at ${new Date(receivedAt).toISOString()}: it is of another reset`)
}

function tooFarAhead(observedAt: number, receivedAt: number): Misread {
  const ahead = formatDuration(Math.floor((observedAt - receivedAt) / 1000) * 1000)
  return {
    reason: 'time-ahead',
    detail: `${new Date(observedAt).toISOString()} is ${ahead} ahead of our clock; set the clock of the device`,
  }
}

function saidTwice({ name }: Reading, { series }: Target): Misread {
  return { reason: 'wrong-shape', detail: `${quoted(name)} is the second value for ${series} in one object; send each series once` }
}

function tooLarge({ name, unit }: Reading): Misread {
  return { reason: 'not-finite', detail: `${quoted(name)} is beyond 1.8e308 once converted from ${quoted(unit ?? '')}; ${needsNumber}` }
}
