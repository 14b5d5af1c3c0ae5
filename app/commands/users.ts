import type { Command } from 'commander'
import type { Audit } from '../../domain/audit.ts'
import { CommandError } from '../errors.ts'
import { forgetFirstPassword } from '../server-file.ts'
import { localServer, type ApiClient } from './client.ts'
import { inFolder } from './in-folder.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface UserRow {
  name: string
  role: string
  mustChangePassword: boolean
}

/** `gaugekeeper users list|add|role|remove|reset|password` */
export function addUsers(program: Command): void {
  const users = program.command('users').description('people who log in')
  withSettings(users.command('list').description('who they are, with their roles')).action(async (options: SettingOptions) => {
    const { users: rows } = await server(options).get<{ users: UserRow[] }>('/api/v1/users')
    for (const { name, role, mustChangePassword } of rows)
      process.stdout.write(`${name}  ${role}${mustChangePassword ? '  one-time password' : ''}\n`)
  })
  withSettings(
    users.command('add').argument('<name>').argument('<role>', roleList).description('add somebody and show a one-time password'),
  ).action(async (name: string, role: string, options: SettingOptions) => {
    const made = await server(options).send<{ user: string; password: string }>('POST', '/api/v1/users', { name, role })
    process.stdout.write(`${made.user} ${made.password}\n`)
  })
  withSettings(users.command('role').argument('<name>').argument('<role>', roleList).description('give somebody another role')).action(
    async (name: string, role: string, options: SettingOptions) => {
      await server(options).send('PUT', `/api/v1/users/${encodeURIComponent(name)}/role`, { role })
      process.stdout.write(`${name} ${role}\n`)
    },
  )
  withSettings(users.command('remove').argument('<name>').description('take somebody away; their sessions end')).action(
    async (name: string, options: SettingOptions) => {
      await server(options).send('DELETE', `/api/v1/users/${encodeURIComponent(name)}`)
      process.stdout.write(`${name} removed\n`)
    },
  )
  withSettings(
    users.command('reset').argument('[name]', 'user name', 'admin').description('make a new one-time password and show it, once'),
  ).action(async (name: string, options: SettingOptions) => {
    const { config } = settingsOf(options)
    const { user, password } = await inFolder(config, {
      asked: (client) => client.send<OneTimePassword>('POST', `/api/v1/users/${encodeURIComponent(name)}/reset`, {}),
      alone: async ({ people, audit }) => found(name, await people.reset(name), audit, 'resetUser'),
    })
    if (user === 'admin') forgetFirstPassword(config.server.data)
    process.stdout.write(`${user} ${password}\n`)
  })
  withSettings(
    users
      .command('password')
      .argument('[name]', 'user name', 'admin')
      .description('set a password that is read from standard input (its first line), as for a container that has no console yet'),
  ).action(async (name: string, options: SettingOptions) => {
    const password = await firstLine(process.stdin)
    const { config } = settingsOf(options)
    await inFolder<unknown>(config, {
      asked: (client) => client.send('POST', `/cli/users/${encodeURIComponent(name)}/password`, { password }),
      alone: async ({ people, audit }) => found(name, (await people.setPassword(name, password)) || null, audit, 'setPassword'),
    })
    process.stderr.write(`${name} logs in with that password from now on\n`)
  })
}

interface OneTimePassword {
  user: string
  password: string
}

/** What was made for somebody while no server ran, noted; throws when there is nobody of that name. */
async function found<Made>(name: string, made: Made | null, audit: Audit, action: string): Promise<Made> {
  if (made === null) throw new CommandError('server-refused', `looking for user ${name}: there is none of that name`, 1)
  await audit.record({
    ...{ action, outcome: 'done', who: 'command line', target: name, address: null, reason: null },
    detail: 'while no server ran',
  })
  return made
}

const roleList = 'viewer, officer, engineer or administrator'

const server = (options: SettingOptions): ApiClient => localServer(settingsOf(options).config.server.data)

/** The first line of what is piped in; nothing is asked on a terminal, which would show it. */
async function firstLine(input: typeof process.stdin): Promise<string> {
  if (input.isTTY)
    throw new CommandError('config-invalid', 'setting a password: give it on standard input, e.g. users password admin < password.txt', 2)
  let text = ''
  for await (const chunk of input) text += String(chunk)
  return text.split(/\r?\n/, 1)[0] ?? ''
}
