import type { Logger } from 'pino'
import type { World } from '../clock.ts'
import type { Settings } from '../config/all.ts'
import { contradictions } from '../config/contradictions.ts'
import { ConfigInvalid } from '../errors.ts'
import { connectCommands } from './commands.ts'
import { createDemoClock } from './demo-clock.ts'
import { openDeviceDoors, type DeviceDoors } from './device-doors.ts'
import { firstPassword, forgetWhenChanged } from './first-start.ts'
import { openFoundation, type Foundation } from './foundation.ts'
import { createLife } from './life.ts'
import { createLog, type Log } from './log.ts'
import { openClock } from './our-clock.ts'
import { startNote } from './start-note.ts'

/** A running system. */
export interface System {
  url: string
  mqtt: string
  cliToken: string
  log: Logger
  /** Resolves when what is stored has been read back: answers about warnings and gaps are whole from then on. */
  caughtUp: Promise<unknown>
  stop(): Promise<void>
}

/**
 * Opens everything in the order of the data: store, journal, the doors of the devices, then what stands behind them. What was opened before
 * a fault is closed again; settings that contradict each other are refused before anything is made. Rejects with errors that say what to do.
 * @param mayGoOn rejects when nothing is to be carried with these settings
 */
export async function startSystem(
  settings: Settings,
  world: World,
  mayGoOn: (foundation: Foundation) => Promise<void> = () => Promise.resolve(),
): Promise<System> {
  const faults = contradictions(settings)
  if (faults.length > 0) throw new ConfigInvalid(faults)
  const { log, recent } = createLog({
    level: settings.server.logLevel,
    isTerminal: process.stdout.isTTY === true,
    monotonic: world.monotonic,
  })
  const life = createLife((part, err) => log.error({ err }, `stopping ${part}`))
  try {
    const clock = openClock(world, log)
    const foundation = await openFoundation(settings, { ...world, now: clock.now }, { clock, life, log })
    await mayGoOn(foundation)
    return await build(foundation, recent)
  } catch (error) {
    await life.stop()
    throw error
  }
}

/** Devices that were cut off by a crash are acknowledged again before the other two thirds of the program are even loaded. */
async function build(foundation: Foundation, recentLog: Log['recent']): Promise<System> {
  const { settings, people, audit, log, life } = foundation
  void audit.record(startNote(settings))
  const demo = settings.demo.enabled ? await import('./demo.ts') : null
  await demo?.addDemoNetwork(foundation)
  const welcome = await firstPassword(people, settings.server.data, process.stdout.isTTY === true)
  await forgetWhenChanged(people, settings.server.data)
  let open: DeviceDoors | null = null
  const commands = connectCommands(foundation, () => open)
  const devices = await openDeviceDoors(foundation, commands)
  open = devices
  const { openHouse } = await import('./house.ts')
  const demoClock = createDemoClock(demo !== null)
  const { url, secure, cliToken, caughtUp } = await openHouse({ foundation, devices, commands, demoClock, recentLog })
  const simulated = demo === null ? 'no simulated data' : await demo.startDemo(foundation, devices, demoClock)
  for (const line of [
    `Gaugekeeper at ${url}`,
    `  devices   ${[devices.mqtt, ...fieldLines(devices)].join(', ')}`,
    ...(secure ? [`  over TLS  ${secure.https}, ${secure.mqtts}`] : []),
    ...welcome,
    `  demo      ${simulated}`,
  ])
    process.stderr.write(`${line}\n`)
  return { url, mqtt: devices.mqtt, cliToken, log, caughtUp, stop: () => life.stop() }
}

const fieldLines = ({ field }: DeviceDoors): string[] => [...field.addresses].map(([protocol, address]) => `${protocol}://${address}`)
