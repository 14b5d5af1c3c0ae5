import { demoNetwork } from '../../devices-sim/demo-network.ts'
import { startDemoFleet } from '../../devices-sim/fleet.ts'
import { demoRun, type DemoClock } from './demo-clock.ts'
import type { DeviceDoors } from './device-doors.ts'
import type { Foundation } from './foundation.ts'

/** Adds the simulated catchment as a run that lives at our time. It is made anew at each start, so nothing of it is kept but its readings. */
export async function addDemoNetwork({ networks }: Foundation): Promise<void> {
  await networks.put(demoRun, demoNetwork, { transient: true })
}

/**
 * Starts the simulated devices, with logins of their own over real MQTT and HJ 212: history first, then life. Does not wait for the history;
 * the clock is told when it is in. Returns a line for the person who starts the system.
 */
export async function startDemo(foundation: Foundation, doors: Pick<DeviceDoors, 'mqtt' | 'field'>, clock: DemoClock): Promise<string> {
  const { networks, store, settings, world, log, life } = foundation
  const network = networks.ofRun(demoRun)
  if (!network) return 'no simulated data'
  const series = network.stations.flatMap((station) => station.sensors.map((sensor) => sensor.id))
  const newest = [...(await store.telemetry.latest(series)).values()].map((observation) => observation.observedAt)
  const fleet = startDemoFleet({
    url: doors.mqtt,
    field: doors.field.addresses,
    secrets: await foundation.credentials.issue(network.devices.map(({ id }) => id)),
    network,
    seed: settings.demo.seed,
    now: world.now,
    timers: world.timers,
    log: (message) => log.warn(message),
    historyDays: settings.demo.historyDays,
    since: newest.length > 0 ? Math.max(...newest) : null,
  })
  life.onStop('demo', () => fleet.stop())
  let stopping = false
  life.onStop('demo clock', () => void (stopping = true))
  fleet.ready
    .then(() => clock.live())
    .catch((err: unknown) => void (stopping || log.warn({ err }, 'starting the simulated fleet')))
    .finally(() => clock.ended())
  return `${network.stations.length} simulated stations, seed ${settings.demo.seed}; --no-demo leaves them out`
}
