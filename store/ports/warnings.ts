import type { StationId, WarningId } from '../../domain/ids.ts'
import type { Warning, WarningState } from '../../domain/warning.ts'

export interface WarningQuery {
  states?: readonly WarningState[]
  stations?: readonly StationId[]
  /** Changed at or after (event time, epoch ms). */
  since?: number
  acknowledged?: boolean
  limit?: number
}

/** A page of warnings, newest onset first. */
export interface WarningStore {
  /** Keeps new versions and, in the same transaction, the place analytics has reached. A version already kept is left as it is. */
  putWarnings(versions: readonly Warning[], progress: { reader: string; commit: number } | null): Promise<void>
  warnings(query: WarningQuery): Promise<Warning[]>
  warning(id: WarningId): Promise<Warning | null>
  warningVersions(id: WarningId): Promise<Warning[]>
}
