import { GaugekeeperError, type ErrorEntry } from '../domain/errors.ts'

export const simulatorErrors = [
  {
    code: 'truth-unreadable',
    meaning: 'A truth file is cut or holds a line that is none of its own. The message names the line; run the simulation again.',
  },
] as const satisfies readonly ErrorEntry[]

/** A truth file that is cut, or holds something else. */
export class TruthUnreadable extends GaugekeeperError {
  constructor(file: string, line: number, why: string, options?: { cause?: unknown }) {
    super('truth-unreadable', `reading the truth of ${file}, line ${line}: ${why}`, options)
  }
}
