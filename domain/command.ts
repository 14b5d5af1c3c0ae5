import type { DeviceId } from './ids.ts'

/** What a device may be asked. Over MQTT a JSON message on `devices/{device}/commands`, over a field protocol a request of its own. */
export type Command =
  /** Send again what was measured from `from` (inclusive) to `to` (exclusive), epoch ms; `everyMs` tells which of a station's records. */
  | { kind: 'resend'; from: number; to: number; everyMs: number | null }
  | { kind: 'set-interval'; everyMs: number }
  | { kind: 'sample-now' }
  | { kind: 'sync-clock' }

/**
 * What became of a command: `done`; `refused` by the device; `no-answer` in the time the protocol allows; `unreachable`, it is not
 * connected; `unsupported`, its protocol or firmware cannot.
 */
export type CommandOutcome = 'done' | 'refused' | 'no-answer' | 'unreachable' | 'unsupported'

export interface CommandResult {
  outcome: CommandOutcome
  /** One sentence for people. */
  detail: string
}

/** Asks one device and waits for its answer, as long as its protocol allows. Never rejects for what a device does. */
export type SendCommand = (device: DeviceId, command: Command) => Promise<CommandResult>
