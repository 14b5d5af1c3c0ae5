import type { Logger } from 'pino'
import type { RunId } from '../../domain/ids.ts'
import type { World } from '../clock.ts'
import type { Settings } from '../config/all.ts'
import { createRunDesk } from '../runs.ts'
import { removeServerFile, writeServerFile } from '../server-file.ts'
import { startTicks } from '../ticks.ts'
import type { Broker } from '../../broker/broker.ts'
import { startAnalytics } from './analytics.ts'
import { startPipeline } from './carrying.ts'
import { connectCommands } from './commands.ts'
import { addDemoNetwork, startDemo } from './demo.ts'
import { openDoors } from './doors.ts'
import { systemFiguresOf } from './figures.ts'
import { firstPassword } from './first-start.ts'
import { openFoundation, type Foundation } from './foundation.ts'
import { startInfluxFeeding } from './influx.ts'
import { createLife } from './life.ts'
import { createLog } from './log.ts'
import { startMaintenance } from './maintenance.ts'
import { startNotifying } from './notifying.ts'
import { connectReceipts } from './receipts.ts'

/** A running system. */
export interface System {
  url: string
  mqtt: string
  cliToken: string
  log: Logger
  stop(): Promise<void>
}

/**
 * Opens everything in the order of the data: store, journal, rules, pipeline, doors. What was opened before a fault is closed again.
 * Rejects with errors that say what to do.
 */
export async function startSystem(settings: Settings, world: World): Promise<System> {
  const log = createLog(settings.server.logLevel, process.stdout.isTTY === true)
  const life = createLife((part, err) => log.error({ err }, `stopping ${part}`))
  try {
    return await build(await openFoundation(settings, world, life, log))
  } catch (error) {
    await life.stop()
    throw error
  }
}

async function build(foundation: Foundation): Promise<System> {
  const { settings, world, life, log, store, networks, journal, credentials, people } = foundation
  if (settings.demo.enabled) await addDemoNetwork(foundation)
  let broker: Broker | null = null
  const influx = startInfluxFeeding(foundation, () => broker)
  const runs = createRunDesk({
    networks,
    credentials,
    store,
    accept: journal.accept,
    now: world.now,
    dropElsewhere: async (run) => influx?.dropRun(run),
  })
  const notifications = await startNotifying(foundation)
  const analytics = await startAnalytics(foundation, influx)
  const { receipts, desk } = connectReceipts(foundation, () => broker)
  const pipeline = await startPipeline(foundation, [analytics.consume, () => influx?.wake()], receipts)
  const cliToken = Buffer.from(world.randomBytes(24)).toString('base64url')
  const figures = systemFiguresOf({ foundation, pipeline, analytics, influx, notifications })
  const welcome = await firstPassword(people, settings.server.data, process.stdout.isTTY === true)
  const commands = connectCommands(foundation, () => broker)
  const doors = await openDoors({
    ...{ foundation, warningDesk: analytics.desk, receiptDesk: desk, commands },
    ...{ runs, pipeline, cliToken, figures },
  })
  broker = doors.broker

  const wallRuns: RunId[] = []
  life.onStop(
    'ticks',
    startTicks({ accept: journal.accept, wallRuns: () => wallRuns, now: world.now, onError: (err) => log.error({ err }, 'ticking') }),
  )
  life.onStop('maintenance', startMaintenance(foundation))
  writeServerFile(settings.server.data, { url: doors.url, mqtt: doors.mqtt, pid: process.pid, cliToken })
  life.onStop('server file', () => removeServerFile(settings.server.data))
  const demo = settings.demo.enabled ? await startDemo(foundation, doors.mqtt, (run) => wallRuns.push(run)) : 'no simulated data'
  for (const line of [`Gaugekeeper at ${doors.url}`, `  devices   ${doors.mqtt}`, ...welcome, `  demo      ${demo}`])
    process.stderr.write(`${line}\n`)
  return { url: doors.url, mqtt: doors.mqtt, cliToken, log, stop: () => life.stop() }
}
