import path from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { restoreBackup } from '../backup/restore.ts'
import type { Manifest } from '../backup/manifest.ts'
import { CommandError } from '../errors.ts'
import { readServerFile } from '../server-file.ts'
import type { BackupStep } from '../system/cli-routes.ts'
import { privateOrLocalServer } from './chosen-server.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

/** `gaugekeeper backup FOLDER` and `gaugekeeper restore FOLDER` */
export function addBackup(program: Command): void {
  withSettings(
    program
      .command('backup')
      .argument('<folder>', 'new folder that the backup is made in')
      .description('copy the data folder, while the server runs: journal, store, sessions, with checksums'),
  ).action(async (folder: string, options: SettingOptions) => {
    const { client, close } = await privateOrLocalServer(settingsOf(options).config)
    try {
      const body = await client.stream(`/cli/backup?${new URLSearchParams({ to: path.resolve(folder) }).toString()}`)
      report(folder, await followed(body))
    } finally {
      await close()
    }
  })
  withSettings(
    program
      .command('restore')
      .argument('<backup>', 'folder that `backup` made')
      .description('make the data folder from a backup, after its checksums were found right; the server must not run'),
  ).action(async (backup: string, options: SettingOptions) => {
    const { data } = settingsOf(options).config.server
    if (readServerFile(data)) throw new CommandError('backup-refused', `restoring into ${data}: its server runs; stop it first`, 1)
    report(data, await restoreBackup(backup, data))
    process.stderr.write('start it with: npx gaugekeeper serve\n')
  })
}

/** Tells each step on stderr; the manifest comes last. */
async function followed(body: AsyncIterable<Uint8Array>): Promise<Manifest> {
  for await (const line of createInterface({ input: Readable.from(body) })) {
    const step = JSON.parse(line) as BackupStep
    if ('failed' in step) throw new CommandError('backup-refused', step.failed, 1)
    if ('manifest' in step) return step.manifest
    process.stderr.write(`${step.step} …\n`)
  }
  throw new CommandError('server-unreachable', 'backing up: the server ended before it was done; look at its log', 4)
}

function report(place: string, { files, at, newest }: Manifest): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  process.stdout.write(
    `${place}: ${files.length} files, ${bytes} bytes, everything acknowledged before ${new Date(at).toISOString()} (delivery ${newest})\n`,
  )
}
