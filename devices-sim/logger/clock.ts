import type { FaultWindow } from '../faults/fault.ts'

const [second, hour] = [1_000, 3_600_000]

/** The time that a device writes for a moment, by what is wrong with its clock; whole seconds stay whole. */
export function clockAt(made: number, windows: readonly FaultWindow[]): number {
  let at = made
  for (const { type, from, to, height, draw } of windows) {
    const wrong = Math.round(height ?? (draw < 0.5 ? -1 : 1) * 90) * second
    if (type === 'clock-skew') at += wrong
    if (type === 'clock-drift') at += Math.round((((made - from) / (to - from)) * wrong) / second) * second
    // a second off, so that no two readings of the device claim the same moment
    if (type === 'wrong-zone') at += -8 * hour + second
    if (type === 'clock-reset') at = made - from
  }
  return at
}
