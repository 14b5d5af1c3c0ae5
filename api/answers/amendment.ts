import type { Amended } from '../../domain/amendment-desk.ts'
import type { CarriedAmendment } from '../../domain/amendment.ts'
import type { AmendedNote, AmendmentNote } from '../schemas/amendment.ts'

/** A change as it is answered: which moments of a span it chose stays out of it. */
export function amendmentNote({ amendment, at, delivery, outcome, refused }: CarriedAmendment): AmendmentNote {
  const { id, kind, by, reason } = amendment
  const head = { id, kind, by, reason, at, delivery, outcome, ...(refused !== undefined && { refused }) }
  if (amendment.kind === 'values') {
    const { series, from, to, change } = amendment
    return { ...head, series, from, to, change }
  }
  if (amendment.kind === 'clock-withdrawn') return { ...head, device: amendment.device, correction: amendment.correction }
  const { device, from, to, offsetMs, driftMsPerDay, received, replaces } = amendment
  const more = { ...(received !== undefined && { received }), ...(replaces !== undefined && { replaces }) }
  return { ...head, device, from, to, offsetMs, driftMsPerDay, ...more }
}

export function amendedNote({ state, id, readings, preview, carried }: Amended): AmendedNote {
  return { state, id, readings, preview: [...preview], carried: carried && amendmentNote(carried) }
}
