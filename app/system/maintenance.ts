import { schedule, type Logger } from 'node-cron'
import type { Foundation } from './foundation.ts'

/** Once an hour the store is put in order: closed days sorted, counters merged, space reclaimed. Returns the function that stops it. */
export function startMaintenance({ store, world, log }: Pick<Foundation, 'store' | 'world' | 'log'>): () => Promise<void> {
  const job = schedule(
    '17 * * * *',
    () => store.maintain(world.now()).catch((err: unknown) => log.warn({ err }, 'putting the store in order')),
    { timezone: 'UTC', noOverlap: true, logger: cronLogger(log) },
  )
  return async () => {
    await job.destroy()
  }
}

/** What the library would else say on the console. An hour left out because the system clock jumped is no fault. */
function cronLogger(log: Foundation['log']): Logger {
  const line = (level: 'debug' | 'info' | 'warn') => (said: string | Error, err?: Error) =>
    log[level]({ err: err ?? said }, 'the schedule of the hourly work')
  return { debug: line('debug'), info: line('debug'), warn: line('info'), error: line('warn') }
}
