/**
 * Our fault or a broken dependency. `code` is stable (docs/errors.md lists every one); the message says what we were doing, to what,
 * and what to do now. Bad input is a Rejection, never this.
 */
export class GaugekeeperError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = new.target.name
  }
}

/** A code of the catalogue with the sentence that explains it; each box lists its own in `<box>/errors.ts`. */
export interface ErrorEntry {
  code: string
  /** What happened and what to do, one sentence each. */
  meaning: string
}

export const domainErrors = [
  { code: 'network-invalid', meaning: 'A network file does not describe a network. The message lists each place and how to mend it.' },
] as const satisfies readonly ErrorEntry[]

/** A problem at one place of a file, in words for the person who wrote it. */
export interface FileProblem {
  /** Where: `stations[2].sensors[0].parameter`. */
  path: string
  /** What is wrong and how to mend it. */
  message: string
}

/** A network file that does not describe a network. */
export class NetworkInvalid extends GaugekeeperError {
  constructor(
    readonly file: string,
    readonly problems: readonly FileProblem[],
  ) {
    super('network-invalid', `reading network ${file}:\n${problems.map((p) => `  ${p.path}: ${p.message}`).join('\n')}`)
  }
}
