import type { AmendmentDesk } from '../../domain/amendment-desk.ts'
import { fieldCodecs } from '../../gateways/registry.ts'
import { createAmendmentDesk } from '../../ingest/amendment-desk.ts'
import type { Pipeline } from '../../ingest/pipeline.ts'
import { createRepairDesk } from '../../ingest/repair-desk.ts'
import { createTurns } from '../../ingest/turns.ts'
import { readPoint } from '../../store/influx/read-point.ts'
import type { Foundation } from './foundation.ts'

/** An answer waits so long for its change to be carried; it is on disk by then. */
const patienceMs = 10_000

/** What people may change in stored data. */
export function createAmending({ journal, store, networks, changes, settings, world }: Foundation, pipeline: Pipeline): AmendmentDesk {
  const passed = async (delivery: number): Promise<void> => {
    const done = new AbortController()
    await Promise.race([pipeline.passed(delivery), world.wait(patienceMs, done.signal)])
    done.abort()
  }
  const parts = {
    turns: createTurns({
      accept: journal.accept,
      inTurn: changes,
      newest: () => journal.figures().newest,
      cursor: () => store.ledger.cursor(),
      passed,
    }),
    store,
    fleet: networks.fleet,
    fieldCodecs,
    readPoint,
    maxSeries: settings.ingest.maxSeries,
    now: world.now,
    newId: () => `c-${Buffer.from(world.randomBytes(6)).toString('hex')}`,
  }
  return createAmendmentDesk({ ...parts, repairs: createRepairDesk(parts) })
}
