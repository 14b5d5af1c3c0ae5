import { GaugekeeperError, type ErrorEntry } from '../domain/errors.ts'

export const storeErrors = [
  {
    code: 'store-unavailable',
    meaning: 'The store did not answer or refused for now. Nothing is lost: the journal keeps what is accepted and the batch comes again.',
  },
  {
    code: 'store-unauthorized',
    meaning: 'The store refused the token. Nothing is lost; set a valid token (influx.token) and the batch comes again.',
  },
  {
    code: 'store-corrupt',
    meaning:
      'The data file is damaged. Stop, keep it for examination, and put the one of the last backup in its place: the journal stores again what came since (docs/operations.md, a damaged store).',
  },
  {
    code: 'store-format',
    meaning: 'The data folder was written by a newer release. Use that release, or restore a backup made by this one.',
  },
  { code: 'store-locked', meaning: 'Another process has the data folder open. Stop it, or give this one another --data.' },
  {
    code: 'store-refused',
    meaning:
      'The store answered a query with an error that will not go away by itself. Check that its version and its database are what influx.* says.',
  },
] as const satisfies readonly ErrorEntry[]

/** The engine is away, overloaded or refuses for now: the same call may be made again. */
export class StoreUnavailable extends GaugekeeperError {
  /** How long the engine asked to be left alone, ms; null when it did not say. */
  readonly retryAfterMs: number | null

  constructor(message: string, options?: { cause?: unknown; unauthorized?: boolean; retryAfterMs?: number | null }) {
    super(options?.unauthorized ? 'store-unauthorized' : 'store-unavailable', message, options)
    this.retryAfterMs = options?.retryAfterMs ?? null
  }
}

/** The engine understood the call and refused it: making the same call again will not help. */
export class StoreRefused extends GaugekeeperError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('store-refused', message, options)
  }
}
