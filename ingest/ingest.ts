import type { CarriedAmendment } from '../domain/amendment.ts'
import type { Codec } from '../domain/codec.ts'
import type { GaugekeeperError } from '../domain/errors.ts'
import type { CurrentFleet } from '../domain/fleet.ts'
import type { TestName } from '../domain/quality-tests.ts'
import { parseDuration } from '../domain/time.ts'
import type { Committed } from '../store/ports/ledger.ts'
import type { ReadPoint } from '../store/ports/refused-point.ts'
import type { Store } from '../store/ports/store.ts'
import { createAmend } from './amend.ts'
import { Carrier } from './carrier.ts'
import { createClockCorrections } from './clock-corrections.ts'
import type { IngestConfig } from './config.ts'
import { createDerive, withCounts } from './counters.ts'
import { createDirectory } from './directory.ts'
import { DeliveryFailed, QualityTestFailed, SettingInvalid } from './errors.ts'
import { createCodecOf } from './codecs/registry.ts'
import { createIntake } from './intake.ts'
import { Pipeline, type Timers } from './pipeline.ts'
import type { Journal } from './ports.ts'
import { createJudge } from './quality/judge.ts'
import type { Carried } from './receipts/drafts.ts'
import { createReconcile } from './reconcile.ts'
import { createRunClocks } from './run-clocks.ts'
import { createSeriesBook } from './series-book.ts'
import { createTally } from './tally.ts'

export interface IngestParts {
  journal: Pick<Journal, 'read' | 'release' | 'figures' | 'onAppended'>
  store: Pick<Store, 'telemetry' | 'ledger'>
  fleet: CurrentFleet
  timers: Timers
  settings: IngestConfig
  /** How long after a full hour its jobs are done: the delivery with which a clock comes there is the last of its commit. */
  graceMs: number
  /** The codecs of the field protocols, beside those of MQTT and HTTP. */
  fieldCodecs: readonly Codec[]
  /** Reads back a point that a store refused. */
  readPoint: ReadPoint
  /** Called after each commit, in commit order, before the next batch is read; must return at once and not throw. */
  onCommitted: (committed: Committed) => void
  /** Called after it with what became of each value that was sent; must return at once and not throw. */
  onCarried: (carried: Carried) => void
  /** Called with each amendment that changed nothing, because what was carried before contradicted it; must return at once and not throw. */
  onRefused: (amendment: CarriedAmendment) => void
  onError: (error: GaugekeeperError) => void
}

/**
 * The whole way from the journal to the store, put together: decode, validate, reconcile, judge, commit. It is woken by the journal;
 * `start` begins. Reads the clocks of the runs from the ledger once, so it rejects with StoreUnavailable when the store is away.
 */
export async function createIngest(parts: IngestParts): Promise<Pipeline> {
  const { journal, store, fleet, timers, settings, graceMs, fieldCodecs, readPoint, onCommitted, onCarried, onRefused, onError } = parts
  const tally = createTally(timers.monotonic)
  const clocks = createRunClocks(await store.ledger.watermarks(), graceMs)
  const onTestFailed = reportOnce(tally.totals, onError)
  let given = fleet()
  let current = withCounts(given)
  const book = createSeriesBook({ telemetry: store.telemetry, fleet: () => current, onTestFailed })
  const corrections = createClockCorrections((await store.ledger.amendments({})).reverse())
  const intake = createIntake({
    codecOf: createCodecOf(fieldCodecs),
    directory: createDirectory(() => current, settings.maxSeries),
    clocks,
    corrections,
    readPoint,
    onFailed: (delivery, error) => {
      tally.totals.deliveryFailures += 1
      onError(new DeliveryFailed(delivery.number, delivery.device, error))
    },
  })
  const carrier = new Carrier({
    begin: () => {
      const now = fleet()
      if (now === given) return
      given = now
      current = withCounts(now)
      clocks.retain(new Set(now.networks.flatMap(({ run }) => run ?? [])))
    },
    intake,
    amend: createAmend({ telemetry: store.telemetry, fleet: () => current, clocks, corrections, ledger: store.ledger }),
    corrections,
    reconcile: createReconcile({ telemetry: store.telemetry, book }),
    derive: createDerive(book, () => current),
    judge: createJudge(book, tally.totals),
    book,
    clocks,
    ledger: store.ledger,
    onCommitted,
    onCarried,
    onRefused,
    onError,
    breathe: timers.breathe,
    tally,
  })
  const pipeline = new Pipeline({
    journal,
    ledger: store.ledger,
    carrier,
    timers,
    onError,
    tally,
    batch: settings.batch,
    gatherMs: milliseconds('gather', settings),
    retryFromMs: milliseconds('retryFrom', settings),
    retryToMs: milliseconds('retryTo', settings),
  })
  journal.onAppended(() => pipeline.wake())
  return pipeline
}

/** A test that throws is counted every time and told once: one fault would else fill the log with every value. */
function reportOnce(totals: { testFailures: number }, onError: (error: GaugekeeperError) => void) {
  const told = new Set<TestName>()
  return (test: TestName, error: unknown): void => {
    totals.testFailures += 1
    if (told.has(test)) return
    told.add(test)
    onError(new QualityTestFailed(test, error))
  }
}

function milliseconds(name: 'gather' | 'retryFrom' | 'retryTo', settings: IngestConfig): number {
  const ms = parseDuration(settings[name])
  if (ms === null) throw new SettingInvalid(`ingest.${name}`, settings[name])
  return ms
}
