import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Settings } from '../config/all.ts'
import { realWorld } from '../clock.ts'
import { CommandError } from '../errors.ts'
import { readServerFile } from '../server-file.ts'
import { isLoopback } from '../system/listen.ts'
import { startSystem } from '../system/start.ts'
import { clientOf, type ApiClient } from './client.ts'
import { mustBeDataFolder } from './in-folder.ts'
import { mustKnowWhoWaits } from '../system/who-waits.ts'

/** Options of commands that work with a server elsewhere too. */
export interface ServerOptions {
  url?: string
  keyFile?: string
  insecure?: boolean
}

/** A server, and how to let go of it. */
export interface ChosenServer {
  client: ApiClient
  close: () => Promise<void>
}

/** Adds --url, --key-file and --insecure. */
export function withServer(command: Command): Command {
  return command
    .option('--url <url>', 'a server elsewhere, https://gauges.example (default: the one of this data folder, else a private one in it)')
    .option('--key-file <file>', 'its key, as `keys add` shows it (default: GAUGEKEEPER_API_KEY)')
    .option('--insecure', 'send the key without TLS to an http:// address that is not of this machine')
}

/**
 * The server at --url, or the one of the data folder, or a private one. Throws CommandError (exit 2) when it has no key for --url, and when
 * the key would go there in the open.
 */
export async function chosenServer(options: ServerOptions, settings: Settings): Promise<ChosenServer> {
  if (options.url === undefined) return privateOrLocalServer(settings)
  const url = urlOf(options.url, options.insecure === true)
  const mqtt = `${url.origin.replace(/^http/, 'ws')}/mqtt`
  return { client: clientOf({ url: url.origin, mqtt, cliToken: keyFor(options.url, options.keyFile) }), close: () => Promise.resolve() }
}

/** As `chosenServer`, for commands that only read: a data folder that is not there is a slip (CommandError, exit 2), not one to be made. */
export async function serverToRead(options: ServerOptions, settings: Settings): Promise<ChosenServer> {
  if (options.url === undefined) mustBeDataFolder(settings.server.data)
  return chosenServer(options, settings)
}

/**
 * The server that has the data folder open, or one of our own in it for as long as the command runs. Throws CommandError (exit 3) when our
 * own would put aside what devices are acknowledged for.
 */
export async function privateOrLocalServer(settings: Settings): Promise<ChosenServer> {
  const running = readServerFile(settings.server.data)
  if (running) return { client: clientOf(running), close: () => Promise.resolve() }
  const quiet: Settings = {
    ...settings,
    server: { ...settings.server, host: '127.0.0.1', port: 0, mqttPort: 0, logLevel: 'warn' },
    tls: { ...settings.tls, enabled: false },
    demo: { ...settings.demo, enabled: false },
  }
  const system = await startSystem(quiet, realWorld, mustKnowWhoWaits)
  // what a command reads of it is whole
  await system.caughtUp
  return { client: clientOf({ url: system.url, mqtt: system.mqtt, cliToken: system.cliToken }), close: () => system.stop() }
}

/** A server's devices reach it at the address of its api, by MQTT over WebSocket: what is said of the key holds for their secrets. */
function urlOf(given: string, insecure: boolean): URL {
  const url = URL.canParse(given) ? new URL(given) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new CommandError('config-invalid', `reading --url ${given}: write it as http://host:port or https://host`, 2)
  if (url.protocol === 'https:' || insecure || isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) return url
  const how = 'write https://, or add --insecure on a network that is your own'
  throw new CommandError('config-invalid', `asking ${given}: the key would pass the network unencrypted; ${how}`, 2)
}

function keyFor(url: string, file: string | undefined): string {
  const key = file === undefined ? process.env.GAUGEKEEPER_API_KEY : readKey(file)
  if (key !== undefined && key !== '') return key
  throw new CommandError(
    'config-invalid',
    `asking ${url}: it wants a key; make one there with \`gaugekeeper keys add <name> --scope read runs\` and name its file with --key-file`,
    2,
  )
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new CommandError('config-invalid', `reading the key from ${file}: there is no such file that can be read`, 2, { cause })
  }
}
