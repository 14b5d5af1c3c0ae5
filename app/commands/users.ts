import type { Command } from 'commander'
import { privateOrLocalServer } from './private-server.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

/** `gaugekeeper users reset [name]` */
export function addUsers(program: Command): void {
  const users = program.command('users').description('people who log in')
  withSettings(
    users.command('reset').argument('[name]', 'user name', 'admin').description('make a new one-time password and show it, once'),
  ).action(async (name: string, options: SettingOptions) => {
    const { client, close } = await privateOrLocalServer(settingsOf(options).config)
    try {
      const { user, password } = await client.send<{ user: string; password: string }>(
        'POST',
        `/cli/users/${encodeURIComponent(name)}/reset`,
        {},
      )
      process.stdout.write(`${user} ${password}\n`)
    } finally {
      await close()
    }
  })
}
