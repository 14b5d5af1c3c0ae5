import { GaugekeeperError, type ErrorEntry } from '../domain/errors.ts'

export const appErrors = [
  {
    code: 'config-invalid',
    meaning: 'The configuration is wrong. The message lists each setting, where it came from and how to mend it; nothing was opened.',
  },
  {
    code: 'port-taken',
    meaning: 'Another program listens on the port. Stop it, choose another with --port or --mqtt-port, or 0 for a free one.',
  },
  {
    code: 'password-not-set',
    meaning: 'The server may listen beyond this machine only after the administrator has changed the one-time password.',
  },
  {
    code: 'server-unreachable',
    meaning: 'No Gaugekeeper server answers at the address. Start one with `npm start`, or name it with --url.',
  },
  {
    code: 'data-format',
    meaning:
      'The data folder is of a newer release, or its format file is unreadable. Nothing in it was touched; use that release or another --data.',
  },
  {
    code: 'backup-refused',
    meaning: 'A backup or a restore would overwrite something, or could not be written; nothing was changed. The message says where.',
  },
  {
    code: 'backup-damaged',
    meaning:
      'A backup is not finished, its files differ from their checksums, or its store cannot be read. Nothing was restored; use another one.',
  },
  {
    code: 'import-refused',
    meaning: 'A file to be imported is not what it should be; the message says what is missing. Nothing was imported.',
  },
  {
    code: 'check-failed',
    meaning: 'A check found something that does not work, or is beyond the bound asked for. The lines before say what to do.',
  },
  { code: 'server-refused', meaning: 'The server refused a request; the message carries its reason.' },
] as const satisfies readonly ErrorEntry[]

type AppCode = (typeof appErrors)[number]['code']

/** Exit codes of every command: 1 failed, 2 usage, 3 configuration, 4 peer unreachable, 5 check found problems. */
export class CommandError extends GaugekeeperError {
  constructor(
    code: AppCode,
    message: string,
    readonly exitCode: 1 | 2 | 3 | 4 | 5,
    options?: { cause?: unknown },
  ) {
    super(code, message, options)
  }
}

/** The configuration has mistakes; all of them are listed. */
export class ConfigInvalid extends CommandError {
  constructor(readonly problems: readonly string[]) {
    super('config-invalid', `reading the configuration:\n${problems.map((p) => `  ${p}`).join('\n')}`, 3)
  }
}
