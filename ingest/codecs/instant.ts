import type { DeviceClock } from '../../domain/network.ts'
import { parseInstant, type TimeProblem } from '../../domain/time.ts'
import { described, type Misread } from '../../domain/codec.ts'

/** A time that was taken, or why it was not. */
export type Instant = { at: number; problem?: undefined } | { problem: Misread }

/**
 * Reads a device's time, also that of a clock that was reset, for which a correction may be declared; a text without an offset is read in the zone of its clock, when its entry declares one.
 */
export function readInstant(name: string, value: unknown, clock: DeviceClock): Instant {
  const parsed = parseInstant(value, clock.zone)
  if (parsed.reason === undefined) return parsed
  if (parsed.shown !== undefined) return { at: parsed.shown }
  return { problem: { reason: parsed.reason, detail: `${name} is ${described(value)}: ${cures[parsed.reason]}` } }
}

const cures: Readonly<Record<TimeProblem, string>> = {
  'no-offset': "it has no offset; send Z or one such as +08:00, or declare the zone of the device's clock",
  'bad-time': 'not a time; send ISO 8601 with an offset, or epoch seconds or milliseconds',
  'time-microseconds': 'microseconds or finer; send epoch seconds or milliseconds',
  'time-1970': 'before 1900, which no clock shows; set the clock of the device',
}
