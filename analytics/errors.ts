import { GaugekeeperError, type ErrorEntry } from '../domain/errors.ts'

export const analyticsErrors = [
  {
    code: 'checkpoint-unreadable',
    meaning:
      'The checkpoint of the rules was written by another release. The rules begin again from the oldest commit kept; nothing is lost, it takes longer.',
  },
] as const satisfies readonly ErrorEntry[]

/** A checkpoint that this release cannot read. Told, not thrown: the rules begin again. */
export class CheckpointUnreadable extends GaugekeeperError {
  constructor() {
    super(
      'checkpoint-unreadable',
      'bringing back the checkpoint of the rules: another release wrote it; the rules begin again from the oldest commit kept',
    )
  }
}
