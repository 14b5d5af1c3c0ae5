import { types } from 'node:util'
import { GaugekeeperError } from '../../domain/errors.ts'
import { StoreUnavailable } from '../errors.ts'

// DuckDB makes its errors outside any vm context, where `instanceof Error` does not reach.
const { isNativeError } = types

/**
 * DuckDB's errors carry their class as the first words of the message and nothing else that tells them apart.
 * A statement that is wrong is our bug; everything else (disk, memory, conflict, a fatal state) may be tried again.
 */
const ours = /^(Parser|Binder|Catalog|Conversion|Constraint|Invalid Input|Invalid|Not implemented|Mismatch Type|Parameter Not Resolved)\b/

/** The engine must be opened anew before anything else is asked of it. */
export function isFatal(error: unknown): boolean {
  return isNativeError(error) && /^(FATAL|INTERNAL)|database has been invalidated/.test(error.message)
}

/** Two transactions changed the same row. */
export function isConflict(error: unknown): boolean {
  const message = isNativeError(error) ? error.message + String(error.cause ?? '') : ''
  return /\b(TransactionContext Error|Transaction conflict|Conflict on tuple)/.test(message)
}

/** The words of a file that differs from its checksums, or ends too soon; a spilled question that does is none. */
const damaged = /Corrupt database file|Corrupt WAL file|computed checksum|Could not read enough bytes from file "[^"]*gauge\.duckdb/

/** What to tell the caller when work on an open store failed. */
export function failure(what: string, error: unknown): unknown {
  if (error instanceof GaugekeeperError || !isNativeError(error) || ours.test(error.message)) return error
  if (damaged.test(error.message)) return corrupt(what, error)
  return new StoreUnavailable(`${what}: ${firstLine(error)}`, { cause: error })
}

/** What to tell the caller when the file could not be opened. */
export function openingFailure(file: string, error: unknown): unknown {
  if (error instanceof GaugekeeperError || !isNativeError(error)) return error
  if (/Could not set lock|Conflicting lock/.test(error.message)) return locked(file, error)
  if (/version number|newer version of DuckDB|storage version/i.test(error.message)) return newerFormat(file, error)
  if (/Corrupt database|checksum|not a valid DuckDB database|Could not read enough bytes|Serialization Error/.test(error.message))
    return corrupt(`opening ${file}`, error)
  return new StoreUnavailable(`opening ${file}: ${firstLine(error)}`, { cause: error })
}

export function locked(file: string, cause?: unknown): GaugekeeperError {
  return new GaugekeeperError('store-locked', `opening ${file}: another process has it open; stop it, or give this one another --data`, {
    cause,
  })
}

export function newerFormat(file: string, cause?: unknown): GaugekeeperError {
  return new GaugekeeperError('store-format', `opening ${file}: it was written by a newer release; use that release or restore a backup`, {
    cause,
  })
}

function corrupt(what: string, cause: Error): GaugekeeperError {
  const advice = 'keep the file for examination and put the one of the last backup in its place (docs/operations.md, a damaged store)'
  return new GaugekeeperError('store-corrupt', `${what}: the file is damaged (${firstLine(cause)}); ${advice}`, { cause })
}

/** The engine's own word that the file is damaged, when `error` is it. */
export function asDamage(error: unknown): GaugekeeperError | null {
  return error instanceof GaugekeeperError && error.code === 'store-corrupt' ? error : null
}

const firstLine = (error: Error): string => error.message.split('\n', 1)[0] ?? ''
