import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { readScenario, type Scenario } from '../../devices-sim/scenarios/scenario.ts'
import { simulate, type SimulateProgress } from '../../devices-sim/simulate.ts'
import { createSimulation, type Simulation } from '../../devices-sim/simulation.ts'
import { createTruthWriter } from '../../devices-sim/truth/write.ts'
import { parseDuration } from '../../domain/time.ts'
import { realWorld } from '../clock.ts'
import { CommandError } from '../errors.ts'
import { account, settleRun, type ValueAccount } from './account.ts'
import { asInstant, asPositive, asSeed, asSpeed } from './arguments.ts'
import type { ApiClient } from './client.ts'
import { chosenServer, withServer, type ServerOptions } from './chosen-server.ts'
import { createProgressBar } from './progress-bar.ts'
import { boundsOf, reportScore, scoreTruth } from './score.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface SimulateOptions extends SettingOptions, ServerOptions {
  stations?: number
  seed: number
  start?: number
  speed: number | 'max'
  days?: number
  hours?: number
  truth?: string
  run?: string
  again?: boolean
  score?: boolean
  failOn?: string
  json?: boolean
}

const [hourMs, dayMs, stepMs] = [3_600_000, 86_400_000, 300_000]
const usualStations = 60

/** `gaugekeeper simulate <scenario>` */
export function addSimulate(program: Command): void {
  withServer(
    withSettings(program.command('simulate').argument('[scenario]', 'name of a scenario, or a YAML file of your own; left out: the list')),
  )
    .description('run a scenario of a made basin over real MQTT, one login a device; all its data is marked as simulated')
    .option('--stations <n>', 'stations of the basin (default: as the scenario says)', asPositive)
    .option('--seed <n>', 'begins all chance', asSeed, 1)
    .option(
      '--start <time>',
      'first moment, such as 2026-06-15T00:00:00Z (default: the 15th of the month of the scenario, last year)',
      asInstant,
    )
    .option('--speed <n>', 'simulated time against real time: 60 plays a minute a second; max = as fast as acknowledged', asSpeed, 'max')
    .option('--days <n>', 'length in days (default: as the scenario says)', asPositive)
    .option('--hours <n>', 'length in hours', asPositive)
    .option('--truth <file>', 'write what really was: events, crossings, faults, every reading (.gz is compressed)')
    .option('--run <name>', 'name of the run (default: scenario and seed)')
    .option('--again', 'remove an earlier run of that name first')
    .option('--score', 'hold what the server stored and warned of against the truth at the end')
    .option('--fail-on <bounds>', 'with --score: exit 5 when a bound is passed, such as lost>0,detection<0.9')
    .option('--json', 'one JSON document on stdout')
    .action(simulateCommand)
}

async function simulateCommand(name: string | undefined, options: SimulateOptions): Promise<void> {
  if (name === undefined) return listScenarios()
  const scenario = scenarioOf(name)
  const run = options.run ?? `${scenario.id}-${options.seed}`
  const bounds = boundsOf(options.failOn)
  const simulation = createSimulation(orderOf(scenario, run, options))
  const { config } = settingsOf(options)
  const wantsScore = options.score ?? options.failOn !== undefined
  const truth = options.truth ?? (wantsScore ? path.join(config.server.data, 'truth', `${run}.jsonl.gz`) : null)
  const { client, close } = await chosenServer(options, config)
  const begun = performance.now()
  try {
    if (options.again) await client.send('DELETE', `/api/v1/runs/${run}`).catch(() => undefined)
    const progress = await send(client, simulation, { truth, speed: options.speed })
    if (process.exitCode === undefined) await settleRun(client, run, simulation.endAt, parseDuration(config.analytics.jobGrace) ?? 0)
    const result = await account(client, run, progress.values)
    const seconds = (performance.now() - begun) / 1000
    // with --score, the score is the one document of --json
    if (!wantsScore || !options.json) report({ simulation, progress, result, seconds, truth, json: options.json ?? false })
    if (truth !== null && wantsScore && process.exitCode === undefined)
      reportScore(await scoreTruth(client, truth), bounds, options.json ?? false)
  } finally {
    await close()
  }
}

function orderOf(scenario: Scenario, run: string, options: SimulateOptions): Parameters<typeof createSimulation>[0] {
  const { stations = scenario.stations ?? usualStations, seed, days, hours } = options
  const lastYear = new Date(realWorld.now()).getUTCFullYear() - 1
  const startAt = options.start ?? Date.UTC(lastYear, (scenario.month ?? 6) - 1, 15)
  const lastsMs = days === undefined && hours === undefined ? null : (days ?? 0) * dayMs + (hours ?? 0) * hourMs
  return { scenario, run, stations, seed, startAt: Math.floor(startAt / stepMs) * stepMs, lastsMs }
}

const folder = fileURLToPath(new URL('./scenarios', import.meta.url))

/** One of ours by its name, or the reader's own file. */
function scenarioOf(name: string): Scenario {
  const file = /[./\\]/.test(name) ? name : path.join(folder, `${name}.yaml`)
  try {
    return readScenario(readFileSync(file, 'utf8'), name)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
    throw new CommandError('config-invalid', `reading the scenario ${name}: there is none; these are ${names().join(', ')}`, 2, { cause })
  }
}

const names = (): string[] => readdirSync(folder).map((file) => path.basename(file, '.yaml'))

function listScenarios(): void {
  for (const name of names()) {
    const { id, lasts, about } = scenarioOf(name)
    process.stdout.write(`${id.padEnd(22)} ${lasts.padStart(5)}  ${about.en}\n`)
  }
}

interface Sending {
  /** File of the truth; null = nobody asked for it. */
  truth: string | null
  speed: number | 'max'
}

async function send(client: ApiClient, simulation: Simulation, { truth, speed }: Sending): Promise<SimulateProgress> {
  const { file, header, endAt } = simulation
  const { run } = header
  const { secrets } = await client.send<{ secrets: { device: string; secret: string }[] }>('POST', '/api/v1/runs', {
    run,
    network: file,
    clock: 'run',
  })
  const startAt = Date.parse(header.start)
  const bar = createProgressBar(process.stderr, Math.round((endAt - startAt) / hourMs))
  let interrupted = false
  const onInterrupt = (): void => void (interrupted = true)
  process.once('SIGINT', onInterrupt)
  if (truth !== null) mkdirSync(path.dirname(path.resolve(truth)), { recursive: true })
  const progress = await simulate({
    simulation,
    url: client.mqtt,
    secrets: new Map(secrets.map(({ device, secret }) => [device, secret])),
    speed,
    truth: truth === null ? null : await createTruthWriter(truth, header),
    clock: async (at) => void (await client.send('POST', `/api/v1/runs/${run}/clock`, { at })),
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    stopped: () => interrupted,
    onStep: ({ at, values }) => bar.show(Math.round((at - startAt) / hourMs), `hours, ${new Date(at).toISOString()}, ${values} values`),
  })
  bar.end()
  process.removeListener('SIGINT', onInterrupt)
  if (interrupted) process.exitCode = 130
  return progress
}

interface Report {
  simulation: Simulation
  progress: SimulateProgress
  result: ValueAccount
  seconds: number
  truth: string | null
  json: boolean
}

function report({ simulation: { header }, progress, result, seconds, truth: file, json }: Report): void {
  const complete = result.received === result.stored + result.versions + result.duplicate + result.quarantined
  const { messages, values, rejoined, truth } = progress
  if (json) {
    process.stdout.write(`${JSON.stringify({ header, messages, values, rejoined, seconds, ...result, truth }, null, 2)}\n`)
  } else {
    process.stdout.write(
      `run ${header.run}: ${header.stations} stations from ${header.start} to ${header.end} in ${seconds.toFixed(1)} s\n`,
    )
    process.stdout.write(`sent ${values} values in ${messages} messages; ${rejoined} devices came back after their line was cut\n`)
    process.stdout.write(
      `received ${result.received} = stored ${result.stored} + new versions ${result.versions} + duplicate ${result.duplicate} + quarantined ${result.quarantined}\n`,
    )
    process.stdout.write(`warnings of the run: ${result.warnings}${result.moreWarnings ? ' or more' : ''}\n`)
    if (truth !== null)
      process.stdout.write(`the truth has ${truth.events} events, ${truth.crossings} crossings, ${truth.faults} faults: ${file}\n`)
  }
  if (!complete) process.exitCode = 5
}
