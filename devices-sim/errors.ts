import { GaugekeeperError, type ErrorEntry, type FileProblem } from '../domain/errors.ts'

export const simulatorErrors = [
  {
    code: 'truth-unreadable',
    meaning: 'A truth file is cut or holds a line that is none of its own. The message names the line; run the simulation again.',
  },
  {
    code: 'scenario-invalid',
    meaning:
      'A scenario file does not describe a scenario, or names a station that the basin does not have. The message lists each place and how to mend it.',
  },
] as const satisfies readonly ErrorEntry[]

/** A truth file that is cut, or holds something else. */
export class TruthUnreadable extends GaugekeeperError {
  constructor(file: string, line: number, why: string, options?: { cause?: unknown }) {
    super('truth-unreadable', `reading the truth of ${file}, line ${line}: ${why}`, options)
  }
}

/** A scenario file with mistakes. */
export class ScenarioInvalid extends GaugekeeperError {
  constructor(file: string, problems: readonly FileProblem[]) {
    super('scenario-invalid', `reading the scenario ${file}:\n${problems.map(({ path, message }) => `  ${path}: ${message}`).join('\n')}`)
  }
}
