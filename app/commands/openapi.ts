import type { Command } from 'commander'
import { localServer } from './client.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

/** `gaugekeeper openapi`: the OpenAPI 3.1 document of the running server, on stdout. */
export function addOpenapi(program: Command): void {
  withSettings(program.command('openapi').description('print the OpenAPI 3.1 document of the running server')).action(
    async (options: SettingOptions) => {
      const document = await localServer(settingsOf(options).config.server.data).get<unknown>('/openapi.json')
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    },
  )
}
