import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { clientOf, type ApiClient } from '../commands/client.ts'
import type { SettingOptions } from '../commands/settings.ts'
import { CommandError } from '../errors.ts'
import { readServerFile, type ServerFile } from '../server-file.ts'

/** A server in a process of its own that the command may kill. */
export interface OwnServer {
  /** Follows it through every start. */
  client: ApiClient
  /** Where it listens now. */
  address(): ServerFile
  /** SIGKILL, and a new start on the same data; resolves when that is ready. */
  killAndStart(): Promise<void>
  /** SIGTERM; resolves when it has drained. */
  stop(): Promise<void>
}

const quiet = ['server.host=127.0.0.1', 'server.port=0', 'server.mqttPort=0', 'server.logLevel=warn', 'tls.enabled=false']
const gateways = ['gateways.hj212.port=0', 'gateways.sl651.port=0']
/** Opening a store of some millions of readings takes seconds. */
const readyWithinMs = 120_000

/** Starts `serve` on the data folder of the options. Rejects with a CommandError (exit 4) when it does not come up, and with what it said. */
export async function startOwnServer(data: string, { config, set = {} }: SettingOptions, settings: readonly string[]): Promise<OwnServer> {
  const given = Object.entries(set).map(([path, value]) => `${path}=${String(value)}`)
  const sets = [...given, ...quiet, ...gateways, ...settings].flatMap((pair) => ['--set', pair])
  const args = ['serve', '--no-demo', '--data', data, ...(config === undefined ? [] : ['--config', config]), ...sets]
  let running = await start(data, args)
  return {
    client: {
      get url() {
        return running.file.url
      },
      get mqtt() {
        return running.file.mqtt
      },
      get: (place) => clientOf(running.file).get(place),
      stream: (place) => clientOf(running.file).stream(place),
      send: (method, place, body) => clientOf(running.file).send(method, place, body),
    },
    address: () => running.file,
    async killAndStart() {
      await end(running.child, 'SIGKILL')
      running = await start(data, args)
    },
    stop: () => end(running.child, 'SIGTERM'),
  }
}

interface Running {
  child: ChildProcess
  file: ServerFile
}

async function start(data: string, args: readonly string[]): Promise<Running> {
  // a group of its own: Ctrl-C ends the command, which then stops its server
  const child = spawn(process.execPath, [process.argv[1] ?? '', ...args], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  const said: string[] = []
  child.stderr?.on('data', (chunk: Buffer) => void (said.length < 100 && said.push(chunk.toString())))
  const abandon = (): void => void child.kill('SIGKILL')
  process.once('exit', abandon) // a command that breaks leaves no server behind
  child.once('exit', () => process.removeListener('exit', abandon))
  const deadline = performance.now() + readyWithinMs
  for (let file = readServerFile(data); ; file = readServerFile(data)) {
    if (file !== null && file.pid === child.pid) return { child, file }
    if (hasEnded(child) || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new CommandError('server-unreachable', `starting a server on ${data}: it did not come up\n${said.join('')}`, 4)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (hasEnded(child)) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
