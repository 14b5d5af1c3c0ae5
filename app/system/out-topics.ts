import { setImmediate as breathe } from 'node:timers/promises'
import type { Broker } from '../../broker/port.ts'
import { createObservationTopics } from '../out-topics/observations.ts'
import { createWarningTopics } from '../out-topics/warnings.ts'
import type { Foundation } from './foundation.ts'
import type { Figure } from './metrics.ts'

/** What other programs hear over MQTT; its figures for /metrics. */
export function startOutTopics({ settings, store, networks, live, world, log, life }: Foundation, broker: Broker): Figure[] {
  const parts = { broker, live, simulated: settings.broker.outgoingSimulated, breathe: () => breathe(), wait: world.wait }
  const observations = createObservationTopics(parts)
  const warnings = createWarningTopics({
    ...parts,
    warnings: store.warnings,
    fleet: networks.fleet,
    onTrouble: (err) => log.warn({ err }, 'reading the open warnings for programs; they hear of them later'),
  })
  life.onStop('topics of programs', async () => void (await Promise.all([observations.close(), warnings.close()])))
  const told = (): [string, number][] => [
    ['observations', observations.figures().told],
    ['warnings', warnings.figures().told],
  ]
  return [
    { name: 'gaugekeeper_out_messages_total', help: 'Messages to programs over MQTT since start', label: 'topic', read: told },
    {
      name: 'gaugekeeper_out_waiting',
      help: 'Observations that wait to be told to programs',
      read: () => observations.figures().waiting,
    },
    {
      name: 'gaugekeeper_out_dropped_total',
      help: 'Observations that programs were not told of because too many waited',
      read: () => observations.figures().dropped,
    },
    { name: 'gaugekeeper_out_warnings', help: 'Open warnings that stand retained', read: () => warnings.figures().standing },
  ]
}
