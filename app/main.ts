import { Command, CommanderError } from 'commander'
import { GaugekeeperError } from '../domain/errors.ts'
import { CommandError } from './errors.ts'
import { commands, type AddCommand } from './commands/registry.ts'
import { version } from './version.ts'

/** Runs one command line; sets the exit code of the process. Data goes to stdout, talk to stderr. */
export async function main(argv: readonly string[]): Promise<void> {
  // Whoever reads our output may have seen enough (| head): no fault of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  const program = new Command('gaugekeeper')
    .description('Keeps the gauges of a catchment: takes in every reading, loses none, and warns before a limit is passed.')
    .version(version)
    .exitOverride()
    // an option belongs to the command it stands behind: `doctor bundle --data` is not doctor's
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 usage, 3 configuration, 4 peer unreachable, 5 check found problems, 130 interrupted.',
    )
  for (const load of commandsFor(argv[2])) (await load())(program)
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** The command that is named first; all of them when none is, for the help and for what stands under two names. */
function commandsFor(name: string | undefined): (() => Promise<AddCommand>)[] {
  const named = name === undefined ? undefined : commands.get(name)
  return named === undefined ? [...commands.values()] : [named]
}

/** Of errors that no command gives one. */
const exitCodes: ReadonlyMap<string, number> = new Map([
  ['network-invalid', 3],
  ['scenario-invalid', 2],
  ['server-away', 4],
])

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof CommandError) {
    process.stderr.write(`gaugekeeper: ${error.message}\n`)
    return error.exitCode
  }
  if (error instanceof GaugekeeperError) {
    process.stderr.write(`gaugekeeper: ${error.message} [${error.code}]\n`)
    return exitCodes.get(error.code) ?? 1
  }
  process.stderr.write(`gaugekeeper: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return 1
}
