import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { figuresOf, passedBounds, readBounds, type FailureBound } from '../../devices-sim/score/figures.ts'
import type { Score } from '../../devices-sim/score/score.ts'
import { CommandError } from '../errors.ts'
import { heldAgainst, scoreDocument } from '../scoring/score-truth.ts'
import { linesOfScore } from '../scoring/table.ts'
import type { ApiClient } from './client.ts'
import { serverToRead, withServer, type ServerOptions } from './chosen-server.ts'
import { createProgressBar } from './progress-bar.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface ScoreOptions extends SettingOptions, ServerOptions {
  failOn?: string
  json?: boolean
}

/** `gaugekeeper score <truth>` */
export function addScore(program: Command): void {
  withServer(withSettings(program.command('score').argument('<truth>', 'truth file of a simulation (.gz too)')))
    .description('hold what the server stored and warned of against what was true; exit 5 when a bound of --fail-on is passed')
    .option('--fail-on <bounds>', 'such as lost>0,detection<0.9')
    .option('--json', 'one JSON document on stdout')
    .action(scoreCommand)
}

async function scoreCommand(file: string, options: ScoreOptions): Promise<void> {
  const bounds = boundsOf(options.failOn)
  if (!existsSync(file)) throw new CommandError('config-invalid', `reading the truth of ${file}: there is no such file`, 2)
  const { client, close } = await serverToRead(options, settingsOf(options).config)
  try {
    reportScore(await scoreOnTerminal(client, file), bounds, options.json ?? false)
  } finally {
    await close()
  }
}

/** Bounds as written behind --fail-on. Throws a CommandError (exit 2) with what is wrong with them. */
export function boundsOf(text: string | undefined): FailureBound[] {
  if (text === undefined) return []
  const read = readBounds(text)
  if ('bounds' in read) return read.bounds
  throw new CommandError('config-invalid', `reading --fail-on: ${read.problem}`, 2)
}

/** Scores with a progress line on a terminal. Rejects as `heldAgainst` does. */
export async function scoreOnTerminal(client: ApiClient, file: string): Promise<Score> {
  const bars: ReturnType<typeof createProgressBar>[] = []
  const { score } = await heldAgainst(
    client,
    file,
    (done, of) => (bars[0] ??= createProgressBar(process.stderr, of)).show(done, 'stations'),
    (line) => process.stderr.write(`${line}\n`),
  )
  bars[0]?.end()
  return score
}

/** Prints a score; sets exit code 5 when it passes a bound. */
export function reportScore(score: Score, bounds: readonly FailureBound[], json: boolean): void {
  const figures = figuresOf(score)
  const document = scoreDocument(score, bounds)
  const passed = passedBounds(bounds, figures)
  if (json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  else process.stdout.write(linesOfScore(score, figures).join(''))
  for (const { text, name } of passed) process.stderr.write(`bound ${text}: ${name} is ${document.figures[name]}\n`)
  if (passed.length > 0) process.exitCode = 5
}
