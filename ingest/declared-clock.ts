import { correctedTime, type ClockCorrection } from '../domain/amendment.ts'
import type { ClockAsked } from '../domain/amendment-desk.ts'
import type { DeviceId } from '../domain/ids.ts'
import { isReset, settledClock } from '../domain/reset-clock.ts'
import type { Store } from '../store/ports/store.ts'
import { clockMoves, goesNowhere, type Move, type ReadOwn } from './clock-moves.ts'
import { AmendmentRefused } from './errors.ts'

interface DeclaredParts {
  ledger: Store['ledger']
  /** Readings of the device. */
  read: ReadOwn
  now: number
}

/** A clock correction as it will hold, with the readings that it moves. Rejects with `amendment-refused`. */
export async function declaredClock(asked: ClockAsked, parts: DeclaredParts): Promise<{ correction: ClockCorrection; moves: Move[] }> {
  const doing = `correcting the clock of ${asked.device}`
  const settled = settledClock(asked, parts.now)
  if ('refused' in settled) throw new AmendmentRefused(doing, settled.refused)
  const correction: ClockCorrection = { id: '', by: '', reason: '', kind: 'clock', ...settled }
  const all = await holding(parts.ledger, asked.device)
  const replaced = all.find(({ id }) => id === asked.replaces) ?? null
  if (asked.replaces !== undefined && replaced === null) throw new AmendmentRefused(doing, `no correction ${asked.replaces} holds for it`)
  const other = all.find((one) => one !== replaced && collide(one, correction))
  if (other !== undefined) throw new AmendmentRefused(doing, colliding(other))
  const moves = await clockMoves(parts.read, correction, replaced)
  refuseNowhere(moves, doing)
  return { correction, moves }
}

/** The corrections of a device that were neither taken back nor replaced. */
export async function holding(ledger: Store['ledger'], device: DeviceId): Promise<ClockCorrection[]> {
  const all = (await ledger.amendments({ device })).map(({ amendment }) => amendment)
  const gone = new Set(
    all.map((one) => (one.kind === 'clock-withdrawn' ? one.correction : one.kind === 'clock' ? one.replaces : undefined)),
  )
  return all.flatMap((one) => (one.kind === 'clock' && !gone.has(one.id) ? one : []))
}

/** What was made of times of 1970 cannot go back there: nothing is kept from before 2000. */
export function refuseNowhere(moves: readonly Move[], doing: string): void {
  const nowhere = moves.filter(goesNowhere).length
  if (nowhere === 0) return
  throw new AmendmentRefused(
    doing,
    `${nowhere} readings would go back to before 2000, where none is kept; declare the right one in its place (replaces)`,
  )
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
