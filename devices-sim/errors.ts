import { GaugekeeperError, type ErrorEntry, type FileProblem } from '../domain/errors.ts'

export const simulatorErrors = [
  {
    code: 'truth-unreadable',
    meaning:
      'A truth file is cut, is of a simulation that was stopped, or holds a line that is none of its own. The message names the line; run the simulation again.',
  },
  {
    code: 'record-unreadable',
    meaning: 'A file of recorded readings is damaged or no CSV. The message says where; what was sent before stays.',
  },
  {
    code: 'scenario-invalid',
    meaning:
      'A scenario file does not describe a scenario, names a station that the basin does not have, or asks for what nobody would see. The message lists each place and how to mend it.',
  },
  {
    code: 'server-silent',
    meaning:
      'A simulation or a replay ended because the server kept the line of a device and acknowledged nothing on it, again and again. Look at the server (its disk, its log), then run it again.',
  },
  {
    code: 'server-away',
    meaning:
      'A simulation or a replay ended because its devices found no line to the server, again and again. Start the server, then run it again.',
  },
] as const satisfies readonly ErrorEntry[]

/** A truth file that is cut, or holds something else. */
export class TruthUnreadable extends GaugekeeperError {
  constructor(file: string, line: number, why: string, options?: { cause?: unknown }) {
    super('truth-unreadable', `reading the truth of ${file}, line ${line}: ${why}`, options)
  }
}

/** A file of recorded readings that is damaged, or no CSV. */
export class RecordUnreadable extends GaugekeeperError {
  constructor(file: string, cause: Error) {
    super('record-unreadable', `reading ${file}: ${cause.message}`, { cause })
  }
}

/** The server lets a device in and acknowledges nothing, however often it comes back. */
export class ServerSilent extends GaugekeeperError {
  constructor(device: string, times: number) {
    super(
      'server-silent',
      `sending as ${device}: ${times} times in a row nothing was acknowledged in time though the line stood; look at the disk and the log of the server, then run it again`,
    )
  }
}

/** The server is not there, or no longer, however often a device tries. */
export class ServerAway extends GaugekeeperError {
  constructor(device: string, times: number) {
    super(
      'server-away',
      `sending as ${device}: ${times} times in a row there was no line to the server for as long as an answer may take; start it, then run this again`,
    )
  }
}

/** Whoever asked for it wants no more of it; nothing went wrong. */
export class SendingStopped extends Error {}

/** A scenario file with mistakes. */
export class ScenarioInvalid extends GaugekeeperError {
  constructor(file: string, problems: readonly FileProblem[]) {
    super('scenario-invalid', `reading the scenario ${file}:\n${problems.map(({ path, message }) => `  ${path}: ${message}`).join('\n')}`)
  }
}
