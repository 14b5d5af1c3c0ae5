import type { SensorId } from '../../domain/ids.ts'
import type { Commit, Ledger, StoredRow } from '../ports/ledger.ts'
import type { Store } from '../ports/store.ts'
import type { TelemetryStore } from '../ports/telemetry.ts'
import type { RefusedRow } from './append.ts'
import type { InfluxConnection } from './connection.ts'
import { committedPlaces, placeOf, type Places } from './places.ts'
import { createPreparation, type Preparation } from './preparation.ts'
import { withoutRefused } from './refused.ts'
import { createInfluxTelemetry, type InfluxTelemetry } from './telemetry.ts'

export interface InfluxStoreParts {
  connection: InfluxConnection
  /** Where cursor, counters, quarantine, warnings, documents and the outbox of judged rows live: a DuckDB file, or memory in tests. */
  control: Store
}

/**
 * InfluxDB as the only telemetry store (`store: influxdb`). A commit writes history, then points, then the control transaction, whose rows
 * are the outbox that readers follow. When it dies between, the same deliveries come again: what they had written is not seen as
 * committed, is written again to the same points and is counted once. Assumes to be the only writer of its series.
 *
 * Closing it closes both parts.
 */
export function createInfluxStore({ connection, control }: InfluxStoreParts): Store {
  const preparation = createPreparation(connection, control.documents)
  const committed = (): Places => committedPlaces(preparation.base() ?? 0, control.ledger)
  const telemetry = createInfluxTelemetry(connection, { committed })
  const newest = createNewest(telemetry)
  return {
    telemetry: whenPrepared(preparation, { ...telemetry, existing: (keys) => existingOf(telemetry, newest, keys) }),
    ledger: createLedger(control.ledger, telemetry, newest, preparation),
    warnings: control.warnings,
    documents: control.documents,
    maintain: (now) => control.maintain(now),
    copyTo: control.copyTo,
    releaseMemory: () => control.releaseMemory(),
    verify: () => control.verify(),
    damage: () => control.damage(),
    ping: async () => {
      await Promise.all([connection.ping(), control.ping()])
    },
    close: async () => {
      connection.close()
      await control.close()
    },
  }
}

/** Every question waits until the database is there and it is known which of its points are committed. */
function whenPrepared(preparation: Preparation, telemetry: TelemetryStore): TelemetryStore {
  const after =
    <Question extends unknown[], Answer>(ask: (...question: Question) => Promise<Answer>) =>
    async (...question: Question): Promise<Answer> => {
      await preparation.done()
      return ask(...question)
    }
  return {
    capabilities: telemetry.capabilities,
    range: after(telemetry.range),
    latest: after(telemetry.latest),
    windows: after(telemetry.windows),
    existing: after(telemetry.existing),
    versions: after(telemetry.versions),
    putRollups: after(telemetry.putRollups),
    rollups: after(telemetry.rollups),
    dropBefore: after(telemetry.dropBefore),
    dropRun: after(telemetry.dropRun),
    size: after(telemetry.size),
  }
}

function createLedger(control: Ledger, telemetry: InfluxTelemetry, newest: Newest, preparation: Preparation): Ledger {
  let before: Promise<unknown> = Promise.resolve()

  async function append(batch: Commit): Promise<RefusedRow[]> {
    try {
      await preparation.done()
      return await telemetry.append(batch.rows, placeOf(batch, preparation.base() ?? 0, control))
    } catch (cause) {
      preparation.failed()
      throw cause
    }
  }

  async function commitOne(batch: Commit, changed?: (kept: Commit) => void): Promise<number> {
    const refused = await append(batch)
    const kept = refused.length === 0 ? batch : withoutRefused(batch, refused)
    const commit = await control.commit(kept)
    newest.passed(kept.rows)
    if (kept !== batch) changed?.(kept)
    return commit
  }

  return {
    ...control,
    commit: (batch, changed) => {
      const made = before.then(() => commitOne(batch, changed))
      before = made.catch(() => undefined)
      return made
    },
  }
}

/** Newest committed time of each series: a key beyond it is new, so live readings ask the database nothing. */
interface Newest {
  /** Reads the database once; rejects with StoreUnavailable. */
  load(): Promise<ReadonlyMap<SensorId, number>>
  passed(rows: readonly StoredRow[]): void
}

function createNewest(telemetry: TelemetryStore): Newest {
  const times = new Map<SensorId, number>()
  let loaded = false
  const passed = (rows: readonly Pick<StoredRow, 'series' | 'observedAt'>[]): void => {
    for (const { series, observedAt } of rows) if (observedAt > (times.get(series) ?? -Infinity)) times.set(series, observedAt)
  }
  return {
    passed,
    load: async () => {
      if (loaded) return times
      passed([...(await telemetry.latest()).values()])
      loaded = true
      return times
    },
  }
}

async function existingOf(
  telemetry: TelemetryStore,
  newest: Newest,
  keys: Parameters<TelemetryStore['existing']>[0],
): ReturnType<TelemetryStore['existing']> {
  const times = await newest.load()
  return telemetry.existing(keys.filter(({ series, observedAt }) => observedAt <= (times.get(series) ?? -Infinity)))
}
