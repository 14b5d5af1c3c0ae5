import type { Command } from 'commander'
import { localServer, type ApiClient } from './client.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface KeyRow {
  id: string
  name: string
  scopes: string[]
  expiresAt: number | null
  lastUsedAt: number | null
}

const server = (options: SettingOptions): ApiClient => localServer(settingsOf(options).config.server.data)
const moment = (at: number | null): string => (at === null ? 'never' : new Date(at).toISOString())

/** `gaugekeeper keys list|add|revoke` */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('keys with which programs ask the api')
  withSettings(keys.command('list').description('each with its scopes, its end and its last use')).action(
    async (options: SettingOptions) => {
      const { keys: rows } = await server(options).get<{ keys: KeyRow[] }>('/api/v1/keys')
      for (const { id, name, scopes, expiresAt, lastUsedAt } of rows)
        process.stdout.write(`${id}  ${name}  ${scopes.join(',')}  ends ${moment(expiresAt)}  used ${moment(lastUsedAt)}\n`)
    },
  )
  withSettings(keys.command('add').argument('<name>', 'what it is for').description('make a key and show it, once'))
    .option('--scope <scope...>', 'read, warnings, data, runs, devices, people, audit', ['read'])
    .option('--days <n>', 'how long it is good; 0 = until it is revoked', '365')
    .action(async (name: string, options: SettingOptions & { scope: string[]; days: string }) => {
      const days = Number(options.days)
      const body = { name, scopes: options.scope, ...(days !== 0 && { days }) }
      process.stdout.write(`${(await server(options).send<{ token: string }>('POST', '/api/v1/keys', body)).token}\n`)
      if (options.scope.includes('read')) process.stderr.write(`over MQTT it is the password of the user name ${name}\n`)
    })
  withSettings(keys.command('revoke').argument('<id>', 'as the list shows it').description('end a key')).action(
    async (id: string, options: SettingOptions) => {
      await server(options).send('DELETE', `/api/v1/keys/${encodeURIComponent(id)}`)
      process.stdout.write(`${id} revoked\n`)
    },
  )
}
