import path from 'node:path'
import type { Command } from 'commander'
import { faultTypes } from '../../devices-sim/faults/fault.ts'
import { withFaults, type MoreFaults } from '../../devices-sim/scenarios/more-faults.ts'
import type { SimulateProgress } from '../../devices-sim/simulate.ts'
import { createSimulation, type Simulation } from '../../devices-sim/simulation.ts'
import { hint } from '../../domain/nearest.ts'
import { parseDuration } from '../../domain/time.ts'
import { realWorld } from '../clock.ts'
import { CommandError } from '../errors.ts'
import { orderOf, type SimulationWish } from '../simulator/order.ts'
import { scenarioNames, scenarioOf } from '../simulator/scenarios.ts'
import { nameOfRun } from '../run-name.ts'
import { sendSimulation, type Sending } from '../simulator/send.ts'
import { openUnderTest, refusedBy } from '../under-test/under-test.ts'
import { account, counted, nothing, settleRun, type ValueAccount } from './account.ts'
import { asDays, asFactor, asHours, asInstant, asList, asRun, asSeed, asShare, asSpan, asSpeed, asStations } from './arguments.ts'
import type { ApiClient } from './client.ts'
import { withServer, type ServerOptions } from './chosen-server.ts'
import { createProgressBar } from './progress-bar.ts'
import { boundsOf, reportScore, scoreOnTerminal } from './score.ts'
import { tellOnStderr } from './stderr.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface SimulateOptions extends SettingOptions, ServerOptions {
  stations?: number
  seed: number
  start?: number
  speed: number | 'max'
  days?: number
  hours?: number
  faults?: string[]
  faultShare: number
  faultFactor: number
  truth?: string
  run?: string
  again?: boolean
  resendAfter?: number
  score?: boolean
  failOn?: string
  json?: boolean
}

const [hourMs, dayMs] = [3_600_000, 86_400_000]

/** `gaugekeeper simulate <scenario>` */
export function addSimulate(program: Command): void {
  withServer(
    withSettings(program.command('simulate').argument('[scenario]', 'name of a scenario, or a YAML file of your own; left out: the list')),
  )
    .description('run a scenario of a made basin over real MQTT, one login a device; all its data is marked as simulated')
    .option('--stations <n>', 'stations of the basin (default: as the scenario says)', asStations)
    .option('--seed <n>', 'begins all chance', asSeed, 1)
    .option(
      '--start <time>',
      'first moment, such as 2026-06-15T00:00:00Z (default: the 15th of the month of the scenario, last year)',
      asInstant,
    )
    .option('--speed <n>', 'simulated time against real time: 60 plays a minute a second; max = as fast as acknowledged', asSpeed, 'max')
    .option('--days <n>', 'length in days (default: as the scenario says)', asDays)
    .option('--hours <n>', 'length in hours', asHours)
    .option('--faults <types>', 'what goes wrong besides, separated by commas: spike,duplicate', asList)
    .option('--fault-share <share>', 'share of the places that have these, 0 to 1', asShare, 0.2)
    .option('--fault-factor <n>', "times the scenario's own faults; 0 leaves them out", asFactor, 1)
    .option('--truth <file>', 'write what really was: events, crossings, faults, every reading (.gz is compressed)')
    .option('--run <name>', 'name of the run (default: scenario and seed)', asRun)
    .option('--again', 'remove an earlier run of that name first; this one gets the next number behind it')
    .option(
      '--resend-after <time>',
      'without an acknowledgement for so long a device of MQTT breaks its line, comes back and sends again (default: 30s)',
      asSpan,
    )
    .option('--score', 'hold what the server stored and warned of against the truth at the end')
    .option('--fail-on <bounds>', 'with --score: exit 5 when a bound is passed, such as lost>0,detection<0.9')
    .option('--json', 'one JSON document on stdout')
    .action(simulateCommand)
}

async function simulateCommand(name: string | undefined, options: SimulateOptions): Promise<void> {
  if (name === undefined) return listScenarios()
  const scenario = withFaults(scenarioOf(name), faultsOf(options))
  const bounds = boundsOf(options.failOn)
  const { config } = settingsOf(options)
  const wantsScore = options.score ?? options.failOn !== undefined
  const orders = (scenario.system ?? []).map(({ fault }) => fault)
  const { client, field, hands, close } = await openUnderTest(orders, options, config)
  try {
    for (const line of refusedBy(orders, hands)) tellOnStderr(line)
    const begun = performance.now()
    const run = await nameOfRun(client, options.run ?? `${scenario.id}-${options.seed}`, {
      again: options.again ?? false,
      tell: tellOnStderr,
    })
    const truth = options.truth ?? (wantsScore ? path.join(config.server.data, 'truth', `${run}.jsonl.gz`) : null)
    const simulation = createSimulation(orderOf(scenario, run, { ...wishOf(options), protocols: field.keys() }, realWorld.now()))
    let before = nothing
    const progress = await send(client, simulation, {
      onBegun: async () => void (before = await counted(client, run)),
      ...{ field, hands, truth, speed: options.speed },
      ...(options.resendAfter !== undefined && { answerWithinMs: options.resendAfter }),
    })
    // its end is behind its last reading: an hour later every gauge would be called silent
    if (process.exitCode === undefined) await settleRun(client, run, simulation.endAt - 1, parseDuration(config.analytics.jobGrace) ?? 0)
    // what was on its way when it was stopped may never come
    const sent = process.exitCode === undefined ? progress.values : progress.acknowledged
    const result = await account(client, run, sent, before)
    const seconds = (performance.now() - begun) / 1000
    // with --score, the score is the one document of --json; an interrupted run has none
    if (!wantsScore || !options.json || process.exitCode !== undefined)
      report({ simulation, progress, result, seconds, truth, json: options.json ?? false })
    if (truth !== null && wantsScore && process.exitCode === undefined)
      reportScore(await scoreOnTerminal(client, truth), bounds, options.json ?? false)
  } finally {
    await close()
  }
}

function faultsOf({ faults = [], faultShare, faultFactor }: SimulateOptions): MoreFaults {
  const unknown = faults.find((type) => !(faultTypes as readonly string[]).includes(type))
  if (unknown === undefined) return { factor: faultFactor, more: faults, share: faultShare }
  const all = `these are ${faultTypes.join(', ')}`
  throw new CommandError('config-invalid', `reading --faults: there is no fault ${unknown}${hint(unknown, faultTypes)}; ${all}`, 2)
}

/** As the person who asks for it would say it. */
function wishOf({ stations, seed, start, days, hours }: SimulateOptions): SimulationWish {
  const lastsMs = days === undefined && hours === undefined ? undefined : (days ?? 0) * dayMs + (hours ?? 0) * hourMs
  return { stations, seed, startAt: start, lastsMs }
}

function listScenarios(): void {
  for (const name of scenarioNames()) {
    const { id, lasts, about } = scenarioOf(name)
    process.stdout.write(`${id.padEnd(22)} ${lasts.padStart(5)}  ${about.en}\n`)
  }
}

/** Sends with a progress line on a terminal; the first Ctrl-C ends it early. */
async function send(
  client: ApiClient,
  simulation: Simulation,
  how: Pick<Sending, 'field' | 'hands' | 'truth' | 'speed' | 'answerWithinMs' | 'onBegun'>,
): Promise<SimulateProgress> {
  const startAt = Date.parse(simulation.header.start)
  const bar = createProgressBar(process.stderr, Math.round((simulation.endAt - startAt) / hourMs))
  const interrupt = new AbortController()
  const onInterrupt = (): void => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  const progress = await sendSimulation(client, {
    ...{ simulation, ...how, stop: interrupt.signal },
    onStep: ({ at, values }) => bar.show(Math.round((at - startAt) / hourMs), `hours, ${new Date(at).toISOString()}, ${values} values`),
  })
  bar.end()
  process.removeListener('SIGINT', onInterrupt)
  if (interrupt.signal.aborted) {
    const until = progress.at === 0 ? 'before its first step' : `at ${new Date(progress.at).toISOString()}`
    process.stderr.write(`stopped ${until}: ${progress.acknowledged} values are acknowledged and stay in the server; it has no score\n`)
    process.exitCode = 130
  }
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
  const { messages, values, rejoined, unanswered, illTreated, truth } = progress
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ header, messages, values, rejoined, unanswered, illTreated, seconds, ...result, truth }, null, 2)}\n`,
    )
  } else {
    process.stdout.write(
      `run ${header.run}: ${header.stations} stations from ${header.start} to ${header.end} in ${seconds.toFixed(1)} s\n`,
    )
    process.stdout.write(`sent ${values} values in ${messages} messages; ${rejoined} devices came back after their line was cut\n`)
    if (unanswered > 0) process.stdout.write(`${unanswered} times no acknowledgement came in time, and a device sent again\n`)
    if (illTreated > 0) process.stdout.write(`${illTreated} times the system itself was ill-treated\n`)
    process.stdout.write(
      `received ${result.received} = stored ${result.stored} + new versions ${result.versions} + duplicate ${result.duplicate} + quarantined ${result.quarantined}\n`,
    )
    process.stdout.write(`warnings of the run: ${result.warnings}${result.moreWarnings ? ' or more' : ''}\n`)
    if (truth !== null)
      process.stdout.write(`the truth has ${truth.events} events, ${truth.crossings} crossings, ${truth.faults} faults: ${file}\n`)
  }
  if (!complete) process.exitCode = 5
}
