import { fork } from 'node:child_process'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { LoadOrder } from '../../devices-sim/load/order.ts'
import { LoadFailed, loadInProcesses } from '../../devices-sim/load/processes.ts'
import type { LoadReport } from '../../devices-sim/load/report.ts'
import { formatDuration, parseDuration } from '../../domain/time.ts'
import { loadChart } from '../../figures/load-chart.ts'
import { realWorld } from '../clock.ts'
import { CommandError } from '../errors.ts'
import { isWhole, linesOfLoad, lossOf, type LoadOutcome } from '../load/outcome.ts'
import { openFilesOf, ownOpenFiles, tooFewFiles, type SocketNeed } from '../load/open-files.ts'
import { noReadingIn, orderOf, profiles, type LoadWish, type Profile } from '../load/plan.ts'
import { loadProcess } from '../load/process.ts'
import { plainDoor, provision, secureDoor, strangeTarget, type LoadDoor } from '../load/target.ts'
import { watchServer } from '../load/watched-server.ts'
import { readServerFile } from '../server-file.ts'
import { privateOrLocalServer } from './chosen-server.ts'
import { createProgressBar } from './progress-bar.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface LoadOptions extends SettingOptions {
  devices: number
  every: number
  minutes: number
  speed: number
  rate?: number
  profile: Profile
  closed?: boolean
  window: number
  churn?: number
  processes: number
  url?: string
  user?: string
  password?: string
  tls?: boolean
  ca?: string
  chart?: string
  keep?: boolean
  json?: boolean
}

/** `gaugekeeper load` */
export function addLoad(program: Command): void {
  withSettings(
    program.command('load').description('thousands of devices over real MQTT: what is acknowledged, how fast, and what became of it'),
  )
    .option('--devices <n>', 'connections, one device each', asCount, 1000)
    .option('--every <time>', 'each device sends a reading so often', asTime, 60_000)
    .option('--minutes <n>', 'for so long', asPositive, 1)
    .option('--speed <n>', 'the clock of the devices against ours: 60 makes a minute of them a second', asPositive, 1)
    .option('--rate <n>', 'readings a second of all devices together, instead of --every', asPositive)
    .addOption(
      new Option('--profile <name>', 'steady; ramp: five steps up to the rate; soak: a tenth of the devices come and go each minute')
        .choices(profiles)
        .default('steady'),
    )
    .option('--closed', 'closed loop: as fast as readings are acknowledged')
    .option('--window <n>', 'unacknowledged readings of a device in a closed loop', asCount, 20)
    .option('--churn <n>', 'connections that come and go a minute', asPositive)
    .option('--processes <n>', 'processes that make the load', asCount, Math.min(4, availableParallelism()))
    .option('--tls', 'over TLS, which the running server has to offer')
    .option('--url <mqtt-url>', 'a broker that is not ours, mqtt://host:1883 or mqtts://host:8883: nothing is provisioned or counted there')
    .option('--ca <file>', 'PEM of the CA by which that broker is known (default: the public ones)')
    .option('--user <name>', 'login at that broker, the same for all devices')
    .option('--password <text>', 'its password')
    .option('--chart <file>', 'write throughput and latency as SVG')
    .option('--keep', 'leave the run with its readings in the server')
    .option('--json', 'one JSON document on stdout')
    .action(loadCommand)
  program.command('load-process', { hidden: true }).action(loadProcess)
}

async function loadCommand(options: LoadOptions): Promise<void> {
  const wrong = contradictionOf(options) ?? noReadingIn(wishOf(options), options.processes)
  if (wrong !== null) throw new CommandError('config-invalid', `reading the options: ${wrong}`, 2)
  const chart = options.chart === undefined ? null : opened(options.chart)
  const outcome = options.url === undefined ? await loadOurs(options) : await loadTheirs(options, options.url)
  process.stdout.write(options.json ? `${JSON.stringify({ ...outcome, ...lossOf(outcome) }, null, 2)}\n` : linesOfLoad(outcome).join(''))
  if (chart !== null) writeFileSync(chart, chartOf(outcome))
  if (outcome.report.offered === 0) process.stderr.write('gaugekeeper: no reading was offered: nothing was measured\n')
  if (!isWhole(outcome)) process.exitCode = 5
}

/** Throws a CommandError (exit 3) when so many sockets cannot be opened here, or in a server on this machine. */
function requireFiles({ devices, processes }: LoadOptions, server: SocketNeed['server']): void {
  const wrong = tooFewFiles({ devices, processes, ownLimit: ownOpenFiles(), server })
  if (wrong !== null) throw new CommandError('config-invalid', `looking at the limit of open files: ${wrong}`, 3)
}

/** Options that say two things of one, in a sentence. */
function contradictionOf({ closed, rate, profile, tls, url, ca }: LoadOptions): string | null {
  if (tls && url !== undefined) return 'write mqtts:// in --url instead of --tls'
  if (ca !== undefined && url === undefined) return '--ca is for a broker at --url; --tls knows a server of ours'
  if (!closed || (rate === undefined && profile !== 'ramp')) return null
  const other = rate === undefined ? `--profile ${profile}` : '--rate'
  return `a closed loop goes as fast as it is acknowledged; leave out --closed or ${other}`
}

/** A file that the chart will be written to, before the load rather than behind it. */
function opened(file: string): number {
  try {
    return openSync(file, 'w')
  } catch (cause) {
    throw new CommandError('config-invalid', `writing the chart: ${cause instanceof Error ? cause.message : String(cause)}`, 2, { cause })
  }
}

async function loadOurs(options: LoadOptions): Promise<LoadOutcome> {
  const settings = settingsOf(options).config
  const running = readServerFile(settings.server.data)
  requireFiles(options, running === null ? 'own' : { pid: running.pid, limit: openFilesOf(running.pid) })
  const { client, close } = await privateOrLocalServer(settings)
  try {
    const run = `load-${realWorld.now().toString(36)}`
    const door = options.tls ? await secureDoor(client, running) : plainDoor(client)
    const target = await provision(client, run, options.devices, formatDuration(options.every), door)
    const watch = watchServer(client, realWorld.monotonic)
    try {
      const report = await make({ ...target, ...orderOf(wishOf(options), realWorld.now()) }, options)
      const account = await target.account(report.acknowledged)
      return { target: addressOf(door), report, account, server: await watch.end() }
    } finally {
      await watch.end()
      if (!options.keep) await target.remove()
    }
  } finally {
    await close()
  }
}

async function loadTheirs(options: LoadOptions, url: string): Promise<LoadOutcome> {
  const login = options.user === undefined ? null : { user: options.user, password: options.password ?? '' }
  const target = strangeTarget(url, options.devices, login, options.ca === undefined ? null : readPem(options.ca))
  requireFiles(options, 'elsewhere')
  const report = await make({ ...target, ...orderOf(wishOf(options), realWorld.now()) }, options)
  return { target: url, report, account: null, server: null }
}

const addressOf = ({ host, port, tls }: LoadDoor): string => `${tls ? 'mqtts' : 'mqtt'}://${host}:${port}`

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CommandError('config-invalid', `reading --ca: ${cause instanceof Error ? cause.message : String(cause)}`, 2, { cause })
  }
}

const wishOf = ({ every, closed, window, rate, churn, ...rest }: LoadOptions): LoadWish => ({
  ...rest,
  ...{ everyMs: every, window: closed ? window : null, rate: rate ?? null, churn: churn ?? null },
})

/** Makes the load with a progress line; the first Ctrl-C ends it early and still reports. Throws a CommandError (exit 4) when it cannot. */
async function make(order: LoadOrder, { processes }: LoadOptions): Promise<LoadReport> {
  const seconds = secondsOf(order)
  const opening = createProgressBar(process.stderr, order.devices.length)
  const running = createProgressBar(process.stderr, seconds)
  let stop = (): void => process.exit(130)
  const onInterrupt = (): void => stop()
  process.once('SIGINT', onInterrupt)
  try {
    return await loadInProcesses(order, {
      ...{ processes, fork: () => fork(process.argv[1] ?? '', ['load-process']) },
      onOpened: (count) => opening.show(count, 'connected'),
      onSecond: ({ second, acknowledged, connected, p50, p99 }) =>
        running.show(second + 1, `s: ${acknowledged}/s acknowledged, p50 ${p50 ?? '–'} p99 ${p99 ?? '–'} ms, ${connected} connected`),
      onStoppable: (ending) => {
        opening.end()
        stop = ending
      },
    })
  } catch (cause) {
    if (!(cause instanceof LoadFailed)) throw cause
    throw new CommandError('server-unreachable', `loading ${order.host}:${order.port}: ${cause.message}`, 4, { cause })
  } finally {
    running.end()
    process.removeListener('SIGINT', onInterrupt)
  }
}

function secondsOf({ pace }: LoadOrder): number {
  const ms = pace.kind === 'open' ? pace.phases.reduce((sum, phase) => sum + phase.ms, 0) : (pace.ms ?? 0)
  return Math.ceil(ms / 1000)
}

function chartOf({ target, report }: LoadOutcome): string {
  const title = `${report.devices} simulated devices, ${target}`
  return loadChart({ title, seconds: report.timeline }, { width: 900, height: 480 })
}

function asCount(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('write a whole number above 0')
  return value
}

function asPositive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('write a number above 0')
  return value
}

function asTime(text: string): number {
  const ms = parseDuration(text)
  if (ms === null || ms <= 0) throw new InvalidArgumentError('write a length of time, such as 1m or 15s')
  return ms
}
