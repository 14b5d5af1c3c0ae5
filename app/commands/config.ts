import type { Command } from 'commander'
import { GaugekeeperConfig } from '../config/all.ts'
import { sampleConfig } from '../config/sample.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

/** `gaugekeeper config print|sample|schema` */
export function addConfig(program: Command): void {
  const config = program.command('config').description('show, check or document the configuration')
  withSettings(
    config
      .command('print')
      .description('each setting, its value and where it came from; secrets masked')
      .option('--json', 'one JSON document'),
  ).action((options: SettingOptions & { json?: boolean }) => {
    const { config: values, origins, fields } = settingsOf(options)
    const rows = fields.map((field) => {
      const value = field.path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], values)
      return { setting: field.path, value: field.secret && value ? '***' : (value ?? null), origin: origins.get(field.path) ?? 'default' }
    })
    if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
    else for (const row of rows) process.stdout.write(`${row.setting} = ${JSON.stringify(row.value)}  (${row.origin})\n`)
  })
  config
    .command('sample')
    .description('a commented gaugekeeper.yaml with every setting at its default')
    .action(() => void process.stdout.write(sampleConfig(GaugekeeperConfig)))
  config
    .command('schema')
    .description('the JSON schema of the configuration')
    .action(() => void process.stdout.write(`${JSON.stringify(GaugekeeperConfig, null, 2)}\n`))
}
