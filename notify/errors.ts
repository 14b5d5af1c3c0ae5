import { GaugekeeperError, type ErrorEntry } from '../domain/errors.ts'

export const notifyErrors = [
  {
    code: 'channel-invalid',
    meaning: 'A channel of notify.channels cannot be used as it is written. The message names the channel and what to change.',
  },
] as const satisfies readonly ErrorEntry[]

/** A channel whose settings fit the schema and still cannot work: found at the start, before anything is opened. */
export class ChannelInvalid extends GaugekeeperError {
  constructor(channel: string, problem: string) {
    super('channel-invalid', `setting up the channel ${channel}: ${problem}`)
  }
}
