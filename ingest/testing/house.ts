import type { CarriedAmendment } from '../../domain/amendment.ts'
import type { Delivery } from '../../domain/delivery.ts'
import type { GaugekeeperError } from '../../domain/errors.ts'
import type { Fleet } from '../../domain/fleet.ts'
import { deviceId } from '../../domain/ids.ts'
import { readPoint } from '../../store/influx/read-point.ts'
import { createMemoryStore } from '../../store/memory.ts'
import type { Commit, Committed } from '../../store/ports/ledger.ts'
import type { Store } from '../../store/ports/store.ts'
import { createIngest } from '../ingest.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Carried } from '../receipts/drafts.ts'
import { createMemoryJournal, type MemoryJournal } from './memory-journal.ts'

/** The moment at which deliveries come in unless a test says otherwise: 2026-11-22T04:00Z. */
export const receivedAt = Date.UTC(2026, 10, 22, 4)

/** Everything around a pipeline that a test wants to see or turn. */
export interface House {
  journal: MemoryJournal
  store: Store
  pipeline: Pipeline
  committed: Committed[]
  errors: GaugekeeperError[]
  waits: number[]
  /** Commits and waits in their order. */
  story: string[]
  /** Sends a delivery of a device with the native payload. */
  send(device: string, payload: unknown, more?: Partial<Delivery>): Promise<void>
  /** Lets the pipeline run until everything is carried. */
  carryAll(): Promise<void>
}

export interface HouseOptions {
  store?: Store
  journal?: MemoryJournal
  commit?: (commit: Commit, real: Store['ledger']['commit'], changed?: (kept: Commit) => void) => Promise<number>
  telemetry?: Partial<Store['telemetry']>
  onCommitted?: (committed: Committed) => void
  onCarried?: (carried: Carried) => void
  onRefused?: (amendment: CarriedAmendment) => void
  /** In place of the fleet given. */
  fleet?: () => Fleet
  batch?: number
  maxSeries?: number
  gather?: string
}

export async function openHouse(fleet: Fleet, options: HouseOptions = {}): Promise<House> {
  const journal = options.journal ?? createMemoryJournal()
  const store = options.store ?? createMemoryStore()
  const [committed, errors, waits, story]: [Committed[], GaugekeeperError[], number[], string[]] = [[], [], [], []]
  const real = store.ledger.commit
  const pipeline = await createIngest({
    fieldCodecs: [],
    readPoint,
    journal,
    store: {
      telemetry: { ...store.telemetry, ...options.telemetry },
      ledger: { ...store.ledger, commit: (commit, changed) => options.commit?.(commit, real, changed) ?? real(commit, changed) },
    },
    fleet: options.fleet ?? (() => fleet),
    timers: {
      wait: async (ms) => {
        waits.push(ms)
        story.push(`wait ${ms}`)
      },
      breathe: () => new Promise((done) => setImmediate(done)),
      monotonic: () => performance.now(),
      random: () => 0.5,
    },
    settings: {
      ...{ batch: options.batch ?? 8000, maxSeries: options.maxSeries ?? 1_000, gather: options.gather ?? '0s' },
      ...{ retryFrom: '1s', retryTo: '10s' },
    },
    graceMs: 5 * 60_000,
    onCommitted: (one) => {
      committed.push(one)
      story.push('commit')
      options.onCommitted?.(one)
    },
    onCarried: (one) => options.onCarried?.(one),
    onRefused: (one) => void options.onRefused?.(one),
    onError: (error) => void errors.push(error),
  })
  return {
    journal,
    store,
    pipeline,
    committed,
    errors,
    waits,
    story,
    send: (device, payload, more) =>
      journal.accept({
        device: deviceId(device),
        source: 'mqtt',
        topic: `devices/${device}/readings`,
        payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
        receivedAt,
        ...more,
      }),
    carryAll: async () => {
      pipeline.start()
      await pipeline.reached(journal.deliveries.length)
    },
  }
}
