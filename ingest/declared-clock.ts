import type { ClockCorrection } from '../domain/amendment.ts'
import type { ClockAsked } from '../domain/amendment-desk.ts'
import type { DeviceId } from '../domain/ids.ts'
import { settledClock } from '../domain/reset-clock.ts'
import type { Store } from '../store/ports/store.ts'
import { createClockCorrections } from './clock-corrections.ts'
import { clockMoves, goesNowhere, type Move, type ReadOwn } from './clock-moves.ts'
import { whyNoCorrection } from './contradictions.ts'
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
  const why = whyNoCorrection(all, correction)
  if (why !== null) throw new AmendmentRefused(doing, why)
  const moves = await clockMoves(parts.read, correction, all.find(({ id }) => id === asked.replaces) ?? null)
  refuseNowhere(moves, doing)
  return { correction, moves }
}

/** The corrections of a device that hold, as of what is stored. */
export const holding = async (ledger: Store['ledger'], device: DeviceId): Promise<readonly ClockCorrection[]> =>
  createClockCorrections((await ledger.amendments({ device })).toReversed()).holding(device)

/** What was made of times of 1970 cannot go back there: nothing is kept from before 2000. */
export function refuseNowhere(moves: readonly Move[], doing: string): void {
  const nowhere = moves.filter(goesNowhere).length
  if (nowhere === 0) return
  throw new AmendmentRefused(
    doing,
    `${nowhere} readings would go back to before 2000, where none is kept; declare the right one in its place (replaces)`,
  )
}
