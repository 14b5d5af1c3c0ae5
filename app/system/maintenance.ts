import { schedule } from 'node-cron'
import type { Foundation } from './foundation.ts'

/** Once an hour the store is put in order: closed days sorted, counters merged, space reclaimed. Returns the function that stops it. */
export function startMaintenance({ store, world, log }: Foundation): () => Promise<void> {
  const job = schedule(
    '17 * * * *',
    () => store.maintain(world.now()).catch((err: unknown) => log.warn({ err }, 'putting the store in order')),
    {
      timezone: 'UTC',
      noOverlap: true,
    },
  )
  return async () => {
    await job.destroy()
  }
}
