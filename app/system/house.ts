import { createRunDesk } from '../runs.ts'
import { removeServerFile, writeServerFile } from '../server-file.ts'
import { startTicks } from '../ticks.ts'
import { createAmending } from './amending.ts'
import { startAnalytics } from './analytics.ts'
import { startPipeline } from './carrying.ts'
import { startClocks } from './clocks.ts'
import type { Commands } from './commands.ts'
import { startContinuity } from './continuity.ts'
import type { DemoClock } from './demo-clock.ts'
import type { DeviceDoors } from './device-doors.ts'
import type { Foundation } from './foundation.ts'
import { keepHeapSmall } from './heap.ts'
import { openHttpDoors, type HttpDoors, type HttpParts } from './http-doors.ts'
import { startInfluxFeeding } from './influx.ts'
import type { Log } from './log.ts'
import { startMaintenance } from './maintenance.ts'
import { startNotifying } from './notifying.ts'
import { startOutTopics } from './out-topics.ts'
import { createOversight } from './oversight.ts'
import { connectReceipts } from './receipts.ts'
import { openSimulator } from './simulator.ts'
import { createTimings } from './timings.ts'

interface HouseParts {
  foundation: Foundation
  devices: DeviceDoors
  commands: Commands
  demoClock: DemoClock
  recentLog: Log['recent']
}

export interface House extends HttpDoors {
  cliToken: string
  /** Resolves when rules and the ledger of gaps have read back what is stored, or cannot for now. */
  caughtUp: Promise<unknown>
}

/**
 * What stands behind the doors of the devices: rules, pipeline, notifications, api. The pipeline carries what the journal took meanwhile;
 * rules and the ledger of gaps read back what they need beside it.
 */
export async function openHouse({ foundation, devices, commands, demoClock, recentLog }: HouseParts): Promise<House> {
  const { settings, world, life, log, store, networks, journal, credentials } = foundation
  const influx = startInfluxFeeding(foundation, devices.broker)
  const runs = createRunDesk({
    networks,
    credentials,
    store,
    accept: journal.accept,
    now: world.now,
    dropElsewhere: async (run) => influx?.dropRun(run),
  })
  const dispatch = await startNotifying(foundation)
  const outTopics = startOutTopics(foundation, devices.broker)
  const timings = createTimings()
  const analytics = startAnalytics(foundation, influx, timings)
  const continuity = startContinuity(foundation, commands.send)
  const { receipts, desk: receiptDesk } = connectReceipts(foundation, devices.broker, continuity.numbers)
  const { wallRuns, catchingUp } = demoClock
  const clocks = await startClocks(foundation, wallRuns)
  const followers = [analytics.consume, continuity.consume, () => influx?.wake()]
  const pipeline = await startPipeline(foundation, { timings, receipts, clocks, followers })
  const cliToken = Buffer.from(world.randomBytes(24)).toString('base64url')
  const oversee: HttpParts['oversee'] = (api) =>
    createOversight({ foundation, pipeline, analytics, continuity, influx, dispatch, timings, clocks, outTopics, devices, api, recentLog })
  const known = { gaps: continuity.gaps, knowsGaps: continuity.isUp, runs, catchingUp }
  const desks = { warningDesk: analytics.desk, receiptDesk, amendments: createAmending(foundation, pipeline), clockReports: clocks.reports }
  let url = ''
  const simulator = await openSimulator(foundation, runs, () => ({
    url,
    mqtt: devices.mqtt,
    field: Object.fromEntries(devices.field.addresses),
    cliToken,
  }))
  const http = await openHttpDoors({ foundation, devices, ...desks, ...known, commands, simulator, cliToken, oversee })
  url = http.url
  life.onStop('simulator', () => simulator.close())
  life.onStop(
    'ticks',
    startTicks({ accept: journal.accept, wallRuns: () => wallRuns, world, onError: (err) => log.error({ err }, 'ticking') }),
  )
  life.onStop('maintenance', startMaintenance(foundation))
  life.onStop(
    'heap',
    keepHeapSmall({ timers: world.timers, isCatchingUp: () => pipeline.figures().isCatchingUp, release: () => store.releaseMemory() }),
  )
  writeServerFile(settings.server.data, {
    url: http.url,
    mqtt: devices.mqtt,
    secure: http.secure,
    field: Object.fromEntries(devices.field.addresses),
    pid: process.pid,
    cliToken,
  })
  life.onStop('server file', () => removeServerFile(settings.server.data))
  return { ...http, cliToken, caughtUp: Promise.all([analytics.settled, continuity.settled]) }
}
