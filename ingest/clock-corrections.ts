import { correctedTime, isInSpan, type CarriedAmendment, type ClockCorrection } from '../domain/amendment.ts'
import { testBit } from '../domain/quality-tests.ts'
import { isReset } from '../domain/reset-clock.ts'
import type { DeviceId } from '../domain/ids.ts'

/** The declared clock corrections that hold, as of the amendments carried so far: a handful, each made by a person. */
export interface ClockCorrections {
  /** The device's time set right, by which correction; null where none holds for it. */
  correct(device: DeviceId, at: number, receivedAt: number): Corrected | null
  /** One that holds, by its id. */
  find(id: string): ClockCorrection | null
  /** Follows an amendment that was carried; others than those of clocks change nothing. */
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
  const byDevice = new Map<DeviceId, ClockCorrection[]>()
  const take = ({ amendment }: CarriedAmendment): void => {
    if (amendment.kind === 'values') return
    const holding = byDevice.get(amendment.device) ?? []
    const gone = amendment.kind === 'clock' ? amendment.replaces : amendment.correction
    const others = holding.filter(({ id }) => id !== gone)
    byDevice.set(amendment.device, amendment.kind === 'clock' ? [...others, amendment] : others)
  }
  for (const one of carried) take(one)
  return {
    correct: (device, at, receivedAt) => {
      if (byDevice.size === 0) return null
      const holding = byDevice.get(device)?.find((correction) => isInSpan(correction, at, receivedAt))
      return holding === undefined ? null : { at: correctedTime(holding, at), by: holding.id, marks: marksBy(holding) }
    },
    find: (id) => {
      for (const holding of byDevice.values()) for (const correction of holding) if (correction.id === id) return correction
      return null
    },
    take,
  }
}
