import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parse } from 'csv-parse/sync'
import { identityProblem, renamed, type Identities } from '../capture/identities.ts'
import { CommandError } from '../errors.ts'
import { capturedLines, noNetwork, type CaptureQuery } from '../system/captured.ts'
import type { IdleFolder } from '../system/idle-folder.ts'
import { inFolder, mustBeDataFolder } from './in-folder.ts'
import { asInstant } from './arguments.ts'
import { linesIn } from '../capture/lines-in.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface CaptureOptions extends SettingOptions {
  from?: string
  to?: string
  run?: string
  network?: string
  since?: number
  until?: number
  identities?: string
}

/** `gaugekeeper capture [--run name] [--from N] [--to N]`: the journal as JSON lines on stdout. */
export function addCapture(program: Command): void {
  withSettings(program.command('capture').description('print what was received, as it was received: the journal as JSON lines'))
    .option('--from <number>', 'first delivery (default: the oldest kept)')
    .option('--to <number>', 'last delivery (default: the newest)')
    .option('--run <name>', 'only of this simulation or replay')
    .option('--network <id>', 'only of this network, also of the real fleet')
    .option('--since <time>', 'received from then on, such as 2026-06-15T00:00:00Z', asInstant)
    .option('--until <time>', 'received up to then', asInstant)
    .option('--identities <csv>', 'give devices other names: columns device and as')
    .action(async (options: CaptureOptions) => {
      const { config } = settingsOf(options)
      mustBeDataFolder(config.server.data)
      const { from, to, run, network, since, until, identities } = options
      const wanted = Object.entries({ from, to, run, network, since, until })
      const query = Object.fromEntries(wanted.flatMap(([key, value]) => (value ? [[key, String(value)]] : [])))
      const print = async (body: AsyncIterable<Uint8Array>): Promise<void> => {
        for await (const chunk of identities === undefined ? body : renamedLines(body, identities))
          if (!process.stdout.write(chunk)) await once(process.stdout, 'drain')
      }
      await inFolder(config, {
        asked: async (client) => print(await client.stream(`/cli/capture?${new URLSearchParams(query).toString()}`)),
        alone: (folder) => print(linesOf(folder, query)),
      })
    })
}

/** As the server says it when one runs. */
function linesOf({ journal, networks }: IdleFolder, query: CaptureQuery): AsyncIterable<Uint8Array> {
  const lines = capturedLines(journal, networks.fleet().networks, query)
  if (lines === null) throw new CommandError('server-refused', `capturing: ${noNetwork(query)}`, 1)
  return lines
}

async function* renamedLines(body: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  const identities = identitiesIn(file)
  let isFirst = true
  for await (const line of linesIn(body)) {
    const problem = isFirst ? identityProblem(line, identities) : null
    if (problem !== null) throw new CommandError('import-refused', `reading ${file}: ${problem}`, 2)
    isFirst = false
    yield `${renamed(line, identities)}\n`
  }
}

function identitiesIn(file: string): Identities {
  const rows = parse(readFileSync(file, 'utf8'), { columns: true, bom: true, trim: true, skip_empty_lines: true }) as Record<
    string,
    string
  >[]
  const wrong = rows.findIndex((row) => !row['device'] || !row['as'])
  if (rows.length > 0 && wrong === -1) return new Map(rows.map((row) => [row['device'] ?? '', row['as'] ?? '']))
  throw new CommandError('import-refused', `reading ${file}: row ${wrong + 1} has no device and as; the columns are device,as`, 2)
}
