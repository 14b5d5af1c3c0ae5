import { setImmediate as breathe } from 'node:timers/promises'
import type { CarriedAmendment } from '../../domain/amendment.ts'
import type { AuditNote } from '../../domain/audit.ts'
import type { LiveHub } from '../../domain/events.ts'
import { parseDuration } from '../../domain/time.ts'
import { fieldCodecs } from '../../gateways/registry.ts'
import { createIngest } from '../../ingest/ingest.ts'
import type { Pipeline } from '../../ingest/pipeline.ts'
import type { Receipts } from '../../ingest/receipts/receipts.ts'
import type { Committed } from '../../store/ports/ledger.ts'
import { readPoint } from '../../store/influx/read-point.ts'
import type { Clocks } from './clocks.ts'
import type { Foundation } from './foundation.ts'
import { lagOf, type Timings } from './timings.ts'

/** How long the end waits for what the doors let in last, ms: of 10 s for everything. */
const drainMs = 3_000

/** Who is told of what the pipeline did. */
interface PipelineParts {
  timings: Timings
  receipts: Receipts
  clocks: Pick<Clocks, 'carried'>
  followers: readonly ((committed: Committed) => void)[]
}

/**
 * The way from the journal to the store. After each commit, in this order: those who listen live are told, and `followers` (analytics, the
 * second sink) are woken, and devices get their receipts. They have their own cursors: what they miss they read from the ledger.
 */
export async function startPipeline(foundation: Foundation, { timings, receipts, clocks, followers }: PipelineParts): Promise<Pipeline> {
  const { journal, store, networks, audit, settings, world, log, live, life } = foundation
  let written = 0
  const time = (committed: Committed): void => {
    const lag = lagOf(committed, world.now())
    if (lag !== null) timings.lag.observe(lag)
    const total = pipeline.figures().stageMs.commit
    timings.write.observe((total - written) / 1000)
    written = total
  }
  const pipeline: Pipeline = await createIngest({
    journal,
    store,
    fleet: networks.fleet,
    settings: settings.ingest,
    graceMs: parseDuration(settings.analytics.jobGrace) ?? 0,
    fieldCodecs,
    readPoint,
    timers: { wait: world.wait, breathe: () => breathe(), monotonic: world.monotonic, random: world.random },
    onCommitted: (committed) => {
      time(committed)
      tell(live, committed)
      for (const follow of followers) follow(committed)
    },
    onCarried: (carried) => {
      clocks.carried(carried)
      receipts.carried(carried)
    },
    onRefused: (amendment) => void audit.record(refusalOf(amendment)),
    onError: (error) => log.error({ err: error, code: error.code }, error.message),
  })
  life.onStop('pipeline', async () => {
    // what the doors let in last may still be on its way to the disk
    const [end, never] = [world.monotonic() + drainMs, new AbortController().signal]
    while (journal.waiting() > 0 && world.monotonic() < end) await world.wait(5, never)
    await pipeline.drain(drainMs)
    await pipeline.stop()
  })
  pipeline.start()
  return pipeline
}

const operations = { values: 'correctValues', clock: 'correctClock', 'clock-withdrawn': 'withdrawClock' } as const

/** For the audit log: a change that was accepted came to nothing, maybe long after its answer. */
function refusalOf({ amendment, refused }: CarriedAmendment): AuditNote {
  const { id, kind, by } = amendment
  const target = kind === 'values' ? amendment.series : amendment.device
  const why = { outcome: 'refused', reason: 'amendment-refused', detail: `${id} changed nothing: ${refused ?? ''}` } as const
  return { action: operations[kind], who: by, target, address: null, ...why }
}

function tell(live: LiveHub, { commit, rows }: Committed): void {
  if (rows.length > 0) live.emit({ name: 'observed', commit, observations: rows })
}
