import { schedule } from 'node-cron'
import type { Accept } from '../domain/delivery.ts'
import type { RunId } from '../domain/ids.ts'
import { tickDelivery } from './runs.ts'

interface TickParts {
  accept: Accept
  /** Runs whose clock is ours; the real fleet is always ticked. */
  wallRuns: () => readonly RunId[]
  now: () => number
  onError: (error: unknown) => void
}

/**
 * Once a minute our clock goes into the journal as a delivery of its own, for the real fleet and for each run that lives at our time.
 * Rules of silence and the hourly jobs follow these ticks, so that a re-run of the journal has them too. Returns the function that stops it.
 */
export function startTicks({ accept, wallRuns, now, onError }: TickParts): () => Promise<void> {
  const tick = async (): Promise<void> => {
    const at = now()
    await Promise.all([null, ...wallRuns()].map((run) => accept(tickDelivery(run, at, at))))
  }
  const job = schedule('* * * * *', () => tick().catch(onError), { timezone: 'UTC', noOverlap: true })
  return async () => {
    await job.destroy()
  }
}
