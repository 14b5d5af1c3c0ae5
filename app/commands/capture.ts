import { once } from 'node:events'
import type { Command } from 'commander'
import { privateOrLocalServer } from './chosen-server.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface CaptureOptions extends SettingOptions {
  from?: string
  to?: string
}

/** `gaugekeeper capture [--from N] [--to N]`: the journal as JSON lines on stdout. */
export function addCapture(program: Command): void {
  withSettings(program.command('capture').description('print what was received, as it was received: the journal as JSON lines'))
    .option('--from <number>', 'first delivery (default: the oldest kept)')
    .option('--to <number>', 'last delivery (default: the newest)')
    .action(async (options: CaptureOptions) => {
      const { client, close } = await privateOrLocalServer(settingsOf(options).config)
      try {
        const query = new URLSearchParams(
          Object.entries({ from: options.from, to: options.to }).filter((e): e is [string, string] => e[1] !== undefined),
        )
        const body = await client.stream(`/cli/capture?${query.toString()}`)
        for await (const chunk of body) if (!process.stdout.write(chunk)) await once(process.stdout, 'drain')
      } finally {
        await close()
      }
    })
}
