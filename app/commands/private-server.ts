import type { Settings } from '../config/all.ts'
import { realWorld } from '../clock.ts'
import { readServerFile } from '../server-file.ts'
import { startSystem } from '../system/start.ts'
import { clientOf, type ApiClient } from './client.ts'

/** The server that has the data folder open, or one of our own in it for as long as the command runs. */
export async function privateOrLocalServer(settings: Settings): Promise<{ client: ApiClient; close: () => Promise<void> }> {
  const running = readServerFile(settings.server.data)
  if (running) return { client: clientOf(running), close: () => Promise.resolve() }
  const quiet: Settings = {
    ...settings,
    server: { ...settings.server, host: '127.0.0.1', port: 0, mqttPort: 0, logLevel: 'warn' },
    demo: { ...settings.demo, enabled: false },
  }
  const system = await startSystem(quiet, realWorld)
  return { client: clientOf({ url: system.url, mqtt: system.mqtt, cliToken: system.cliToken }), close: () => system.stop() }
}
