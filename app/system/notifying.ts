import { createDispatch, type Dispatch } from '../../notify/dispatch.ts'
import { createChannels } from '../../notify/registry.ts'
import { nodeTimers } from '../../notify/timers.ts'
import type { Foundation } from './foundation.ts'

/** Tells the configured channels of warnings that stand, rise and end. */
export async function startNotifying({ settings, store, networks, live, world, log, life }: Foundation): Promise<Dispatch> {
  const parts = { now: world.now, log: (message: string, fields: Readonly<Record<string, unknown>>) => log.info(fields, message) }
  const dispatch = createDispatch({
    channels: createChannels(settings.notify.channels, parts),
    documents: store.documents,
    warnings: store.warnings,
    fleet: networks.fleet,
    live,
    now: world.now,
    random: world.random,
    timers: nodeTimers,
    log: parts.log,
  })
  await dispatch.start()
  life.onStop('notify', () => dispatch.close())
  return dispatch
}
