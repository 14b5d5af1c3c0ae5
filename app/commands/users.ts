import type { Command } from 'commander'
import { CommandError } from '../errors.ts'
import { privateOrLocalServer } from './private-server.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

/** `gaugekeeper users reset|password [name]` */
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
  withSettings(
    users
      .command('password')
      .argument('[name]', 'user name', 'admin')
      .description('set a password that is read from standard input (its first line), as for a container that has no console yet'),
  ).action(async (name: string, options: SettingOptions) => {
    const password = await firstLine(process.stdin)
    const { client, close } = await privateOrLocalServer(settingsOf(options).config)
    try {
      await client.send('POST', `/cli/users/${encodeURIComponent(name)}/password`, { password })
      process.stderr.write(`${name} logs in with that password from now on\n`)
    } finally {
      await close()
    }
  })
}

/** The first line of what is piped in; nothing is asked on a terminal, which would show it. */
async function firstLine(input: typeof process.stdin): Promise<string> {
  if (input.isTTY)
    throw new CommandError('config-invalid', 'setting a password: give it on standard input, e.g. users password admin < password.txt', 2)
  let text = ''
  for await (const chunk of input) text += String(chunk)
  return text.split(/\r?\n/, 1)[0] ?? ''
}
