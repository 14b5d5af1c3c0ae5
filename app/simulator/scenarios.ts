import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { readScenario, type Scenario } from '../../devices-sim/scenarios/scenario.ts'
import { CommandError } from '../errors.ts'

const folder = fileURLToPath(new URL('./scenarios', import.meta.url))

/** Names of the scenarios that come with the program, in the order of the alphabet. */
export const scenarioNames = (): string[] =>
  readdirSync(folder)
    .map((file) => path.basename(file, '.yaml'))
    .sort()

/** One of ours by its name, or the reader's own file. Throws a CommandError (exit 2) when there is none, and ScenarioInvalid with its mistakes. */
export function scenarioOf(name: string): Scenario {
  const file = /[./\\]/.test(name) ? name : path.join(folder, `${name}.yaml`)
  try {
    return readScenario(readFileSync(file, 'utf8'), name)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
    throw new CommandError('config-invalid', `reading the scenario ${name}: there is none; these are ${scenarioNames().join(', ')}`, 2, {
      cause,
    })
  }
}
