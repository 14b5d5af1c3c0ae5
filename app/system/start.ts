import type { Logger } from 'pino'
import type { RunId } from '../../domain/ids.ts'
import type { World } from '../clock.ts'
import type { Settings } from '../config/all.ts'
import { createRunDesk } from '../runs.ts'
import { removeServerFile, writeServerFile } from '../server-file.ts'
import { startTicks } from '../ticks.ts'
import type { Broker } from '../../broker/port.ts'
import { createAmending } from './amending.ts'
import { startAnalytics } from './analytics.ts'
import { startPipeline } from './carrying.ts'
import { startClocks } from './clocks.ts'
import { connectCommands } from './commands.ts'
import { startContinuity } from './continuity.ts'
import { addDemoNetwork, startDemo } from './demo.ts'
import { openDoors, type DoorParts, type Doors } from './doors.ts'
import { firstPassword } from './first-start.ts'
import { openFoundation, type Foundation } from './foundation.ts'
import { startInfluxFeeding } from './influx.ts'
import { createLife } from './life.ts'
import { createLog, type Log } from './log.ts'
import { startMaintenance } from './maintenance.ts'
import { startNotifying } from './notifying.ts'
import { createOversight } from './oversight.ts'
import { connectReceipts } from './receipts.ts'
import { openSimulator } from './simulator.ts'
import { createTimings } from './timings.ts'

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
  const { log, recent } = createLog({
    level: settings.server.logLevel,
    isTerminal: process.stdout.isTTY === true,
    monotonic: world.monotonic,
  })
  const life = createLife((part, err) => log.error({ err }, `stopping ${part}`))
  try {
    return await build(await openFoundation(settings, world, life, log), recent)
  } catch (error) {
    await life.stop()
    throw error
  }
}

async function build(foundation: Foundation, recentLog: Log['recent']): Promise<System> {
  const { settings, world, life, log, store, networks, journal, credentials, people } = foundation
  if (settings.demo.enabled) await addDemoNetwork(foundation)
  let open: Doors | null = null
  const broker = (): Broker | null => open?.broker ?? null
  const influx = startInfluxFeeding(foundation, broker)
  const runs = createRunDesk({
    networks,
    credentials,
    store,
    accept: journal.accept,
    now: world.now,
    dropElsewhere: async (run) => influx?.dropRun(run),
  })
  const dispatch = await startNotifying(foundation)
  const timings = createTimings()
  const analytics = await startAnalytics(foundation, influx)
  const { receipts, desk: receiptDesk } = connectReceipts(foundation, broker)
  const commands = connectCommands(foundation, () => open)
  const continuity = await startContinuity(foundation, commands.send)
  const wallRuns: RunId[] = []
  const clocks = await startClocks(foundation, wallRuns)
  const followers = [analytics.consume, continuity.consume, () => influx?.wake()]
  const pipeline = await startPipeline(foundation, { timings, receipts, clocks, followers })
  const cliToken = Buffer.from(world.randomBytes(24)).toString('base64url')
  const welcome = await firstPassword(people, settings.server.data, process.stdout.isTTY === true)
  const oversee: DoorParts['oversee'] = (broker, field, live) =>
    createOversight({ foundation, pipeline, analytics, continuity, influx, dispatch, timings, clocks, broker, field, live, recentLog })
  const { gaps } = continuity
  const desks = { warningDesk: analytics.desk, receiptDesk, amendments: createAmending(foundation, pipeline), clockReports: clocks.reports }
  const here = (): { url: string; mqtt: string } => ({ url: open?.url ?? '', mqtt: open?.mqtt ?? '' })
  const simulator = await openSimulator(foundation, runs, () => ({ ...here(), cliToken }))
  const doors = await openDoors({ foundation, ...desks, commands, gaps, runs, simulator, cliToken, oversee })
  open = doors
  life.onStop('simulator', () => simulator.close())

  life.onStop(
    'ticks',
    startTicks({ accept: journal.accept, wallRuns: () => wallRuns, now: world.now, onError: (err) => log.error({ err }, 'ticking') }),
  )
  life.onStop('maintenance', startMaintenance(foundation))
  writeServerFile(settings.server.data, {
    url: doors.url,
    mqtt: doors.mqtt,
    secure: doors.secure,
    field: Object.fromEntries(doors.field.addresses),
    pid: process.pid,
    cliToken,
  })
  life.onStop('server file', () => removeServerFile(settings.server.data))
  const demo = settings.demo.enabled ? await startDemo(foundation, doors, (run) => wallRuns.push(run)) : 'no simulated data'
  for (const line of [
    `Gaugekeeper at ${doors.url}`,
    `  devices   ${[doors.mqtt, ...fieldLines(doors)].join(', ')}`,
    ...(doors.secure ? [`  over TLS  ${doors.secure.https}, ${doors.secure.mqtts}`] : []),
    ...welcome,
    `  demo      ${demo}`,
  ])
    process.stderr.write(`${line}\n`)
  return { url: doors.url, mqtt: doors.mqtt, cliToken, log, stop: () => life.stop() }
}

const fieldLines = ({ field }: Doors): string[] => [...field.addresses].map(([protocol, address]) => `${protocol}://${address}`)
