import { correctedTime, isInSpan, type CarriedAmendment, type ClockCorrection } from '../domain/amendment.ts'
import { testBit } from '../domain/quality-tests.ts'
import { isReset } from '../domain/reset-clock.ts'
import type { DeviceId } from '../domain/ids.ts'
import { whyNoCorrection, whyNoWithdrawal } from './contradictions.ts'

/** The declared clock corrections that hold, as of the amendments carried so far: a handful, each made by a person. */
export interface ClockCorrections {
  /** The device's time set right, by which correction; null where none holds for it. */
  correct(device: DeviceId, at: number, receivedAt: number): Corrected | null
  /** Those that hold for a device; no two for one moment. */
  holding(device: DeviceId): readonly ClockCorrection[]
  /**
   * Follows an amendment that was carried; others than those of clocks change nothing, nor do those that contradict what holds: a release
   * that let them through moved no reading for them.
   */
  take(carried: CarriedAmendment): void
}

export interface Corrected {
  at: number
  by: string
  /** Bits that say so in `tests`. */
  marks: number
}

const clockCorrected = testBit('clock_corrected')
const clockReset = testBit('clock_reset')

/** What tells a reading that a correction set right. */
export const marksBy = ({ offsetMs }: ClockCorrection): number => (isReset(offsetMs) ? clockCorrected | clockReset : clockCorrected)

/** @param carried amendments of the ledger, oldest first */
export function createClockCorrections(carried: readonly CarriedAmendment[]): ClockCorrections {
  const byDevice = new Map<DeviceId, readonly ClockCorrection[]>()
  const holding = (device: DeviceId): readonly ClockCorrection[] => byDevice.get(device) ?? []
  const take = ({ amendment, refused }: CarriedAmendment): void => {
    if (refused !== undefined || amendment.kind === 'values') return
    const before = holding(amendment.device)
    const why = amendment.kind === 'clock' ? whyNoCorrection(before, amendment) : whyNoWithdrawal(before, amendment)
    if (why !== null) return
    const gone = amendment.kind === 'clock' ? amendment.replaces : amendment.correction
    const others = before.filter(({ id }) => id !== gone)
    byDevice.set(amendment.device, amendment.kind === 'clock' ? [...others, amendment] : others)
  }
  for (const one of carried) take(one)
  return {
    correct: (device, at, receivedAt) => {
      if (byDevice.size === 0) return null
      const found = byDevice.get(device)?.find((correction) => isInSpan(correction, at, receivedAt))
      return found === undefined ? null : { at: correctedTime(found, at), by: found.id, marks: marksBy(found) }
    },
    holding,
    take,
  }
}
