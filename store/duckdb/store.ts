import { mkdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { boundQuarantine } from '../bounded-quarantine.ts'
import type { DuckdbConfig, QuarantineConfig } from '../config.ts'
import type { Store } from '../ports/store.ts'
import { createCopyTo } from './copy.ts'
import { createDocuments } from './documents.ts'
import { openEngine, type Engine } from './engine.ts'
import { createLedger } from './ledger.ts'
import { createLive, type Live, type Opened } from './live.ts'
import { createMaintenance } from './maintain.ts'
import { releaseMemory } from './release.ts'
import { checkFormat, createTables } from './schema.ts'
import { loadState, type RowPlace } from './state.ts'
import { createTelemetry } from './telemetry.ts'
import { readWhole } from './verify.ts'
import { createWarnings } from './warnings.ts'

export interface DuckdbStoreOptions {
  /** The data folder; made when it is not there. Holds `gauge.duckdb`, its log and, for a while, spilled questions. */
  folder: string
  config: DuckdbConfig
  /** Without it, everything put aside keeps its bytes. */
  quarantine?: QuarantineConfig
  /**
   * `outbox`: observations live in another store (`store: influxdb`); this file keeps everything else, and the committed rows only until
   * every reader has passed them. Its own telemetry then answers nothing.
   */
  place?: RowPlace
}

/**
 * The embedded store: all in one DuckDB file, one transaction a commit.
 * Rejects with `store-locked`, `store-format`, `store-corrupt` or StoreUnavailable when the file cannot be opened.
 */
export async function openDuckdbStore({ folder, config, quarantine, place = 'kept' }: DuckdbStoreOptions): Promise<Store> {
  const file = path.resolve(folder, 'gauge.duckdb')
  const spill = path.resolve(folder, 'spill')
  await mkdir(folder, { recursive: true })
  if (!(await exists(file))) await createFile(file, spill, config)

  const live = await createLive(async () => {
    const engine = await openEngine(file, spill, config)
    return loadOpened(engine, file, place, config.recentRows)
  })
  const [ledger, maintenance] = [createLedger(live), createMaintenance(live)]
  const verify = (): Promise<void> => verifyOpened(live, file, config)
  return {
    telemetry: createTelemetry(live, file),
    ledger: quarantine === undefined ? ledger : boundQuarantine(ledger, quarantine),
    warnings: createWarnings(live),
    documents: createDocuments(live),
    maintain: maintenance.maintain,
    copyTo: createCopyTo(live, maintenance, file, verify),
    releaseMemory: async () => {
      const { engine } = await live.opened()
      await releaseMemory(engine, config)
    },
    verify,
    damage: () => live.damage()?.message ?? null,
    ping: async () => {
      const damage = live.damage()
      if (damage !== null) throw damage
      const { engine } = await live.opened()
      await engine.read('asking for an answer', (session) => session.run('SELECT 1'))
    },
    close: async () => {
      await maintenance.close()
      await live.close()
    },
  }
}

async function loadOpened(engine: Engine, file: string, place: RowPlace, recentRows: number): Promise<Opened> {
  try {
    const state = await engine.alone(`reading ${file}`, async (session) => {
      await checkFormat(session, file)
      return loadState(session, place, recentRows)
    })
    return { engine, state }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** Reads the open file on a connection of its own, beside everything else; pages that were read before are let go first and read again. */
async function verifyOpened(live: Live, file: string, config: DuckdbConfig): Promise<void> {
  const { engine } = await live.opened()
  await releaseMemory(engine, config)
  const session = await engine.connect()
  try {
    await readWhole(session)
  } catch (error) {
    throw engine.explain(`reading ${file}`, error)
  } finally {
    session.close()
    await releaseMemory(engine, config).catch(() => undefined)
  }
}

/** A new file appears under its name when it is whole: a process killed meanwhile leaves nothing that looks like a store. */
async function createFile(file: string, spill: string, config: DuckdbConfig): Promise<void> {
  const draft = `${file}.new`
  for (const old of [draft, `${draft}.wal`]) await rm(old, { force: true })
  const engine = await openEngine(draft, spill, config)
  try {
    await engine.alone(`making ${file}`, async (session) => {
      await createTables(session)
      await session.run('CHECKPOINT')
    })
  } finally {
    await engine.close()
  }
  await rename(draft, file)
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )
