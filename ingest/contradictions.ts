import {
  correctedTime,
  type CarriedAmendment,
  type ClockCorrection,
  type ClockWithdrawal,
  type ValueCorrection,
} from '../domain/amendment.ts'
import type { Observation } from '../domain/observation.ts'
import { testBit } from '../domain/quality-tests.ts'
import { isReset } from '../domain/reset-clock.ts'

/**
 * Why an amendment cannot be made beside those that were made before, in a sentence; null when it can. Asked twice: when a person asks for
 * it, and when it is carried, where the order of the journal decides.
 */

/** One clock correction at a time holds for a moment of a device, and one takes the place of what holds. */
export function whyNoCorrection(holding: readonly ClockCorrection[], asked: ClockCorrection): string | null {
  const { replaces } = asked
  if (replaces !== undefined && !holding.some(({ id }) => id === replaces)) return `no correction ${replaces} holds for ${asked.device}`
  const other = holding.find((one) => one.id !== replaces && collide(one, asked))
  return other === undefined ? null : colliding(other)
}

/**
 * Two may not hold for the same: a device's time that came in at the same time. And two of a kind, of which one is for what came in a span as that
 * of a clock that was reset, not for the same true moment either: a clock shows one time then, and by it is told what each has set right.
 */
function collide(a: ClockCorrection, b: ClockCorrection): boolean {
  const [one, two] = [a.received ?? always, b.received ?? always]
  if (overlap(spanOf(a), spanOf(b)) && one.from <= two.to && two.from <= one.to) return true
  return isReset(a.offsetMs) === isReset(b.offsetMs) && (a.received ?? b.received) !== undefined && overlap(trueSpanOf(a), trueSpanOf(b))
}

type Span = readonly [from: number, to: number]

const always = { from: -Infinity, to: Infinity }
const overlap = (a: Span, b: Span): boolean => a[0] < b[1] && b[0] < a[1]
const spanOf = ({ from, to }: ClockCorrection): Span => [from, to ?? Infinity]

function trueSpanOf(correction: ClockCorrection): Span {
  const { from, to } = correction
  return [correctedTime(correction, from), to === null ? Infinity : correctedTime(correction, to)]
}

function colliding({ id, from, to, received }: ClockCorrection): string {
  const end = to === null ? 'on' : `to ${iso(to)}`
  const came = received === undefined ? '' : `, for what came from ${iso(received.from)} to ${iso(received.to)}`
  return `correction ${id} holds from ${iso(from)} ${end}${came}; replace it or take it back first, or choose another span`
}

const iso = (at: number): string => new Date(at).toISOString()

export function whyNoWithdrawal(
  holding: readonly ClockCorrection[],
  { device, correction }: Pick<ClockWithdrawal, 'device' | 'correction'>,
): string | null {
  return holding.some(({ id }) => id === correction) ? null : `no correction ${correction} holds for ${device}`
}

const corrected = testBit('corrected')

type AskedValues = Pick<ValueCorrection, 'series' | 'from' | 'to' | 'at' | 'change' | 'seen'>

/** Deliveries of the amendments behind readings that a person has corrected. */
export const correctedBy = (rows: readonly Observation[]): number[] => [
  ...new Set(rows.flatMap(({ tests, delivery }) => ((tests & corrected) === 0 ? [] : delivery))),
]

/**
 * The same change does not hold twice for a reading, and who asked before another changed it did not see what he changes.
 * @param earlier amendments of the deliveries in `correctedBy` of the readings concerned
 */
export function whyNoValues(earlier: readonly CarriedAmendment[], asked: AskedValues): string | null {
  const unseen = earlier.find(({ delivery }) => asked.seen !== undefined && delivery > asked.seen)
  if (unseen !== undefined)
    return `correction ${unseen.amendment.id} by ${unseen.amendment.by} changed some of these readings meanwhile; look at them and ask again`
  const same = earlier.find(({ amendment }) => amendment.kind === 'values' && isSame(amendment, asked))
  if (same === undefined) return null
  const { id, by } = same.amendment
  return `correction ${id} by ${by} made the same change, and it holds; to change these readings once more, ask for another`
}

function isSame(a: ValueCorrection, b: AskedValues): boolean {
  const wordsOf = ({ series, from, to, at, change }: AskedValues): string =>
    JSON.stringify([series, from, to, at, Object.entries(change).sort()])
  return wordsOf(a) === wordsOf(b)
}
