import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { parseDuration } from '../../domain/time.ts'
import { RecordUnreadable } from '../../devices-sim/errors.ts'
import { makeNetwork, surveyRecord, type RecordSurvey } from '../../devices-sim/replay/network.ts'
import { replay, type ReplayProgress } from '../../devices-sim/replay/replay.ts'
import { recordedFiles } from '../../devices-sim/replay/rows.ts'
import { stagesFrom, type StagesFromRecord } from '../../devices-sim/replay/stages.ts'
import { realWorld } from '../clock.ts'
import { isCapture } from '../capture/replay-capture.ts'
import { CommandError } from '../errors.ts'
import { nameOfRun } from '../run-name.ts'
import { account, counted, nothing, settleRun, type ValueAccount } from './account.ts'
import { asPositive, asRun, asSpan, asSpeed } from './arguments.ts'
import type { ApiClient } from './client.ts'
import { chosenServer, withServer, type ServerOptions } from './chosen-server.ts'
import { createProgressBar } from './progress-bar.ts'
import { replayCaptureCommand } from './replay-capture.ts'
import { tellOnStderr } from './stderr.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface ReplayOptions extends SettingOptions, ServerOptions {
  speed: number | 'max'
  rate?: number
  run?: string
  stagesFrom?: string
  percentile: number
  makeNetwork?: string
  of?: string
  network?: string
  again?: boolean
  restart?: boolean
  resendAfter?: number
  json?: boolean
}

/** `gaugekeeper replay <folder-or-file>` */
export function addReplay(program: Command): void {
  withServer(
    withSettings(
      program
        .command('replay')
        .argument('<folder-or-file>', 'recorded readings (CSV: time, station, parameter, value, unit …), or a capture (.jsonl)'),
    ),
  )
    .description('send recorded readings over real MQTT, one login a station')
    .option('--speed <n>', 'recorded time against real time: 60 plays a minute a second; max = as fast as acknowledged', asSpeed, 'max')
    .option('--rate <n>', 'most readings a second', asPositive)
    .option('--run <name>', 'name of the run (default: from the folder)', asRun)
    .option('--again', 'remove an earlier run of that name first; this one gets the next number behind it')
    .option('--stages-from <csv>', 'set each water level gauge a warning stage from this recorded quiet time')
    .option('--percentile <n>', 'percentile for --stages-from', asPositive, 95)
    .option('--make-network <file>', 'write the network that the replay uses')
    .option('--of <network>', 'of a capture: which network, when it holds several')
    .option('--network <file>', 'of a capture: this network file instead of the captured one')
    .option(
      '--resend-after <time>',
      'without an acknowledgement for so long a device of MQTT breaks its line, comes back and sends again (default: 30s)',
      asSpan,
    )
    .option('--restart', 'begin at the first reading even when an earlier replay of this run was cut')
    .option('--json', 'one JSON document on stdout')
    .action(replayCommand)
}

async function replayCommand(place: string, options: ReplayOptions): Promise<void> {
  if (await isCapture(place)) return replayCaptureCommand(place, options)
  const files = await readable(place)
  const stages = options.stagesFrom === undefined ? null : await stagesFrom(await readable(options.stagesFrom), options.percentile)
  const survey = await surveyRecord(files)
  const { config } = settingsOf(options)
  const { client, close } = await chosenServer(options, config)
  try {
    const wanted = options.run ?? slug(place)
    const kept = progressFile(config.server.data, wanted)
    const cut = options.again ? null : kept.read()
    const run = cut?.run ?? (await nameOfRun(client, wanted, { again: options.again ?? false, tell: tellOnStderr }))
    const network = makeNetwork(survey, { id: run, ...(stages ? { stages: stages.stages } : {}) })
    if (options.makeNetwork !== undefined) writeFileSync(options.makeNetwork, stringify(network))
    const { progress, before } = await send(client, { run, network, files, rows: survey.rows, done: cut?.rows ?? 0, kept }, options)
    if (process.exitCode === undefined) await settleRun(client, run, progress.at, parseDuration(config.analytics.jobGrace) ?? 0)
    // what was on its way when it was stopped may never come
    const result = await account(client, run, process.exitCode === undefined ? progress.sent : progress.acknowledged, before)
    report(run, survey, stages, progress, result, options.json ?? false)
  } finally {
    await close()
  }
}

async function readable(place: string): Promise<string[]> {
  const files = await recordedFiles(place).catch((cause: unknown) => {
    if (cause instanceof RecordUnreadable) throw cause
    throw new CommandError('config-invalid', `reading ${place}: there is no such file or folder`, 2, { cause })
  })
  if (files.length > 0) return files
  throw new CommandError('config-invalid', `reading ${place}: no CSV with the columns time, station, parameter and value`, 2)
}

interface Sending {
  run: string
  network: Record<string, unknown>
  files: readonly string[]
  /** Rows in the files, and how many of them were sent before it was cut. */
  rows: number
  done: number
  kept: ProgressFile
}

async function send(
  client: ApiClient,
  { run, network, files, rows, done, kept }: Sending,
  options: ReplayOptions,
): Promise<{ progress: ReplayProgress; before: ValueAccount }> {
  const body = { run, network, clock: 'run' }
  const { secrets } = await client.send<{ secrets: { device: string; secret: string }[] }>('POST', '/api/v1/runs', body)
  const before = done === 0 ? await counted(client, run) : nothing
  const bar = createProgressBar(process.stderr, rows)
  const interrupt = new AbortController()
  const onInterrupt = (): void => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  let savedAt = 0
  const progress = await replay({
    files,
    url: client.mqtt,
    run,
    secrets: new Map(secrets.map(({ device, secret }) => [device, secret])),
    speed: options.speed,
    timers: realWorld.timers,
    ...(options.resendAfter !== undefined && { answerWithinMs: options.resendAfter }),
    rate: options.rate ?? null,
    resumeAfterRows: options.restart ? 0 : done,
    now: () => performance.now(),
    sleep: (ms) => wait(ms, undefined, { signal: interrupt.signal }).catch(() => undefined),
    stop: interrupt.signal,
    onStep: (step) => {
      bar.show(step.acknowledged + step.skipped, new Date(step.at).toISOString())
      if (performance.now() - savedAt < 1000) return
      savedAt = performance.now()
      kept.write({ run, rows: step.acknowledged + step.skipped })
    },
  })
  bar.end()
  process.removeListener('SIGINT', onInterrupt)
  const through = progress.acknowledged + progress.skipped
  const isCut = interrupt.signal.aborted && through < rows
  kept.write({ run, rows: isCut ? through : 0 })
  if (isCut) {
    process.stderr.write(
      `stopped: ${through} of ${rows} rows are acknowledged and stay in run ${run}; the same command goes on behind them\n`,
    )
    process.exitCode = 130
  }
  return { progress, before }
}

/** Where a cut replay goes on: under which name, and behind how many rows that were acknowledged, step by step. */
interface Progress {
  run: string
  rows: number
}

interface ProgressFile {
  /** Null where none was cut. */
  read(): Progress | null
  /** @param progress 0 rows of a whole one */
  write(progress: Progress): void
}

function progressFile(data: string, wanted: string): ProgressFile {
  const file = path.join(data, 'replays', `${wanted}.json`)
  return {
    read: () => {
      try {
        const { run = wanted, rows } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Progress>
        return rows ? { run, rows } : null
      } catch {
        return null
      }
    },
    write: (progress) => {
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify(progress))
    },
  }
}

function report(
  run: string,
  { rows }: RecordSurvey,
  stages: StagesFromRecord | null,
  progress: ReplayProgress,
  result: ValueAccount,
  json: boolean,
): void {
  const leftOut = [...(stages?.leftOut ?? [])].map(([station, readings]) => ({ station, readings }))
  const complete = result.received === result.stored + result.versions + result.duplicate + result.quarantined
  if (json)
    process.stdout.write(
      `${JSON.stringify({ run, rows, sent: progress.sent, skipped: progress.skipped, unanswered: progress.unanswered, ...result, leftOut }, null, 2)}\n`,
    )
  else {
    process.stdout.write(`run ${run}: ${rows} rows in the files, ${progress.sent} sent now, ${progress.skipped} sent before\n`)
    if (progress.unanswered > 0)
      process.stdout.write(`${progress.unanswered} times no acknowledgement came in time, and a station sent again\n`)
    process.stdout.write(
      `received ${result.received} = stored ${result.stored} + new versions ${result.versions} + duplicate ${result.duplicate} + quarantined ${result.quarantined}\n`,
    )
    process.stdout.write(`warnings of the run: ${result.warnings}${result.moreWarnings ? ' or more' : ''}\n`)
    for (const { station, readings } of leftOut) process.stdout.write(`no stage for ${station}: only ${readings} quiet readings\n`)
  }
  if (!complete) process.exitCode = 5
}

const slug = (place: string): string =>
  path
    .basename(path.resolve(place))
    .replace(/\.csv(\.gz)?$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
