import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import closeWithGrace from 'close-with-grace'
import { startSystem } from '../system/start.ts'
import { realWorld } from '../clock.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

export interface ServeOptions extends SettingOptions {
  port?: number
  mqttPort?: number
  host?: string
  network?: string[]
  demo: boolean
}

/** Text of an option as a port number. */
export function asPort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('a port is a whole number from 0 to 65535')
  return port
}

/** `gaugekeeper serve`: the whole system until SIGTERM or Ctrl-C; exits 0 after it has drained. */
export function addServe(program: Command): void {
  withSettings(program.command('serve').description('run the system'))
    .option('--port <n>', 'HTTP port, 0 for a free one (default 8080)', asPort)
    .option('--mqtt-port <n>', 'MQTT port, 0 for a free one (default 1883)', asPort)
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--network <file...>', 'network files of the real fleet')
    .option('--no-demo', 'leave the simulated catchment out')
    .action(async (options: ServeOptions) => {
      const loaded = settingsOf(options, {
        'server.port': options.port,
        'server.mqttPort': options.mqttPort,
        'server.host': options.host,
        networks: options.network,
        'demo.enabled': options.demo ? undefined : false,
      })
      const system = await startSystem(loaded.config, realWorld)
      const stopped = new Promise<void>((resolve) => {
        closeWithGrace({ delay: 10_000, logger: false }, async ({ err }) => {
          if (err) system.log.fatal({ err }, 'stopping after an error nobody caught')
          await system.stop()
          resolve()
        })
      })
      await stopped
    })
}
