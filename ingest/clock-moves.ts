import { correctedTime, deviceTime, isInSpan, type ClockCorrection } from '../domain/amendment.ts'
import type { Observation } from '../domain/observation.ts'
import { testBit } from '../domain/quality-tests.ts'
import { earliestTime } from '../domain/time.ts'
import { marksBy } from './clock-corrections.ts'
import { mostAheadMs } from './validate.ts'

/** A stored reading that goes to another moment, with the mark it has there. */
export interface Move {
  row: Observation
  to: number
  mark: number
}

/** Readings of the device in a span of the time they are stored under. */
export type ReadOwn = (from: number, to: number) => Promise<Observation[]>

const clockCorrected = testBit('clock_corrected')
const clockMarks = clockCorrected | testBit('clock_reset')
const arrivalTime = testBit('arrival_time')

/**
 * Where a correction moves what is stored: readings that came with a time of the device, and those that the replaced one had moved. One for what
 * came in a span of time moves nothing to where it would be ahead of its coming.
 */
export async function clockMoves(read: ReadOwn, correction: ClockCorrection, replaced: ClockCorrection | null): Promise<Move[]> {
  const { from, to, received } = correction
  const fresh = (await read(from, to ?? Infinity))
    .filter(({ tests }) => (tests & (clockCorrected | arrivalTime)) === 0)
    .filter(({ observedAt, receivedAt }) => isInSpan(correction, observedAt, receivedAt))
    .map((row) => ({ row, to: correctedTime(correction, row.observedAt), mark: marksBy(correction) }))
    .filter((move) => received === undefined || move.to <= move.row.receivedAt + mostAheadMs)
  if (replaced === null) return fresh
  const again = (await movesBack(read, replaced)).map((move) =>
    isInSpan(correction, move.to, null) ? { ...move, to: correctedTime(correction, move.to), mark: marksBy(correction) } : move,
  )
  return [...fresh, ...again]
}

/** Where what a correction moved goes when it is taken back: to the time of the device. */
export async function movesBack(read: ReadOwn, correction: ClockCorrection): Promise<Move[]> {
  const span = [correction.from, correction.to ?? Infinity].map((at) => (at === Infinity ? at : correctedTime(correction, at)))
  return (await read(Math.min(...span), Math.max(...span)))
    .filter(({ tests }) => (tests & clockMarks) === marksBy(correction))
    .map((row) => ({ row, to: deviceTime(correction, row.observedAt), mark: 0 }))
    .filter((move) => isInSpan(correction, move.to, null))
}

/** Whether a reading would go to where none is kept: its device's clock was reset when it was made. */
export const goesNowhere = ({ to }: Move): boolean => to < earliestTime
