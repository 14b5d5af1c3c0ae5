import type { AmendmentDesk } from '../../domain/amendment-desk.ts'
import { fieldCodecs } from '../../gateways/registry.ts'
import { createAmendmentDesk } from '../../ingest/amendment-desk.ts'
import type { Pipeline } from '../../ingest/pipeline.ts'
import { createRepairDesk } from '../../ingest/repair-desk.ts'
import { readPoint } from '../../store/influx/read-point.ts'
import type { Foundation } from './foundation.ts'

/** An answer waits so long for its change to be carried; it is on disk by then. */
const patienceMs = 10_000

/** What people may change in stored data. */
export function createAmending({ journal, store, networks, settings, world }: Foundation, pipeline: Pipeline): AmendmentDesk {
  const parts = {
    accept: journal.accept,
    store,
    fleet: networks.fleet,
    fieldCodecs,
    readPoint,
    maxSeries: settings.ingest.maxSeries,
    now: world.now,
    newId: () => `c-${Buffer.from(world.randomBytes(6)).toString('hex')}`,
  }
  const carried = async (): Promise<void> => {
    const done = new AbortController()
    await Promise.race([pipeline.reached(journal.figures().newest), world.wait(patienceMs, done.signal)])
    done.abort()
  }
  return createAmendmentDesk({ ...parts, carried, repairs: createRepairDesk(parts) })
}
