import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { loadConfig, type Loaded } from '../config/load.ts'
import { GaugekeeperConfig, type Settings } from '../config/all.ts'

/** Options that every command with a configuration has. */
export interface SettingOptions {
  config?: string
  data?: string
  set?: Record<string, unknown>
}

/** Adds --config, --data and --set; the command's own flags are given to `settingsOf`. */
export function withSettings(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (default: gaugekeeper.yaml when it is there)')
    .option('--data <folder>', 'data folder (default ./data)')
    .option('--set <path=value...>', 'any setting, e.g. --set journal.maxBytes=1000000000', collect, {})
}

function collect(pair: string, all: unknown): Record<string, unknown> {
  const at = pair.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('write it as path=value')
  return { ...(all as Record<string, unknown>), [pair.slice(0, at)]: pair.slice(at + 1) }
}

/** Reads the configuration: flags > environment > file > defaults. Throws ConfigInvalid (exit 3). */
export function settingsOf(options: SettingOptions, flags: Record<string, unknown> = {}): Loaded<Settings> {
  const file = options.config ?? (existsSync('gaugekeeper.yaml') ? 'gaugekeeper.yaml' : null)
  const given = new Map<string, unknown>(Object.entries(flags).filter(([, value]) => value !== undefined))
  if (options.data !== undefined) given.set('server.data', options.data)
  return loadConfig<Settings>(GaugekeeperConfig, {
    file,
    environment: process.env,
    flags: given,
    texts: new Map(Object.entries(options.set ?? {})),
  })
}
