import { GaugekeeperError, type ErrorEntry } from '../../domain/errors.ts'

export const journalErrors = [
  {
    code: 'journal-full',
    meaning:
      'The journal has reached its size, the disk its reserve, or too many deliveries wait; nobody is acknowledged and devices send again. Free disk space, raise journal.maxBytes, or mend the store that holds the pipeline up.',
  },
  {
    code: 'journal-unavailable',
    meaning: 'The disk refused to write or read the journal. Nobody is acknowledged; it is opened again by itself. Look at the disk.',
  },
  { code: 'journal-closed', meaning: 'The journal is closed because the process stops. The sender tries again after the restart.' },
  { code: 'journal-locked', meaning: 'Another process has the journal open. Stop it, or give this one another --data.' },
  {
    code: 'journal-format',
    meaning: 'The journal was written by a newer release. Use that release, or an empty data folder.',
  },
  {
    code: 'capture-invalid',
    meaning: 'A capture file holds a line that is not a delivery. The message names the line; the rest was not read.',
  },
] as const satisfies readonly ErrorEntry[]

/** No room: too many bytes kept, too little disk, or too much waiting. The delivery is not on disk and must not be acknowledged. */
export class JournalFull extends GaugekeeperError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('journal-full', message, options)
  }
}

/** The disk did not take or give a block. The delivery is not on disk and must not be acknowledged. */
export class JournalUnavailable extends GaugekeeperError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('journal-unavailable', message, options)
  }
}

/** `accept` or `read` after `close`. */
export class JournalClosed extends GaugekeeperError {
  constructor(message: string) {
    super('journal-closed', message)
  }
}

/** Another process owns the folder. */
export class JournalLocked extends GaugekeeperError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('journal-locked', message, options)
  }
}

/** Written by a release that this one does not understand. */
export class JournalFormat extends GaugekeeperError {
  constructor(message: string) {
    super('journal-format', message)
  }
}

/** A capture file that cannot be read. */
export class CaptureInvalid extends GaugekeeperError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('capture-invalid', message, options)
  }
}
