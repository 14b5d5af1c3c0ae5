import { correctedTime, isInSpan, type CarriedAmendment, type ClockCorrection } from '../domain/amendment.ts'
import type { DeviceId } from '../domain/ids.ts'

/** The declared clock corrections that hold, as of the amendments carried so far: a handful, each made by a person. */
export interface ClockCorrections {
  /** The device's time set right; null where no correction holds. */
  correct(device: DeviceId, at: number): number | null
  /** One that holds, by its id. */
  find(id: string): ClockCorrection | null
  /** Follows an amendment that was carried; others than those of clocks change nothing. */
  take(carried: CarriedAmendment): void
}

/** @param carried amendments of the ledger, oldest first */
export function createClockCorrections(carried: readonly CarriedAmendment[]): ClockCorrections {
  const byDevice = new Map<DeviceId, ClockCorrection[]>()
  const take = ({ amendment }: CarriedAmendment): void => {
    if (amendment.kind === 'values') return
    const holding = byDevice.get(amendment.device) ?? []
    if (amendment.kind === 'clock') byDevice.set(amendment.device, [...holding, amendment])
    else
      byDevice.set(
        amendment.device,
        holding.filter(({ id }) => id !== amendment.correction),
      )
  }
  for (const one of carried) take(one)
  return {
    correct: (device, at) => {
      if (byDevice.size === 0) return null
      const holding = byDevice.get(device)?.find((correction) => isInSpan(correction, at))
      return holding === undefined ? null : correctedTime(holding, at)
    },
    find: (id) => {
      for (const holding of byDevice.values()) for (const correction of holding) if (correction.id === id) return correction
      return null
    },
    take,
  }
}
